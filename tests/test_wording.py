"""Every sentence that citizens read: it exists, keeps its placeholders, is plain, and fits its channel."""

import ast
import importlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po

from bot.care.closed import LEVELS
from bot.care.reminders import REMINDER
from bot.care.telling import REMARKS
from bot.channel import Option, Say
from bot.cities.city import read_city
from bot.cities.tables import LONGEST_CONTACT
from bot.languages import NAMES
from bot.script import (
    ANSWERED,
    CHANGE,
    KINDS,
    OTHER_CATEGORY,
    PRIVACY,
    READ_BACK,
    READ_BACKS,
    REMINDED,
    RESUME,
    SCRIPTS,
    SEND,
)
from bot.talk import after_closing, closing
from bot.talk.closing import CLOSE_OPTIONS, SOLVED_OPTIONS, STARS
from bot.talk.fresh import SMALL_TALK
from bot.talk.information import ANSWER, IS_IT
from bot.talk.privacy import FORGET, SURE
from bot.talk.questions import MISSES, slot_options
from bot.talk.twin_question import FOLLOW_IT, MAKE_NEW, TWIN
from bot.wording import PRODUCT, Line, Wording, day, shorten
from bot.workflow import STATUSES
from handlers.gsm7 import is_gsm7, septets, transliterate
from handlers.sms_text import draw
from handlers.telegram_text import CALLBACK_BYTES
from handlers.twilio_content import BUTTON_LABEL
from tests.house import ROOT, SEMARANG

CITY = read_city(SEMARANG)
CITIES = [read_city(file.parent) for file in ROOT.glob("city/*/city.csv")]
LANGUAGES = ("id", "en", "jv", "su")
WORDING = Wording(SEMARANG, LANGUAGES)
BOT = PRODUCT.parent
# Every file that says something to citizens: it words a line, or holds sentences that others word.
MODULES = sorted(
    ".".join(file.relative_to(BOT).with_suffix("").parts)
    for file in BOT.rglob("*.py")
    if "bot.wording import" in file.read_text("utf-8") or file.stem in ("script", "workflow", "media")
)


def read(language: str) -> list[Any]:
    with (PRODUCT / f"{language}.po").open("rb") as handle:
        return [message for message in read_po(handle) if message.id]


CATALOGUES = {language: read(language) for language in LANGUAGES}
WORDED = [
    pytest.param(language, message, id=f"{language}-{message.context}-{message.id[:40]}")
    for language, catalogue in CATALOGUES.items()
    for message in catalogue
]
every_language = pytest.mark.parametrize("language", LANGUAGES)


