"""DATA SAYA and HAPUS DATA: what is asked and understood. What is done: my_data.py and requests.py."""

from collections.abc import Mapping
from typing import Any

from bot.answers import Mind, Options
from bot.talk.deeds import Deed, ShowMyData
from bot.talk.questions import slot_options
from bot.wording import Line

NAME = "forget_me"
SURE: Options = (("yes", "Yes, delete"), ("no", "No, keep it"))
FORGET = (
    "Your contact, name, chat and photos will be deleted. Reports stay public, without your words.\n"
    "Open reports are closed, unless others follow them. Encrypted raw copies vanish within 30 days.\n"
    "Delete your data?"
)
NOT_FORGOTTEN = "All right, nothing is deleted."

Done = tuple[dict[str, Any], tuple[Line | Deed, ...]]


def my_data(state: Mapping[str, Any]) -> Done:
    """DATA SAYA: what we hold of this person."""
    return dict(state), (ShowMyData(),)


def forget_me(state: Mapping[str, Any]) -> Done:
    """HAPUS DATA or CABUT PERSETUJUAN: what goes and what stays, and whether that is meant."""
    return {**state, "aside": {"name": NAME}}, (question(),)


def is_asked(state: Mapping[str, Any]) -> bool:
    """Whether the question before deleting is open."""
    return bool((state.get("aside") or {}).get("name") == NAME)


def question(data: Mapping[str, Any] | None = None, mind: Mind | None = None) -> Line:
    """The question before anything is deleted."""
    return Line(FORGET, options=slot_options(NAME, SURE))
