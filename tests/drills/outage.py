"""R5: the providers are down, answer 500, brake us and lose answers while 500 answers wait in 50 chats."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from tests.drill_case import Stage, staged, telegram, wait_until, whatsapp
from tests.drills.ledger import UNSENT, Ledger, figure, timed

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
CHATS, EACH = 50, 10
TELEGRAM_RATE, WHATSAPP_RATE, CHAT_SECONDS = 30, 80, 1.0
# As if a minute and a half had passed for all that waits; what is in somebody's hands is left alone.
LATER = """update conversation c set out_due_at = out_due_at - interval '90 seconds'
           where not exists (select from message m where m.conversation_id = c.id and m.state = 'sending')"""


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def ask(ledger: Ledger) -> None:
    """Ten questions in each of fifty chats; nobody sends yet."""
    stage = ledger.stage
    for n in range(CHATS * EACH):
        chat, words = n % CHATS, f"CEK {n:09}"
        stage.bot.know(2000 + chat)
        by_telegram = telegram(2000 + chat, words)
        ledger.post_until_taken(
            by_telegram if chat % 2 else whatsapp(stage.base_url, f"+62815{chat:08}", words)
        )


def break_in_turn(stage: Stage) -> None:
    """An hour in short: refused, 500, 429 with Retry-After, answers that never come, connections cut."""
    stage.twilio.stop_listening()
    stage.bot.stop()
    minutes(stage, 20)
    stage.twilio.listen()
    stage.bot.start()
    stage.twilio.fail_always(500)
    stage.bot.fail_next(500, times=10_000)
    minutes(stage, 20)
    stage.bot.mend()
    stage.twilio.fail_always(429, 20429)
    stage.bot.fail_next(429, retry_after=2, times=5)
    minutes(stage, 20)
    stage.twilio.accept()
    stage.bot.mend()
    for _ in range(3):
        stage.twilio.fail_next(how="timeout", on="Messages")
        stage.twilio.fail_next(how="drop", on="Messages")
    stage.bot.fail_next("drop", times=3, method="sendMessage")


def minutes(stage: Stage, count: int) -> None:
    """Let so much time pass for what waits."""
    for _ in range(count * 60 // 90):
        later(stage)


def later(stage: Stage) -> bool:
    """A minute and a half later, as far as what waits is concerned, and half a second in fact."""
    with psycopg.connect(plain_url(stage.database_url)) as connection:
        connection.execute("select id from conversation order by id for update")
        connection.execute(LATER)
    time.sleep(0.5)
    return True


def fastest(moments: list[float]) -> int:
    """The most hand-overs within any one second."""
    moments = sorted(moments)
    return max((sum(one <= at < one + 1.0 for at in moments) for one in moments), default=0)


def test_five_hundred_answers_survive_an_hour_without_their_providers(stage: Stage) -> None:
    stage.web()
    stage.twilio.callbacks = True
    ledger = Ledger(stage)
    ask(ledger)
    assert len(stage.rows(UNSENT)) == CHATS * EACH
    with stage.forking_workers() as fork:
        stage.twilio.stop_listening()
        for _ in range(2):
            fork()
        break_in_turn(stage)
        assert stage.handed_over < CHATS * EACH
        first = timed(
            lambda: later(stage) and len({one.chat_id for one in stage.bot.sent}) == CHATS // 2, 120
        )
        wait_until(lambda: later(stage) and stage.handed_over >= CHATS * EACH, 240)
        ledger.settle(60)
    balance = ledger.audit()
    whatsapp_rate = fastest([one.at for one in stage.twilio.sent])
    telegram_rate = fastest([one.time for one in stage.bot.sent])
    assert whatsapp_rate <= WHATSAPP_RATE and telegram_rate <= TELEGRAM_RATE
    figure("R5", f"{balance}; every Telegram chat had one {first:.1f} s after their return")
    busiest = Counter(one.chat_id for one in stage.bot.sent).most_common(1)[0][1]
    figure(
        "R5",
        f"fastest second: WhatsApp {whatsapp_rate} of {WHATSAPP_RATE}, Telegram {telegram_rate} of "
        f"{TELEGRAM_RATE}; {busiest} answers in a Telegram chat, {closest(stage):.2f} s apart at least",
    )
    assert closest(stage) > CHAT_SECONDS * 0.9


def closest(stage: Stage) -> float:
    """The shortest time between two messages in one Telegram chat, seconds."""
    found = []
    for chat in {one.chat_id for one in stage.bot.sent}:
        moments = [one.time for one in stage.bot.sent if one.chat_id == chat]
        found += [later - earlier for earlier, later in itertools.pairwise(moments)]
    return min(found)


def chats_told(stage: Stage) -> int:
    """How many Telegram chats have an answer."""
    return len({one.chat_id for one in stage.bot.sent})
