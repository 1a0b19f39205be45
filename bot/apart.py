"""Reading a file that a stranger sent, in a process of its own with bounds on time and memory.

A file can be made so that reading it never ends or eats all memory. A thread cannot be stopped; this can.
A module that reads so is run by `python -m MODULE` and calls `serve`: one JSON object ``{"path", "name"}`` in, its
answer or ``{"error"}`` out.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.errors import BadInput, WuchangError
from bot.settings import ROOT

SECONDS = 20
MEMORY = 768 * 1024 * 1024  # bytes of address space; a draft of 50 pages needs about a third
_GIVEN_UP = "“{name}”读了{seconds}秒还没有读完，只好停下。请只留要紧的正文，另存为 .docx 再发。"


def read_apart(module: str, path: Path, name: str, seconds: float = SECONDS) -> dict[str, Any]:
    """What `module` answers for a file that people know as `name`; blocks until it is there.

    Raises:
        BadInput: it cannot be read as what it is wanted for, or takes too long.
    """
    given = json.dumps({"path": str(path), "name": name})
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=given.encode(), capture_output=True, timeout=seconds, cwd=ROOT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BadInput(_GIVEN_UP.format(name=name, seconds=round(seconds))) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # out of memory, or killed
        raise BadInput(f"“{name}”打不开：里面的内容不正常。请用 Word 或 WPS 另存一份再发。") from None
    if "error" in answer:
        raise BadInput(answer["error"])
    return answer


def serve(work: Callable[[Path, str], dict[str, Any]]) -> None:
    """Do `work` on the one file that is named on standard input."""
    given = json.load(sys.stdin)
    _bound()
    try:
        answer = work(Path(given["path"]), given["name"])
    except WuchangError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


def _bound() -> None:
    """Bounds on this process; where memory is short all the same, the kernel takes this one first."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
