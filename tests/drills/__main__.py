"""`make drill`: the slow drills and the fast ones, one after the other, and what they measured.

    python -m tests.drills                 all of them
    python -m tests.drills web steady      those of these files in tests/drills; "fast": those of make test

DRILL_MINUTES (30) is how long the steady load of R14 lasts. Everything runs on this machine's loopback, in
folders and databases of its own, and is ended at the end.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIMIT_MINUTES = 45  # for each file, beside the minutes of R14


def drills() -> dict[str, list[str]]:
    """Name of each drill and what pytest is given for it; the longest one comes last."""
    fast = sorted(str(file) for file in HERE.parent.glob("test_drills*.py"))
    slow = {file.stem: [str(file)] for file in sorted(HERE.glob("*.py")) if "\ndef test_" in file.read_text()}
    last = {"steady": slow.pop("steady")}
    return {"fast": fast} | slow | last


def main(chosen: list[str]) -> int:
    """Run them; returns 0 when every row passed."""
    known = drills()
    if unknown := set(chosen) - known.keys():
        print(f"There is no drill {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
        return 2
    minutes = float(os.environ.get("DRILL_MINUTES", "30"))
    print(
        "Drills: real processes are killed, cut off, flooded, on loopback alone, in folders of their own.\n"
        f"They take about 20 minutes and {minutes:g} more for the steady load (DRILL_MINUTES)."
    )
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures"
        figures.touch()
        failed = [name for name in chosen or known if not passed(name, known[name], figures, minutes)]
        print("\nMeasured:\n" + figures.read_text())
    print(f"Failed: {', '.join(failed)}" if failed else "All rows passed.")
    return bool(failed)


def passed(name: str, files: list[str], figures: Path, minutes: float) -> bool:
    """Run one drill, for a limited time."""
    print(f"\n=== {name} ({time.strftime('%H:%M:%S')})", flush=True)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    env = os.environ | {"DRILL_FIGURES": str(figures)}
    try:
        seconds = 60 * (LIMIT_MINUTES + minutes)
        return not subprocess.run(argv, cwd=ROOT, env=env, timeout=seconds, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"{name}: not within {seconds / 60:.0f} minutes")
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
