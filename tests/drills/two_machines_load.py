"""Two machines behind nginx under load: one is cut off twice, then the database, and the ledger balances."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from bot import numbers
from tests.conftest import new_data_dir
from tests.drill_case import Post, telegram, wait_until, whatsapp
from tests.drills.ledger import FAILED, UNSENT, figure, milliseconds, repeats
from tests.drills.site import AWAY, BACK, WORKING, Site, site

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
TWILIO_WAITS = (
    15.0  # seconds. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
)
CHATS, EACH, GAP = 40, 15, 0.16  # 600 messages in 96 s
CUT_SECONDS, AWAY_SECONDS = 24.0, 12.0  # of a machine, longer than a lease (20 s); of the database
QUICK, SLOW = 0.05, 4.0  # what the providers need for an answer, in seconds


@pytest.fixture
def whole() -> Iterator[Site]:
    with new_data_dir() as folder, site(folder) as made:
        yield made


@dataclass
class Book:
    """What citizens sent, in order, and what became of it at the proxy."""

    site: Site
    sent: dict[str, Post] = field(default_factory=dict)
    taken: dict[str, float] = field(default_factory=dict)  # id, and the seconds until its 2xx
    refused: Counter[int] = field(default_factory=Counter)  # answers that were no 2xx; 0: none within 15 s
    given_up: set[str] = field(default_factory=set)

    def post(self, what: Post) -> bool:
        """Post it once; returns whether it was acknowledged."""
        self.sent[what.id] = what
        begun = time.monotonic()
        status = self.site.tell(what, seconds=TWILIO_WAITS)
        if 200 <= status < 300:
            self.taken[what.id] = time.monotonic() - begun
            return True
        self.refused[status] += 1
        return False

    def write(self, chat: int, begin: float) -> None:
        """One citizen's messages. Telegram comes again until it is acknowledged; Twilio does not."""
        for n in range(chat, CHATS * EACH, CHATS):
            time.sleep(max(begin + n * GAP - time.monotonic(), 0.0))
            if chat % 2:
                what = whatsapp(self.site.base_url, f"+62812000{chat:05}", question(n))
                if not self.post(what):
                    self.given_up.add(what.id)
            else:
                what = telegram(1000 + chat, question(n))
                while not self.post(what):
                    time.sleep(0.5)


def question(n: int) -> str:
    """A question whose answer is like no other."""
    return "CEK " + next(f"{n:08}{d}" for d in range(10) if not numbers.is_number(f"{n:08}{d}"))


@dataclass(frozen=True)
class Cut:
    """What one cut did: messages in hand then, and seconds until the other machine had taken them over."""

    in_hand: int
    seconds: float


def cut_off(whole: Site, *networks: str) -> Cut:
    """Cut machine b off while its worker has something in hand, and join it again."""
    slow_down(whole, SLOW)
    wait_until(lambda: whole.in_hand("b"), 60)
    for network in networks:
        whole.machines.cut("b", network)
    cut = time.monotonic()
    time.sleep(0.5)
    held = whole.in_hand("b")
    slow_down(whole, QUICK)
    took = 0.0
    while time.monotonic() < cut + CUT_SECONDS:
        if not took and not held & whole.in_hand("b"):
            took = time.monotonic() - cut
        time.sleep(0.2)
    for network in networks:
        whole.machines.join("b", network)
    return Cut(len(held), round(took, 1))


def cut_database_off(whole: Site) -> int:
    """Nobody has the database; returns how many events waited in the spools at the end."""
    whole.machines.cut("database", "back")
    time.sleep(AWAY_SECONDS)
    waited = sum(whole.in_spool(machine) for machine in WORKING)
    whole.machines.join("database", "back")
    return waited


def slow_down(whole: Site, seconds: float) -> None:
    whole.twilio.latency = whole.bot.latency = seconds


def wait_seen(whole: Site, times: int) -> None:
    """Return once both processes of machine b have said so many times that they had been cut off."""
    for name in ("web-b", "worker-b"):
        wait_until(lambda name=name: whole.said(name).count(BACK) >= times, 60)  # type: ignore[misc]
        assert whole.said(name).count(AWAY) >= times


def audit(whole: Site, book: Book) -> tuple[int, int]:
    """Compare the book with database and providers; returns repeated answers and overtaken messages."""
    known = {row[0] for row in whole.rows("select provider_id from seen")}
    assert not (lost := book.taken.keys() - known), f"acknowledged and lost: {sorted(lost)[:5]}"
    assert not (odd := known - book.sent.keys()), f"never sent: {sorted(odd)[:5]}"
    assert book.sent.keys() - book.taken.keys() == book.given_up
    wrote, overtaken = whole.wrote(), 0
    for address in {what.address for what in book.sent.values()}:
        sent = [what.words for id, what in book.sent.items() if id in known and what.address == address]
        assert sorted(wrote[address]) == sorted(sent)
        overtaken += sum(one != other for one, other in zip(wrote[address], sent, strict=True))
    answers = whole.ledger()
    assert sum(len(told) for told, _ in answers.values()) == len(known)
    return sum(repeats(told, got) for told, got in answers.values()), overtaken


def test_one_of_two_machines_is_cut_off_in_mid_load_and_the_ledger_balances(whole: Site) -> None:
    whole.start_all("web", "worker")
    whole.proxy()
    whole.twilio.callbacks = True
    slow_down(whole, QUICK)
    for chat in range(0, CHATS, 2):
        whole.bot.know(1000 + chat)
    book, cuts, begin = Book(whole), [], time.monotonic() + 1
    with ThreadPoolExecutor(CHATS) as citizens:
        writing = [citizens.submit(book.write, chat, begin) for chat in range(CHATS)]
        time.sleep(8)
        for n, networks in enumerate((("back",), ("front", "back")), 1):
            cuts.append(cut_off(whole, *networks))
            wait_seen(whole, n)
            time.sleep(4)
        spooled = cut_database_off(whole)
        for one in writing:
            one.result(120)
    wait_until(lambda: not any(whole.in_spool(machine) for machine in WORKING), 60)
    wait_until(lambda: not whole.rows(UNSENT) and not whole.rows(FAILED), 120)
    again, overtaken = audit(whole, book)
    proxy = (whole.folder / "nginx.log").read_text()
    rows = whole.rows("select count(*) from seen")[0][0]
    for words in (
        f"{len(book.sent)} messages, {len(book.taken)} 2xx, {rows} rows, {whole.handed_over} answers",
        f"{cuts}; {spooled} in the spools; {again} answers repeated, {overtaken} messages overtaken",
        f"no 2xx {dict(book.refused)}, of them never one {len(book.given_up)}",
        f"acknowledged {milliseconds(list(book.taken.values()))}",
    ):
        figure("two machines", words)
    assert "while connecting to upstream" in proxy
    assert spooled and all(cut.seconds for cut in cuts)
    assert again <= sum(cut.in_hand for cut in cuts)
