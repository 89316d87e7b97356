"""Log lines: JSON, with ids, without secrets and without what citizens write."""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO

import structlog

HIDDEN = "***"
SHORTEST_SECRET = 4  # characters; blanking a shorter one would only spoil words
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
NOISY = ("httpx", "httpcore", "procrastinate", "alembic", "PIL", "twilio", "telegram", "aiohttp.access")


def configure(secrets: Iterable[str] = (), level: int = logging.INFO) -> None:
    """Send every log line of the process to stderr as JSON.

    Args:
        secrets: tokens and passwords that are blanked out wherever they appear.
        level: least level that is shown; libraries are shown from WARNING on.
    """
    handler = _Quiet(sys.stderr)
    handler.setFormatter(_Json(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Quiet(logging.StreamHandler[TextIO]):
    """Says of a line that cannot be written only why: logging's own way prints the whole error with it."""

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            reason = type(sys.exc_info()[1]).__name__
            self.stream.write(f'{{"level": "error", "logger": "{record.name}", "event": "log: {reason}"}}\n')


class _Json(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        words = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        # Also as JSON writes it; the longest first, for one may be part of another.
        self._secrets = sorted(
            words | {json.dumps(word, ensure_ascii=False)[1:-1] for word in words}, key=len
        )[::-1]
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
