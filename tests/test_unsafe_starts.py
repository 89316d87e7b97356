"""A start that would be open to strangers, or cannot work, ends with code 2 and exactly one sentence."""

from pathlib import Path

import pytest

from storage.keys import make_keys
from tests.installation import Installation, is_one_sentence

PUBLIC = {"PUBLIC_URL": "https://lapor.example.go.id"}
SID = "AC" + "0" * 32
TOKEN = "123456:abcdefghijklmnopqrstuvwxyz"
KANNEL = {"KANNEL_SENDSMS_URL": "http://127.0.0.1:13013/cgi-bin/sendsms"}
NOWHERE = "postgresql://u:rahasia-basis-data@127.0.0.1:9/x"
STARTS = {
    "default secret key": ({**PUBLIC, "DATA_KEYS": make_keys()}, "SECRET_KEY"),
    "short secret key": ({**PUBLIC, "SECRET_KEY": "pendek"}, "SECRET_KEY"),
    "open host": ({"HOST": "0.0.0.0"}, "SECRET_KEY"),
    "no data keys": ({**PUBLIC, "SECRET_KEY": "x" * 32, "DATA_KEYS": ""}, "DATA_KEYS"),
    "broken data keys": ({"DATA_KEYS": "encrypt:x,lookup:y,totp:z"}, "DATA_KEYS"),
    "half a WhatsApp": ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN"),
    "another half": ({"TWILIO_WHATSAPP_FROM": "+6281170800001"}, "TWILIO_ACCOUNT_SID"),
    "half a Telegram": ({"TELEGRAM_WEBHOOK_SECRET": "rahasia"}, "TELEGRAM_BOT_TOKEN"),
    "webhook without a secret": (
        {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_MODE": "webhook"},
        "TELEGRAM_WEBHOOK_SECRET",
    ),
    "half an SMS gateway": (KANNEL, "KANNEL_PASSWORD"),
    "another half of it": ({"KANNEL_CALLBACK_SECRET": "rahasia"}, "KANNEL_SENDSMS_URL"),
    "half an SMS by Twilio": ({"SMS_GATEWAY": "twilio"}, "TWILIO_SMS_FROM"),
    "another gateway's number": ({"TWILIO_SMS_FROM": "+14155550100"}, "SMS_GATEWAY"),
    "unknown gateway": ({"SMS_GATEWAY": "merpati"}, "SMS_GATEWAY"),
    "another database": ({"DATABASE_URL": "mysql://root@localhost/x"}, "DATABASE_URL"),
    "no port": ({"DATABASE_URL": "postgresql://u@host:abc/x"}, "DATABASE_URL"),
    "unreachable database": ({"DATABASE_URL": NOWHERE}, "DATABASE_URL"),
    "no city": ({"CITY": "city/atlantis"}, "CITY"),
    "no language": ({"LANGUAGES": "xx"}, "LANGUAGES"),
    "port out of range": ({"PORT": "99999"}, "PORT"),
    "a clock that is none": ({"KENTONGAN_TEST_CLOCK": "besok"}, "KENTONGAN_TEST_CLOCK"),
    "a folder that cannot be": ({"DATA_DIR": "/proc/kentongan"}, "/proc/kentongan"),
}


@pytest.mark.parametrize("name", STARTS)
def test_an_unsafe_start_is_one_sentence(data_dir: Path, name: str) -> None:
    settings, named = STARTS[name]
    ended = Installation(data_dir, settings).command("run")
    assert (ended.code, ended.said) == (2, ""), ended
    assert is_one_sentence(ended.errors) and named in ended.errors, ended
    assert "rahasia" not in ended.errors


@pytest.mark.parametrize("words", [("migrate",), ("tickets",), ("web",), ("worker",), ("restore", "x.tar")])
def test_every_command_says_that_the_database_is_away(data_dir: Path, words: tuple[str, ...]) -> None:
    ended = Installation(data_dir, {"DATABASE_URL": NOWHERE}).command(*words)
    assert (ended.code, ended.said) == (2, "") and is_one_sentence(ended.errors), ended
    assert "DATABASE_URL" in ended.errors and "rahasia" not in ended.errors


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_alone_need_a_database(data_dir: Path, name: str) -> None:
    ended = Installation(data_dir).command(name)
    assert ended.code == 2 and is_one_sentence(ended.errors) and "app.py run" in ended.errors
