"""`python app.py ...` in processes that start fast: each is forked from one that has imported the product.

What a command does, says and ends with is its own: a fresh process with its own environment and folder, and
with files for its input and output. Only the importing, a second and more, is done once for all.
"""

import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import app

LIMIT_SECONDS = 60
STREAMS = ("typed", "said", "errors")
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.warm_commands", "tests.warm"])


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    said: str
    errors: str


def run(words: tuple[str, ...], folder: Path, environment: Mapping[str, str], typed: str = "") -> Ended:
    """Run a command to its end in a folder, with exactly this environment."""
    with tempfile.TemporaryDirectory(prefix="kentongan-command-") as place:
        files = [Path(place) / name for name in STREAMS]
        files[0].write_text(typed, "utf-8")
        process = _forks.Process(target=_act, args=(words, folder, dict(environment), files))
        process.start()
        process.join(LIMIT_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        _, said, errors = (file.read_text("utf-8") if file.exists() else "" for file in files)
        assert process.exitcode is not None
        return Ended(process.exitcode, said, errors)


def _act(words: tuple[str, ...], folder: Path, environment: dict[str, str], files: list[Path]) -> None:
    """Become `python app.py <words>`."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, file in enumerate(files):
        os.dup2(os.open(file, os.O_RDONLY if not number else os.O_WRONLY | os.O_CREAT), number)
    sys.stdin, sys.stdout = open(0), open(1, "w")
    sys.stderr = open(2, "w", errors="backslashreplace")
    sys.argv = [app.__file__, *words]
    os._exit(_code(words))  # taking down what was only forked takes longer than most commands


def _code(words: tuple[str, ...]) -> int:
    """Run a command; what it ends with, all it said being written."""
    try:
        app.main(list(words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
