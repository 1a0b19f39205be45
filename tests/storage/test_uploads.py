"""Files under tokens that nobody can guess, and nothing else is ever opened."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.storage import uploads


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(uploads, "FOLDER", tmp_path / "uploads")
    return tmp_path / "uploads"


def test_a_file_is_kept_until_it_is_discarded(folder: Path) -> None:
    token = uploads.new_token(".DOCX")
    uploads.path_to_write(token).write_bytes(b"x")
    assert uploads.path_of(token).read_bytes() == b"x"
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    uploads.discard(token)
    uploads.discard(token)
    with pytest.raises(NotFound):
        uploads.path_of(token)


@pytest.mark.parametrize(
    "token",
    [
        "../../README.md",
        "/etc/passwd",
        "",
        None,
        5,
        "a" * 32,
        "A" * 32 + ".txt",
        "a" * 32 + ".txt/..",
        "a" * 32 + ".txt\n",
    ],
)
def test_what_is_no_token_is_no_file(token: object, folder: Path) -> None:
    folder.mkdir()
    (folder.parent / "README.md").write_text("x")
    with pytest.raises(NotFound):
        uploads.path_of(token)
    uploads.discard(token)
    assert (folder.parent / "README.md").exists()


def test_what_a_fallen_process_left_goes_with_the_next_file(folder: Path) -> None:
    old, young = uploads.new_token(".txt"), uploads.new_token(".txt")
    for token in (old, young):
        uploads.path_to_write(token).write_bytes(b"x")
    past = time.time() - uploads.KEPT_SECONDS - 10
    os.utime(folder / old, (past, past))
    uploads.path_to_write(uploads.new_token(".pdf"))
    assert [path.name for path in folder.iterdir()] == [young]
