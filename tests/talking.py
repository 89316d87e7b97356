"""A citizen talks with the pure engine: no channel, no database; what is said, asked and done."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import flow
from bot.answers import Answers, Heard
from bot.cities.city import read_city
from bot.normalise import normalise
from bot.talk.deeds import Deed, SetLanguage
from bot.talk.fresh import Known, Report
from bot.talk.mind import CityMind
from bot.understanding import Understanding
from bot.wording import Line, Wording
from tests.house import SEMARANG

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CITY = read_city(SEMARANG)
UNDERSTANDING = Understanding(CITY)
WORDING = Wording(SEMARANG, ("id", "en", "jv", "su"))
HOLE = "jalan berlubang besar di Kelurahan Sekayu"
WHERE = "Di mana tempatnya?"
SEND = ["send=send", "send=anonymous", "send=change", "send=cancel"]
FIRE = "tolong kebakaran di rumah saya"
SEKAYU, TUGUREJO = "33.74.01.1007", "33.74.16.1002"


class Talk:
    """One chat: remembers the state and the language, tells the time, and words what is said."""

    def __init__(
        self, *, sms: bool = False, report: Report | None = None, wording: Wording = WORDING
    ) -> None:
        self.known = Known(NOW, sms, report)
        self.wording, self.language = wording, wording.languages[0]
        self.state: dict[str, Any] = {}
        self.alike: Callable[[Answers], Sequence[Mapping[str, Any]]] = lambda _answers: ()
        self.does: tuple[Line | Deed, ...] = ()

    def hears(self, text: str = "", **more: Any) -> list[str]:
        """What the bot answers, in words."""
        heard = Heard(normalise(text), **more)
        context = "sms" if self.known.sms else ""
        mind = CityMind(CITY, UNDERSTANDING, self.wording, self.language, context, self.alike)
        self.state, self.does = self._kept(flow.turn(self.state, heard, self.known, mind))
        for deed in self.deeds:
            self.language = deed.code if isinstance(deed, SetLanguage) else self.language
        worded = [replace(line, values=_shown(line)) for line in self.lines]
        return [self.wording.line(line, self.language, "") for line in worded]

    def _kept(self, turn: Any) -> tuple[dict[str, Any], tuple[Line | Deed, ...]]:
        state = json.loads(json.dumps(turn.state))  # the database keeps it as JSON
        return ({**state, "ticket": state.get("ticket", 1)} if state.get("script") else state), turn.does

    @property
    def lines(self) -> list[Line]:
        return [one for one in self.does if isinstance(one, Line)]

    @property
    def deeds(self) -> list[Deed]:
        return [one for one in self.does if not isinstance(one, Line)]

    @property
    def choices(self) -> list[str]:
        return [id_ for line in self.lines for id_, _ in line.options]

    def did(self, kind: type[Any]) -> Any:
        """The last deed of a kind."""
        return [one for one in self.deeds if isinstance(one, kind)][-1]

    def later(self, **by: float) -> None:
        self.known = replace(self.known, now=self.known.now + timedelta(**by))


def _shown(line: Line) -> dict[str, object]:
    return {"city": "Kota Semarang", **line.values}


def open_report(status: str = "received", *, place: str = SEKAYU) -> Report:
    return Report(7, "417058236", status, bool(place), "jalan", place)


def paused() -> Talk:
    """A chat with a draft that has been silent for a day."""
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.later(hours=24)
    return talk
