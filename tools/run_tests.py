"""What `make test` runs: all tests side by side, and a few that failed once more by themselves.

Some tests talk to real servers, browsers and databases while four others do; on a loaded machine one of thirteen
thousand may wait longer than it can. Such a one is named at the end, for it may as well have found a race. A test that
fails twice, more than `MOST` at once, and any other end of the first run (nothing collected, interrupted) stay failures;
what Hypothesis found, it finds again, for it keeps the example.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST = 3
_FAILED = 1  # pytest: all tests ran, some failed


def main(arguments: Sequence[str], *, cwd: Path | None = None) -> int:
    """Run pytest with `arguments`, and at most `MOST` failed tests again; the exit status."""
    status = _pytest([*arguments, "--cache-clear"], cwd)
    failed = _last_failed(cwd or Path())
    if status != _FAILED or not 0 < len(failed) <= MOST:
        return status
    print(f"\n{len(failed)} failed among the others; once more, alone:", flush=True)
    status = _pytest(["-q", "--last-failed", "--last-failed-no-failures", "none"], cwd)
    if status == 0:
        print(
            "\nHeld only when run alone. Look at them; a race is a fault too:",
            *failed,
            sep="\n  ",
            flush=True,
        )
    return status


def _pytest(arguments: Sequence[str], cwd: Path | None) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=cwd, check=False).returncode


def _last_failed(root: Path) -> list[str]:
    """The ids of the tests that failed in the last run, as pytest keeps them; a file that could not be read is one."""
    kept = root / ".pytest_cache/v/cache/lastfailed"
    return sorted(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
