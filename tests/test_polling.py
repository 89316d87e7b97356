"""Telegram without a webhook, as a newcomer runs it: the worker asks a Bot API server for updates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import seconds_until
from tests.running import ROOT, clean_environment, running
from tests.telegram_server import TOKEN, TelegramServer

CITIZEN = 777
pytestmark = pytest.mark.timeout(180)


def settings_for(telegram: TelegramServer) -> dict[str, str]:
    return {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "WEB_WORKERS": "1"}


def command(data_dir: Path, telegram: TelegramServer, *arguments: str) -> str:
    env = clean_environment(DATA_DIR=str(data_dir), **settings_for(telegram))
    done = subprocess.run(
        [sys.executable, "app.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def tickets(data_dir: Path, telegram: TelegramServer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in command(data_dir, telegram, "tickets", "--json").splitlines()]


def hears(telegram: TelegramServer, words: str, times: int = 1) -> None:
    """Wait until the citizen has got it so many times."""
    seconds_until(lambda: sum(words in one.text for one in telegram.sent) >= times, 30)


def test_a_report_by_polling_is_filed_by_a_button_answered_and_taken_once(data_dir: Path) -> None:
    with TelegramServer() as telegram:
        with running(data_dir, **settings_for(telegram)):
            telegram.push_text(CITIZEN, "lampu jalan mati di Jl Pemuda, Sekayu")
            hears(telegram, "Sudah benar?")
            telegram.press(CITIZEN, "send=send")
            hears(telegram, "Laporan Anda diterima")
            seconds_until(lambda: telegram.answered, 10)  # the button stops spinning

            (ticket,) = tickets(data_dir, telegram)
            assert (ticket["status"], ticket["office"], ticket["channel"]) == (
                "received",
                "DISPERKIM",
                "telegram",
            )
            command(
                data_dir,
                telegram,
                "answer",
                ticket["number"],
                "Sudah diganti.",
                "--as",
                "admin@kentongan.local",
            )
            hears(telegram, "Sudah diganti.")

        telegram.push_text(CITIZEN, "terima kasih")  # while we are away
        with running(data_dir, **settings_for(telegram)):
            hears(telegram, "Terima kasih atas pesan Anda.")
            assert len(tickets(data_dir, telegram)) == 1  # nothing was taken a second time
            assert sum("Laporan Anda diterima" in one.text for one in telegram.sent) == 1
