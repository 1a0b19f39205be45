"""Whose process a note belongs to, and whether that process is gone."""

from __future__ import annotations

import subprocess
import sys

from bot.processes import is_gone, new_owner
from bot.settings import ROOT


def test_who_lives_is_not_gone_and_who_ended_is() -> None:
    mine = new_owner()
    assert mine != new_owner()
    assert len(mine) <= 96
    assert not is_gone(mine)
    code = "from bot.processes import new_owner; print(new_owner(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        theirs = other.stdout.readline().strip()
        assert not is_gone(theirs)
        other.communicate("\n")
    assert is_gone(theirs)


def test_another_process_with_the_same_number_is_not_the_one_that_ended() -> None:
    where, pid, started, number = new_owner().rsplit(" ", 3)
    assert is_gone(f"{where} {pid} {int(started) - 1} {number}")


def test_of_a_process_elsewhere_nothing_is_known() -> None:
    _, *rest = new_owner().split(" ")
    for owner in (" ".join(["another-machine:1", *rest]), "gone", "", "a b c d"):
        assert not is_gone(owner)
