"""An installation for the commands: settings of its own, and `python app.py ...` as real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot import inbound
from bot.channel import Inbound
from bot.house import House
from bot.settings import Settings
from storage.keys import make_keys
from tests import warm_commands
from tests.house import ROOT, SEMARANG, make_house
from tests.warm_commands import Ended

OURS = {name.upper() for name in Settings.model_fields} | {"KENTONGAN_TEST_CLOCK", "PYTHONPATH"}
STORY = "Lapor jalan berlubang besar di depan Pasar Johar, sudah dua minggu"


@dataclass
class Installation:
    """Settings by name in capitals; commands run in a folder without a .env of anybody's."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {
            "DATA_DIR": str(self.folder),
            "CITY": str(SEMARANG),
            "DATA_KEYS": make_keys(),
            **self.settings,
        }

    def environment(self, **changed: str) -> dict[str, str]:
        """The machine's environment with nothing but our settings in it."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, **self.settings, **changed}

    def start(self, *words: str, **changed: str) -> subprocess.Popen[str]:
        """A command with pipes to write to and read from."""
        pipe = subprocess.PIPE
        argv = [sys.executable, str(ROOT / "app.py"), *words]
        env = self.environment(**changed)
        return subprocess.Popen(
            argv, cwd=self.folder, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    def command(self, *words: str, typed: str = "", **changed: str) -> Ended:
        """Run a command to its end; `web`, `worker` and `run` end only where they are refused."""
        return warm_commands.run(words, self.folder, self.environment(**changed), typed)

    def ok(self, *words: str, typed: str = "", **changed: str) -> str:
        """What a command says that works."""
        ended = self.command(*words, typed=typed, **changed)
        assert ended.code == 0, ended
        return ended.said

    def house(self, **chosen: Any) -> House:
        """The same installation in this process, with tables and city, for a test to look into."""
        return make_house(
            self.settings["DATABASE_URL"], self.folder, data_keys=self.settings["DATA_KEYS"], **chosen
        )

    def tickets(self, *options: str) -> list[dict[str, Any]]:
        """What `tickets --json` gives."""
        return [json.loads(line) for line in self.ok("tickets", "--json", *options).split("\n")[:-1]]


def tell(house: House, text: str, *, address: str = "warga-1", look: str = "sms", **more: Any) -> None:
    """A citizen writes from a simulated phone."""
    event = Inbound("simulator", look, uuid4().hex, address, text=text, raw=text, **more)
    assert inbound.receive(house, event) == "taken"


def is_one_sentence(text: str) -> bool:
    """Whether this is one line that reads like a sentence, and no trace."""
    return text.count("\n") == 1 and text.rstrip("\n").endswith((".", "?")) and "Traceback" not in text


def rows_of(lines: str) -> list[Mapping[str, Any]]:
    """JSON objects, one a line."""
    return [json.loads(line) for line in lines.splitlines()]
