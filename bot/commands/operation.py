"""Operation: serving, training, the database, settings, measuring."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.commands import base
from bot.commands.base import Table, add_all


def add(commands: Any) -> None:
    """Add the commands of this module."""
    add_all(commands, _TABLE)
    _add_nlu(commands)


def _add_nlu(commands: Any) -> None:
    nlu = base.group(commands, "nlu", "how well the model understands", of="report")
    report = base.add(nlu, "report", _nlu_report, "measure on marked sentences; an HTML page with plots")
    report.add_argument(
        "files", nargs="*", type=Path, help="JSON Lines; default: the blind sets of the project"
    )
    report.add_argument("--out", type=Path, default=Path("var/nlu/report.html"), help="the page to write")
    report.add_argument(
        "--errors", action="store_true", help="list misunderstood sentences of a blind set too"
    )


def _nlu_report(arguments: argparse.Namespace) -> int:
    from bot.measuring import report
    from bot.runtime.parser import load_parser

    files = arguments.files or sorted(report.BLIND.glob("nlu*.jsonl"))
    sentences = report.load_all(files)
    blind = any(report.BLIND in path.resolve().parents for path in files)
    rows = report.read_all(load_parser(), sentences)
    got = report.write_report(rows, arguments.out, errors=arguments.errors or not blind)
    print(
        f"{len(rows)} sentences: intents right {got.right:.3f}, in scope turned away {got.turned_away:.3f}, "
        f"out of scope kept out {got.kept_out:.3f}, entity character F1 {got.entities:.3f}"
    )
    print(f"page: {arguments.out}")
    return 0


def _train(_arguments: argparse.Namespace) -> int:
    from bot.documents import answers
    from bot.runtime.training import ensure_model

    print(ensure_model())
    answers.shipped()
    return 0


def _migrate(_arguments: argparse.Namespace) -> int:
    from bot.runtime.prepare import prepare_database

    prepare_database()
    return 0


def _serve(_arguments: argparse.Namespace) -> int:
    from bot.runtime.serve import serve

    return serve()


def _settings(_arguments: argparse.Namespace) -> int:
    from bot.settings import rows

    for name, default, text in rows():
        print(f"{name}\t{default}\t{text}")
    return 0


def _key(_arguments: argparse.Namespace) -> int:
    from bot.storage.sealed import new_key

    print(new_key())
    return 0


_TABLE: Table = {
    "key": (_key, "print a new key for WUCHANG_DATA_KEY"),
    "train": (
        _train,
        "train the model, and learn the answers, if their inputs changed; prints the model's path",
    ),
    "migrate": (_migrate, "bring the database up to date"),
    "serve": (_serve, "serve the web chat, the REST channel and the action server"),
    "settings": (_settings, "print every setting with its default and meaning"),
}
