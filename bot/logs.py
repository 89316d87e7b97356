"""Log lines: JSON, with ids, without secrets and without what citizens write."""

import logging
import sys
import traceback
from collections.abc import Iterable
from typing import Any

import structlog

HIDDEN = "***"
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
NOISY = ("httpx", "httpcore", "procrastinate", "alembic", "PIL", "twilio", "telegram", "aiohttp.access")


def configure(secrets: Iterable[str] = (), level: int = logging.INFO) -> None:
    """Send every log line of the process to stderr as JSON.

    Args:
        secrets: tokens and passwords that are blanked out wherever they appear.
        level: least level that is shown; libraries are shown from WARNING on.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json([secret for secret in secrets if len(secret) >= 4]))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Json(logging.Formatter):
    def __init__(self, secrets: list[str]) -> None:
        super().__init__()
        self._secrets = secrets
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False)
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"level": record.levelname.lower(), "logger": record.name}
        line["event"] = record.getMessage()
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1]:
            line |= _where(record.exc_info[1])
        text = str(self._render(None, record.name, self._stamp(None, record.name, line)))
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def _where(error: BaseException) -> dict[str, Any]:
    """What kind of error and where. Its message is left out: a database quotes what a citizen wrote in it."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    return {"error": type(error).__name__, "at": frames[-12:]}
