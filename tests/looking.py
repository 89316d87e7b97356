"""What is asked of every page: axe's rules in light and dark, a phone's width, targets, focus, weight."""

import gzip
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.browser import unfold

STATIC = Path(__file__).parents[1] / "panel" / "static"
HEAVIEST = (
    100_000  # bytes of a page gzipped, with its own styles and scripts; not the vendored ones, no photos
)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
# Disabled by default as long as few know WCAG 2.2.
# Source: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md#wcag-22-level-a--aa-rules
ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
# Hundreds of choices of one list are looked at as three of them.
FEWER = """document.querySelectorAll('datalist, select, .tree').forEach((one) =>
    [...one.children].slice(3).forEach((more) => more.selected || more.remove()))"""
# The height that a finger meets: of a box or a dot its label belongs to it.
SMALL = """() => [...document.querySelectorAll('button, select, textarea, summary, input:not([type=hidden])')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one, [one, ...(/^(checkbox|radio)$/.test(one.type) ? one.labels : [])]
        .map((part) => part.getBoundingClientRect())])
    .filter(([, boxes]) => Math.max(...boxes.map((box) => box.bottom))
                           - Math.min(...boxes.map((box) => box.top)) < 43.5)
    .map(([one]) => one.outerHTML.slice(0, 120))"""
WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""
# What has the focus is outlined, and not wholly under something that sticks to an edge.
FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return "";
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const row = one.closest("tr"), shows = (it) => it && getComputedStyle(it).outlineStyle !== "none";
    if (!shows(one) && !shows(row)) return "no outline: " + one.outerHTML.slice(0, 120);
    const points = [[.5, .5], [.1, .2], [.9, .8]]
        .map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
    const seen = points.some(([x, y]) => {
        const top = document.elementFromPoint(x, y);
        return top && (one.contains(top) || top.contains(one)
                       || [...(one.labels || [])].some((label) => label.contains(top)));
    });
    return seen ? one.outerHTML.slice(0, 60) : "hidden: " + one.outerHTML.slice(0, 120);
}"""


def faults(page: Page, answer: Response | None) -> list[str]:
    """What is wrong with the page that is open, folded parts opened: sentences for who mends it.

    The page is left in light, on a desktop.
    """
    unfold(page)
    page.evaluate(FEWER)
    found = [*_axe(page, ALL, "light")]
    page.emulate_media(color_scheme="dark")
    found += _axe(page, COLOURS, "dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found += [f"too wide for a phone: {one}" for one in page.evaluate(WIDE)]
    found += [f"less than 44 px on a phone: {one}" for one in page.evaluate(SMALL)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    weight = _weight(answer) if answer else 0
    return [*found, *([f"weighs {weight} bytes"] if weight > HEAVIEST else [])]


def focus_faults(page: Page, most: int = 200) -> tuple[int, list[str]]:
    """Go through a page by Tab: how many stops it has, and which of them are not seen."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    wrong, stops = [], 0
    for _ in range(most):
        page.keyboard.press("Tab")
        told = page.evaluate(FOCUSED)
        if not told:
            break
        stops += 1
        wrong += [told] if told.startswith(("hidden", "no outline")) else []
    return stops, wrong


def _axe(page: Page, options: dict[str, Any], scheme: str) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{scheme}: {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


def _weight(answer: Response) -> int:
    own = [one for one in STATIC.iterdir() if one.is_file()]
    return sum(len(gzip.compress(one)) for one in (answer.body(), *(path.read_bytes() for path in own)))