def lines_in(module: str) -> Iterator[str]:
    """The keys in calls of Line(...): a text, or a constant of the module."""
    tree = ast.parse((BOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    names = vars(importlib.import_module(f"bot.{module}"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Line":
            for leaf in ast.walk(node.args[0]):
                value = leaf.value if isinstance(leaf, ast.Constant) else names.get(getattr(leaf, "id", ""))
                if isinstance(value, str) and " " in value.strip():  # a sentence, not a name
                    yield value


ENDING = (SOLVED_OPTIONS, STARS, CLOSE_OPTIONS, (after_closing.THAT, after_closing.NEW))
BESIDE = (REMINDED, ANSWERED, KINDS, PRIVACY)
LABELS = {
    label
    for options in (SURE, SEND, CHANGE, RESUME, *BESIDE, *ENDING, (OTHER_CATEGORY,))
    for _, label in options
} | {FOLLOW_IT, MAKE_NEW}
NAMED = {
    value
    for module in MODULES
    for name, value in vars(importlib.import_module(f"bot.{module}")).items()
    if name.isupper() and isinstance(value, str) and " " in value
}
KEYS = sorted(
    {key for module in MODULES for key in lines_in(module)}
    | NAMED
    | {ask.question for script in SCRIPTS.values() for ask in script.steps}
    | {status.push for status in STATUSES.values() if status.push}
    | {f"status {name}" for name in STATUSES}
    | {*REMARKS.values(), *SMALL_TALK.values(), *MISSES, *LABELS} - {"affirm"}
)


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_the_catalogue_holds_exactly_what_is_said() -> None:
    written = {str(message.id) for message in CATALOGUES["id"]}
    constants = {
        node.value
        for module in MODULES
        for node in ast.walk(ast.parse((BOT / f"{module.replace('.', '/')}.py").read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(KEYS) <= written
    assert {key for key in written - constants if not key.startswith("status ")} == set()


@every_language
def test_every_language_says_the_same_things(language: str) -> None:
    assert sorted(file.stem for file in PRODUCT.glob("*.po")) == sorted(LANGUAGES) == sorted(NAMES)
    keys = [(message.context, message.id) for message in CATALOGUES[language]]
    assert keys == [(message.context, message.id) for message in CATALOGUES["id"]]


@pytest.mark.parametrize(("language", "message"), WORDED)
def test_every_sentence_is_worded_plainly_with_its_placeholders(language: str, message: Any) -> None:
    words = str(message.string)
    assert words.strip() and (words != message.id or language == "en")
    # A sentence by SMS may leave something out.
    assert placeholders(words) <= placeholders(message.id)
    assert message.context == "sms" or placeholders(words) == placeholders(message.id)
    assert not re.search(r"disposisi|eskalasi|verifikasi|tiket", words, re.IGNORECASE)
    assert not re.search(r"\b(kamu|kau|anda|anjeun|kowe|sampeyan|maneh)\b", words), "it is 'Anda', 'Anjeun'"
    sentences = re.split(r"[.?!:]\s|\n|[.?!]$", words)
    assert max(len(sentence.split()) for sentence in sentences) <= 15


def test_english_command_words_that_opt_out_at_twilio_are_never_offered() -> None:
    for message in (one for catalogue in CATALOGUES.values() for one in catalogue):
        assert not re.search(r"\b(CANCEL|END|QUIT|UNSUBSCRIBE)\b", str(message.string), re.IGNORECASE)


def test_the_words_to_type_are_the_same_in_every_language() -> None:
    commands = r"\b(BATAL|BANTUAN|STATUS|CEK|PETUGAS|START|LAPOR)\b"
    indonesian = {(one.context, one.id): set(re.findall(commands, one.string)) for one in CATALOGUES["id"]}
    for message in (one for catalogue in CATALOGUES.values() for one in catalogue):
        assert set(re.findall(commands, message.string)) == indonesian[message.context, message.id]


# --- SMS ----------
def year_of_days(language: str) -> list[str]:
    days = (datetime(2026, 1, 1, 12, tzinfo=CITY.timezone) + timedelta(days=n) for n in range(366))
    return [day(one, language, CITY.timezone) for one in days]


def longest_status(language: str) -> Line:
    keys = (f"status {name}" for name in STATUSES)
    return Line(max(keys, key=lambda key: len(WORDING.sentence(key, language))))


DANGER = max(
    (one for city in CITIES for one in city.emergencies), key=lambda one: len(one.label + one.number)
)
WORST = {
    "number": "417058236",
    "pin": "4821",
    "code": "482113",
    "channel": "WhatsApp",
    "into": "417058236",
    "office": max((office.short_name for city in CITIES for office in city.offices.values()), key=len),
    "place": shorten("Perumahan Graha Padma Blok Cendana Raya", 30).ljust(30, "x"),
    "story": "x" * 40,
    "city": max((city.name for city in CITIES), key=len),
    "year": "2027",
    "note": "",
    "words": "x",
}
WORST |= {"addresses": "WhatsApp ...123, WhatsApp ...456, Telegram ...789", "count": "120", "times": "1200"}
WORST |= {"ombudsman": "x" * LONGEST_CONTACT, "numbers": ", ".join(["417058236"] * 5)}
WORST |= {"link": "https://aduan.kota-terpanjang.go.id/panel/"}
WORST |= dict.fromkeys(("late", "today", "soon", "news"), "1200")
WORST |= {"external": "X" * 30, "first": "DPU", "last": "DLH"}  # two offices: see tests/test_forwarding.py
WORST |= {"looks": f"{WORST['office']} 120x", "reports": "", "days": "3650"}
NOT_BY_SMS = {READ_BACK, *READ_BACKS.values(), ANSWER, TWIN}  # an SMS is filed at once
BY_SMS = [key for key in KEYS if key not in NOT_BY_SMS and key not in LABELS]


def as_sms(key: str, language: str, **more: str) -> str:
    levels = (WORDING.sentence(line.key, language, "sms") for line in LEVELS.values())
    long = {
        "due": max(year_of_days(language), key=len),
        "status": longest_status(language),
        "level": max(levels, key=len),
    }
    long |= {"day": long["due"], "last": long["due"]}
    long |= dict.fromkeys(("contact", "texts"), Line("{days} days after closing", {"days": "3650"}))
    values: dict[str, object] = {**WORST, **long, **more}
    if key.startswith("Danger"):
        values |= {"number": DANGER.number, "label": DANGER.label}
    return WORDING.line(Line(key, values), language, "sms")


@every_language
@pytest.mark.parametrize("key", BY_SMS, ids=lambda key: key[:40])
def test_every_sentence_is_one_sms_with_the_longest_values(key: str, language: str) -> None:
    words = as_sms(key, language)
    (payload,) = draw(Say(words))
    assert is_gsm7(payload.text) and septets(payload.text) <= 160
    assert transliterate(words) == words, "nothing is replaced on the way"


@every_language
@pytest.mark.parametrize(
    "status", [status for status in STATUSES.values() if status.push], ids=lambda s: s.name
)
def test_every_push_is_one_sms_and_at_most_two_with_an_officers_words(status: Any, language: str) -> None:
    remark = [as_sms(REMARKS[status.name], language)] if status.name in REMARKS else []
    asked = sms_options(SOLVED_OPTIONS, language) if status.name == "answered" else ()
    bare = "\n".join([as_sms(status.push, language), *remark, "417058236"])
    assert len(draw(Say(bare, asked))) == 1
    told = "\n".join([as_sms(status.push, language, note="Kata petugas. " * 10), *remark, "417058236"])
    assert len(draw(Say(told, asked, staff=True))) <= 2


def sms_options(options: Any, language: str) -> tuple[Option, ...]:
    return tuple(Option(id_, WORDING.sentence(label, language, "sms")) for id_, label in options)


@every_language
def test_every_question_at_the_end_of_a_report_is_one_sms(language: str) -> None:
    asked = {closing.SOLVED: SOLVED_OPTIONS, closing.HOW: STARS, closing.CLOSE: CLOSE_OPTIONS}
    asked[after_closing.ABOUT] = (after_closing.THAT, after_closing.NEW)
    for key, options in asked.items():
        assert len(draw(Say(as_sms(key, language), sms_options(options, language)))) == 1
        labels = [option.label for option in sms_options(options, language)]
        assert len(set(labels)) == len(labels) and max(map(len, labels)) <= BUTTON_LABEL


@every_language
def test_every_question_with_choices_is_one_sms(language: str) -> None:
    names = sorted((one.name for one in CITY.categories.values()), key=len, reverse=True)
    asked = {
        "Which service is this about?": [*names[:4], WORDING.sentence("Something else", language)],
        "What shall we change?": [WORDING.sentence(label, language, "sms") for _, label in CHANGE],
        "We were speaking about: {story}. Go on?": [
            WORDING.sentence(label, language, "sms") for _, label in RESUME
        ],
        "Which language do you choose?": list(NAMES.values()),
        REMINDER: [WORDING.sentence(label, language, "sms") for _, label in REMINDED],
        IS_IT: [WORDING.sentence(label, language, "sms") for _, label in ANSWERED],
        FORGET: [WORDING.sentence(label, language, "sms") for _, label in SURE],
    }
    for key, labels in asked.items():
        assert key in KEYS
        assert len(draw(Say(as_sms(key, language), tuple(Option(label, label) for label in labels)))) == 1


# --- buttons ----------
@every_language
def test_every_label_fits_a_button_of_whatsapp(language: str) -> None:
    labels = [WORDING.sentence(label, language) for label in LABELS]
    for label in (*labels, *NAMES.values(), *(one.name for one in CITY.categories.values())):
        assert 0 < len(label) <= BUTTON_LABEL, label
    for options in (SEND, CHANGE, RESUME, *BESIDE):
        shown = [WORDING.sentence(label, language) for _, label in options]
        assert len(set(shown)) == len(shown)


def test_every_option_fits_the_data_of_a_telegram_button() -> None:
    categories = [(code, code) for code in CITY.categories]
    asked = {"send": SEND, "change": CHANGE, "resume": RESUME, "category": (*categories, OTHER_CATEGORY)}
    ids = [id_ for slot, options in asked.items() for id_, _ in slot_options(slot, options)]
    assert max(len(id_.encode()) for id_ in ids) <= CALLBACK_BYTES
    assert len(set(ids)) == len(set(categories)) + len(SEND) + len(CHANGE) + len(RESUME)
