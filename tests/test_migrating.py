"""Tables change while webhooks come in: none is refused, none waits long, none is lost (R12)."""

import threading
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from bot import jobs
from bot.cities import load
from storage.migrate import current, migrate, newest
from tests.house import city
from tests.phones import SmsPhone
from tests.streets import open_town

WRITERS = 4


class Citizens:
    """Write one message after the other until they are told to end; note each answer and its time."""

    def __init__(self, phones: list[SmsPhone]) -> None:
        self.answers: list[tuple[int, float]] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(phone,)) for phone in phones]

    def __enter__(self) -> "Citizens":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    def _write(self, phone: SmsPhone) -> None:
        n = 0
        while not self._ended.is_set():
            n += 1
            begun = time.monotonic()
            status = phone.get(f"CEK {n:09}", f"{phone.address}-{n}")
            self.answers.append((status, time.monotonic() - begun))
            self._ended.wait(0.05)


def test_tables_of_an_earlier_release_are_brought_up_to_date_while_webhooks_come_in(
    empty_database: str, tmp_path: Path
) -> None:
    engine = create_engine(empty_database)
    migrate(engine, "0004")
    assert current(engine) == "0004"
    with open_town(empty_database, tmp_path, hire=False) as town:
        with Citizens([SmsPhone(town) for _ in range(WRITERS)]) as citizens:
            time.sleep(1.0)
            with engine.connect() as report:  # somebody reads for long: what changes the table has to wait
                report.execute(text("select count(*) from ticket"))
                moved = threading.Thread(target=migrate, args=(engine,))
                moved.start()
                time.sleep(6.5)
                report.rollback()
            moved.join(60)
            time.sleep(1.0)
        assert current(engine) == newest()
        assert {status for status, _ in citizens.answers} == {200}
        print(f"{len(citizens.answers)} webhooks, slowest {max(t for _, t in citizens.answers):.2f} s")
        assert max(seconds for _, seconds in citizens.answers) < 5
        with town.house.database.transaction() as tx:
            load.load(tx, city())
        while town.one("select count(*) from raw_event where state = 'failed'")[0]:
            jobs.retry_failed(town.house)
        assert town.count("seen") == len(citizens.answers)
        said = town.one("select count(*) from message where direction = 'in'")[0]
        assert said == len(citizens.answers)
    engine.dispose()
