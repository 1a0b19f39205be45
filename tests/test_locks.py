"""One process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.locks import alone
from bot.settings import ROOT

TRY = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"


def test_another_process_waits_until_the_block_ends(tmp_path: Path) -> None:
    def is_free() -> bool:
        command = [sys.executable, "-c", TRY, str(tmp_path / "lock")]
        return subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode == 0

    with alone(tmp_path / "lock"):
        assert not is_free()
    assert is_free()
