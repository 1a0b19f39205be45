"""A fingerprint of files and libraries: what is learnt from them is learnt again when, and only when, one changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from bot.settings import ROOT

KINDS = {".yml", ".py"}


def input_files(inputs: Iterable[str], root: Path = ROOT) -> Iterator[Path]:
    """The files of `inputs` (files, and folders with all below them) in a fixed order."""
    for name in inputs:
        path = root / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.suffix in KINDS and file.is_file())


def fingerprint(inputs: Iterable[str], libraries: Iterable[str], root: Path = ROOT) -> str:
    """16 hexadecimal digits over names and contents of all inputs and the versions of the libraries."""
    digest = hashlib.sha256()
    for name in libraries:
        digest.update(f"{name}=={version(name)}\n".encode())
    for path in input_files(inputs, root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
