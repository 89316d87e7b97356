"""The panel's catalogue has exactly what its templates and its code say; no template says a word past it."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from bot.wording import PRODUCT
from panel.language import GLUE, LOCALE, text
from tests.house import ROOT
from tests.panel_words import bare, literals, placeholders, template_keys, unworded

TEMPLATES = ROOT / "panel/templates/panel"
WORDS = re.compile(r"[a-z]{3,}")
# Code whose words no page of the panel shows: a command's, citizens', a log's, a sheet's, another system's.
ELSEWHERE = """
    panel/export.py panel/language.py panel/replies.py panel/sheets.py bot/answers.py bot/cities
    bot/demo bot/delivery/room.py bot/inbound.py bot/languages.py bot/people/linked.py bot/people/my_data.py
    bot/reading bot/script.py bot/settings.py bot/talk bot/wording.py bot/words.py bot/care/upward.py
    bot/care/vocabulary.py handlers/commands handlers/simulator.py handlers/telegram.py
    handlers/twilio_content.py handlers/webhooks handlers/whatsapp.py storage
""".split()
NOT_TOLD = (
    """
    attachment;|{0}; filename=|jalan jln |bantuan_sosial |ada adalah |Baru {0} laporan yang
    Dari {0} laporan, tebakan|AccountSid |an option's label|yang untuk
""".strip()
    .replace("\n    ", "|")
    .split("|")
)
SQL = re.compile(r"\s*(select|insert|update|delete|with|join|from|and|or|order|exists|case|not)\b", re.I)


def catalogue() -> dict[str, Any]:
    with (LOCALE / "en.po").open("rb") as handle:
        every = [one for one in read_po(handle) if one.id]
    return {_key(one).removeprefix(GLUE): one for one in every}


def _key(message: Any) -> str:
    return f"{message.context or ''}{GLUE}{message.id if isinstance(message.id, str) else message.id[0]}"


ENGLISH = catalogue()
SAID = template_keys(TEMPLATES)


def code() -> list[Path]:
    files = (
        file for folder in ("panel", "bot", "handlers", "storage") for file in (ROOT / folder).rglob("*.py")
    )
    return [file for file in files if file.parent.name != "versions"]


def forms(message: Any) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_of_the_templates_has_its_english_one() -> None:
    assert len(SAID) > 500
    assert {key: file for key, file in SAID.items() if key not in ENGLISH} == {}


def test_no_sentence_is_left_that_nobody_says() -> None:
    written = {key for file in code() for key in literals(file)}
    assert {key for key in ENGLISH if key not in SAID and key not in written} == set()


def test_every_sentence_keeps_its_values() -> None:
    for key, message in ENGLISH.items():
        for words in forms(message):
            assert words.strip(), key
            assert placeholders(words) == placeholders(key), key
            assert words[:1].isspace() == key[:1].isspace(), key


TOLD = {word for one in ENGLISH.values() for words in forms(one) for word in WORDS.findall(words.lower())}
# Words that only Indonesian sentences have.
INDONESIAN = {word for key in ENGLISH for word in WORDS.findall(key.lower())} - TOLD
NO_WORDS = {"panel/_admin_nav.html"}


def test_code_says_nothing_to_staff_that_has_no_english_sentence() -> None:
    with (PRODUCT / "id.po").open("rb") as handle:
        citizens = {str(one.id) for one in read_po(handle)}
    shown = [file for file in code() if not str(file.relative_to(ROOT)).startswith(tuple(ELSEWHERE))]
    assert len(shown) > 100
    silent = {
        f"{file.relative_to(ROOT)}: {key}"
        for file in shown
        for key in literals(file)
        if key not in ENGLISH and " " in key.strip() and not SQL.match(key)
        if key not in citizens and not key.startswith(tuple(NOT_TOLD))
        if set(WORDS.findall(key.lower())) & INDONESIAN
    }
    assert silent == set()


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.html")), ids=lambda file: file.name)
def test_a_template_has_no_words_but_those_it_gives_to_the_catalogue(file: Path) -> None:
    source = file.read_text("utf-8")
    assert bare(source) == []
    assert {one for one in unworded(source) if set(WORDS.findall(one.lower())) & INDONESIAN} <= NO_WORDS


def test_the_test_above_sees_words_in_texts_attributes_and_beside_values() -> None:
    assert bare("<p>Belum ada</p>") == ["Belum ada"]
    assert bare('<input placeholder="Nomor"><b class="x y">{{ n }} laporan</b>') == ["Nomor", "laporan"]
    assert (
        bare('<a href="/x" {% if a %}aria-current="page"{% endif %}>{{ _("Ya") }}</a> · <code>a b</code>')
        == []
    )


def test_outside_of_a_request_everything_is_indonesian() -> None:
    assert text("Laporan diteruskan.") == "Laporan diteruskan."
