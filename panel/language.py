"""The language that staff read the panel in: Indonesian as the code says it, or English from panel/locale.

The Indonesian sentence is the key. A template words its own by `_`; what code says is worded where it is
shown, by `said`, so that a use-case speaks Indonesian only and knows nothing of the panel.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from panel.access import ANYONE, audience

NAMES = {"id": "Bahasa Indonesia", "en": "English"}
FIRST = "id"
COOKIE = "language"
GLUE = "\x04"  # between context and key, as gettext has it
KEPT_SECONDS = 365 * 86_400
LOCALE = Path(__file__).parent / "locale"
VALUE = re.compile(r"\{(\w+)\}|%\((\w+)\)s")
OF_CODE = re.compile(r"\{\d\}|%\(")  # values of an f-string, or of a sentence of Flask-Security
Key = TypeVar("Key")

pages = Blueprint("language", __name__, url_prefix="/panel")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language by their Indonesian ones, each with its plural if it has one.

    `shapes` find a sentence of code again, {0} and {1} being its f-string's values, the most words first.
    """

    sentences: Mapping[str, tuple[str, ...]]
    shapes: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


@pages.get("/language/<any(id, en):language>")
@audience(ANYONE)
def choose(language: str) -> ResponseReturnValue:
    """Read the panel in a language from now on, in this browser; goes back to the page one came from."""
    wanted = request.args.get("next", "")
    answer = redirect(wanted if re.fullmatch(r"/panel/[\w./?=&%-]*", wanted, re.ASCII) else "/panel/login")
    safe = request.is_secure
    answer.set_cookie(
        COOKIE, language, KEPT_SECONDS, path="/panel", secure=safe, httponly=True, samesite="Lax"
    )
    return answer


def current() -> str:
    """The language of this request: the one chosen in this browser, else Indonesian."""
    chosen = request.cookies.get(COOKIE, FIRST) if has_request_context() else FIRST
    return chosen if chosen in NAMES else FIRST


def worded(key: str, /, **values: object) -> Markup:
    """A sentence of a template in the reader's language; see `worded_in`."""
    return worded_in("", key, **values)


def worded_in(place: str, key: str, /, **values: object) -> Markup:
    """A sentence that is another one elsewhere: "Masuk" is "Log in", and "Received".

    Args:
        place: where it stands, the catalogue's context; empty: anywhere.
        key: the Indonesian sentence.
        values: what goes into its braces; the first one decides between singular and plural.
    """
    named = f"{place}{GLUE}{key}" if place else key
    forms = _catalogue(current()).sentences.get(named, (key,)) if current() != FIRST else (key,)
    return escape(_form(forms, values.values())).format(**values)


def said(sentence: object) -> object:
    """A finished Indonesian sentence of the code in the reader's language; what is none stays as it is."""
    language = current()
    if language == FIRST or isinstance(sentence, Markup) or sentence is None:
        return sentence
    return _again(str(sentence), language)


def text(sentence: str) -> str:
    """The same for what is a plain text."""
    return str(said(sentence))


def all_said(names: Mapping[Key, str]) -> dict[Key, str]:
    """Names by their keys, each in the reader's language."""
    return {key: text(name) for key, name in names.items()}


def install(app: Flask) -> None:
    """Give templates their words, macros too."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(_=worded, _p=worded_in, language=current, languages=NAMES)
    app.jinja_env.filters.update(said=said)


@lru_cache(maxsize=4096)
def _again(sentence: str, language: str) -> str:
    catalogue = _catalogue(language)
    if found := catalogue.sentences.get(sentence):
        return found[0]
    for shape, forms in catalogue.shapes:
        if fits := shape.fullmatch(sentence):
            return _filled(forms, fits.groupdict(), language)
    parts = sentence.split(", ")
    known = len(parts) > 1 and any(part in catalogue.sentences for part in parts)
    return ", ".join(_again(part, language) for part in parts) if known else sentence


def _filled(forms: tuple[str, ...], values: Mapping[str, str], language: str) -> str:
    """A sentence with values that are worded too, where they are sentences themselves."""
    told = {name: _again(value, language) for name, value in values.items()}
    return VALUE.sub(lambda one: told[f"v{one[1] or one[2]}"], _form(forms, values.values()))


def _form(forms: tuple[str, ...], values: Iterable[object]) -> str:
    """Singular when the first value is one, else the plural, which is last."""
    first = next(iter(values), "")
    return forms[0] if str(first) == "1" else forms[-1]


@lru_cache(maxsize=len(NAMES))
def _catalogue(language: str) -> Catalogue:
    with (LOCALE / f"{language}.po").open("rb") as handle:
        found = [one for one in read_po(handle) if one.id]
    sentences = dict(_sentence(one) for one in found)
    shaped = [key for key in sentences if OF_CODE.search(key)]
    shaped.sort(key=lambda key: -len(VALUE.sub("", key)))
    return Catalogue(
        sentences, tuple((_shape(key, len(sentences[key]) > 1), sentences[key]) for key in shaped)
    )


def _sentence(one: Message) -> tuple[str, tuple[str, ...]]:
    forms = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
    key = str(one.id if isinstance(one.id, str) else one.id[0])
    return f"{one.context}{GLUE}{key}" if one.context else key, forms


def _shape(key: str, counts: bool) -> re.Pattern[str]:
    """What a sentence looks like when its values are filled in; one with a plural counts something first."""
    at, shape = 0, ""
    for value in VALUE.finditer(key):
        words = r"\d[\d.,]*\+?" if counts and not at else ".*?"
        shape += f"{re.escape(key[at : value.start()])}(?P<v{value[1] or value[2]}>{words})"
        at = value.end()
    return re.compile(shape + re.escape(key[at:]), re.DOTALL)
