"""The words of the panel, as its sources have them: templates, and Python code that speaks to staff."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

from panel.language import GLUE, VALUE

JINJA = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
# Attributes that somebody reads or hears.
HEARD = ("aria-label", "placeholder", "title", "alt", "label", "data-said")
# What is the same in every language, or no word at all.
NAMES = re.compile(r"Kentongan|Telegram|WhatsApp|SMS|&\w+;|[^A-Za-z]+|\bx\b")
ATTRIBUTE = re.compile(r"""[\w-]+="[^"]*\"""")  # in the text of a macro that stands in a tag
SILENT = ("code", "kbd", "script", "style")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a template: text, expr, stmt, tag or silent; `where` is "" or the attribute around."""

    kind: str
    where: str
    start: int
    end: int


def pieces(source: str) -> Iterator[Piece]:
    """The stretches of a template in their order."""
    walker = _Walker()
    at = 0
    for part in JINJA.split(source):
        if part.startswith(("{{", "{%", "{#")) and JINJA.fullmatch(part):
            kind = {"{{": "expr", "{%": "stmt", "{#": "stmt"}[part[:2]]
            yield Piece(kind, walker.where, at, at + len(part))
        else:
            for kind, where, start, end in walker.walk(part):
                yield Piece(kind, where, at + start, at + end)
        at += len(part)


class _Walker:
    """Knows, while it reads on, whether it stands in a text, in a tag or in the value of an attribute."""

    def __init__(self) -> None:
        self.where = ""
        self.quote = ""
        self.seen = ""
        self.silent = 0

    def walk(self, part: str) -> Iterator[tuple[str, str, int, int]]:
        start = 0
        for at, letter in enumerate(part):
            if not self.where and letter == "<" and part[at + 1 : at + 2].strip():
                yield "silent" if self.silent else "text", "", start, at
                self.where, self.seen, start = "tag", "", at
            elif self.where == "tag" and letter == ">":
                self._close()
                yield "tag", "tag", start, at + 1
                self.where, start = "", at + 1
            elif self.where == "tag" and letter in "\"'":
                name = re.search(r"([\w:-]+)=$", self.seen)
                yield "tag", "tag", start, at + 1
                self.where, self.quote, start = "@" + (name[1] if name else ""), letter, at + 1
            elif self.where.startswith("@") and letter == self.quote:
                yield "text", self.where, start, at
                yield "tag", "tag", at, at + 1
                self.where, self.seen, start = "tag", self.seen + '"', at + 1
            elif self.where == "tag":
                self.seen += letter
        kind = "tag" if self.where == "tag" else "silent" if self.silent and not self.where else "text"
        yield kind, self.where, start, len(part)

    def _close(self) -> None:
        name = re.match(r"<(/?)(\w+)", self.seen and "<" + self.seen.lstrip("<"))
        if name and name[2] in SILENT:
            self.silent = 0 if name[1] else 1


def runs(source: str) -> Iterator[list[Piece]]:
    """Texts with the values between them, each as one list: what a reader takes for one stretch of words."""
    run: list[Piece] = []
    for piece in pieces(source):
        if piece.start == piece.end:
            continue
        if piece.kind in ("text", "expr") and (not run or piece.where == run[-1].where):
            run.append(piece)
            continue
        if run:
            yield run
        run = [piece] if piece.kind in ("text", "expr") else []
    if run:
        yield run


def says(text: str) -> bool:
    """Whether a text has a word of a language in it."""
    return bool(NAMES.sub("", text))


def bare(source: str) -> list[str]:
    """Words of a template that no call of `_` gives: they would stay Indonesian for ever."""
    found = []
    for run in runs(source):
        where = run[0].where
        if where and where.removeprefix("@") not in HEARD:
            continue
        text = "".join(source[one.start : one.end] for one in run if one.kind == "text")
        if says(ATTRIBUTE.sub("", text)):
            found.append(" ".join(text.split()))
    return found


def literals(path: Path) -> Iterator[str]:
    """Every text in Python code, but for docstrings; the values of an f-string become {0}, {1} ..."""
    tree = ast.parse(path.read_text("utf-8"))
    whole = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in whole for part in node.values if isinstance(part, ast.Constant)}
    formats = [node.format_spec for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)]
    inside |= {id(leaf) for one in formats if one for leaf in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))
        elif id(node) in inside:
            continue
        elif isinstance(node, ast.JoinedStr):
            yield joined(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def joined(node: ast.JoinedStr) -> str:
    """An f-string with its values numbered."""
    count = iter(range(99))
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(count)}}}" for part in node.values
    )


def placeholders(words: str) -> set[str]:
    """The values in braces."""
    return set(VALUE.findall(words))


def template_keys(templates: Path) -> dict[str, str]:
    """Every sentence that a template words, with a template that has it; the context comes before a GLUE."""
    found: dict[str, str] = {}
    for file in sorted(templates.glob("*.html")):
        with file.open("rb") as handle:
            for _, name, told, _ in babel_extract(handle, ("_", "_p"), (), {}):
                words = [one for one in (told if isinstance(told, tuple) else (told,)) if one]
                if words:
                    found.setdefault(GLUE.join(words[:2]) if name == "_p" else words[0], file.name)
    return found


def unworded(source: str) -> set[str]:
    """Texts in the expressions of a template that are not what `_` and `_p` are given."""
    tree = Environment().parse(source)
    given = {
        id(leaf)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "_p")
        for leaf in call.args
    }
    return {
        one.value for one in tree.find_all(nodes.Const) if id(one) not in given and isinstance(one.value, str)
    }
