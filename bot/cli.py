"""The command `wuchang`: batch doors, listings for staff, imports, training and serving."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot import batch
from bot.errors import WuchangError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status (2 for a fault that concerns the whole run)."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except WuchangError as error:
        print(f"wuchang: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wuchang", description="屋场助手: commands for staff and operators")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (run, text) in _COMMANDS.items():
        _add(commands, name, run, text)
    close = _add(
        commands, "close", _close, "close an incident with its reports, or one report: the water is back"
    )
    close.add_argument("number", help="SJ261123-001 or HN261123-001")
    _add_imports(commands)
    _add_nlu(commands)
    return parser


def _add(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _add_nlu(commands: Any) -> None:
    nlu = commands.add_parser("nlu", help="how well the model understands").add_subparsers(
        required=True, metavar="report"
    )
    report = _add(nlu, "report", _nlu_report, "measure on marked sentences; an HTML page with plots")
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


def _add_imports(commands: Any) -> None:
    for name, run, text in (
        ("points", _import_points, "service points (CSV)"),
        ("places", _import_places, "townships and villages (CSV)"),
        ("holidays", _import_holidays, "days off and make-up days of a year (CSV, JSON or YAML)"),
    ):
        group = commands.add_parser(name, help=f"import {text}").add_subparsers(
            required=True, metavar="import"
        )
        command = _add(group, "import", run, f"import {text}; nothing is changed where the file has a fault")
        command.add_argument("file", type=Path)
        if name == "points":
            command.add_argument(
                "--replace", action="store_true", help="remove points that the file does not hold"
            )


def _batch(handler: batch.Handler) -> int:
    return batch.run(handler, sys.stdin.buffer, sys.stdout.buffer)


# batch doors: JSON Lines on standard input


def _parse(_arguments: argparse.Namespace) -> int:
    from bot.runtime.parser import load_parser

    return _batch(load_parser())


def _grade(_arguments: argparse.Namespace) -> int:
    from bot.water.grading import grade

    return _batch(lambda facts: grade(facts).as_dict())


def _ask(_arguments: argparse.Namespace) -> int:
    from bot.answering import answer_line

    return _batch(answer_line)


def _nearest(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.nearest import nearest_line
    from bot.runtime.prepare import prepare_database
    from bot.storage.database import session_scope

    prepare_database()
    with session_scope() as session:
        return _batch(lambda line: nearest_line(session, line))


def _checklist(_arguments: argparse.Namespace) -> int:
    from bot.contracts.calendars import stored_calendar
    from bot.contracts.checklist import checklist
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        calendar = stored_calendar(session)
    return _batch(lambda case: checklist(case, calendar=calendar).as_dict())


def _review(_arguments: argparse.Namespace) -> int:
    from bot.contracts.review import review_line

    return _batch(review_line)


# listings


def _listing(produce: Callable[[Any], Any]) -> int:
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        return batch.write_all(produce(session), sys.stdout.buffer)


def _reports(_arguments: argparse.Namespace) -> int:
    from bot.water.reports import report_lines

    return _listing(report_lines)


def _incidents(_arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.water.incidents import incident_lines

    return _listing(lambda session: incident_lines(session, clock.now()))


def _care(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.wishes import care_lines

    return _listing(care_lines)


def _volunteers(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.wishes import volunteer_lines

    return _listing(volunteer_lines)


def _handovers(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import handover_lines

    return _listing(handover_lines)


def _feedback(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import feedback_lines

    return _listing(feedback_lines)


def _questions(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import question_lines

    return _listing(question_lines)


def _subscriptions(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import subscription_lines

    return _listing(subscription_lines)


def _close(arguments: argparse.Namespace) -> int:
    from bot.storage.database import migrate, session_scope
    from bot.water.incidents import close

    migrate()
    with session_scope() as session:
        print("\n".join(close(session, arguments.number)))
    return 0


# imports


def _import_points(arguments: argparse.Namespace) -> int:
    from bot.eldercare.points import import_points, read_points
    from bot.storage.database import migrate, session_scope

    rows = read_points(arguments.file)
    migrate()
    with session_scope() as session:
        print(import_points(session, rows, replace=arguments.replace), file=sys.stderr)
    return 0


def _import_places(arguments: argparse.Namespace) -> int:
    from bot.places.importer import import_places, read_places
    from bot.storage.database import migrate, session_scope

    rows = read_places(arguments.file)
    migrate()
    with session_scope() as session:
        print(import_places(session, rows), file=sys.stderr)
    return 0


def _import_holidays(arguments: argparse.Namespace) -> int:
    from bot.contracts.calendars import store_years
    from bot.contracts.holiday_table import load_holidays
    from bot.storage.database import migrate, session_scope

    years = load_holidays(arguments.file)
    migrate()
    with session_scope() as session:
        store_years(session, years)
    print(f"loaded {', '.join(str(year) for year in sorted(years))}", file=sys.stderr)
    return 0


# operation


def _train(_arguments: argparse.Namespace) -> int:
    from bot.runtime.training import ensure_model

    print(ensure_model())
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


_COMMANDS: dict[str, tuple[Command, str]] = {
    "serve": (_serve, "serve the web chat, the REST channel and the action server"),
    "train": (_train, "train the model if its inputs changed; prints its path"),
    "migrate": (_migrate, "bring the database up to date"),
    "settings": (_settings, "print every setting with its default and meaning"),
    "parse": (_parse, 'understand: {"text"} a line'),
    "grade": (_grade, "grade an incident: facts a line"),
    "ask": (_ask, 'answer from the documents: {"question"} a line'),
    "nearest": (_nearest, 'nearest service points: {"lat", "lon", "datum", ...} or {"place", ...} a line'),
    "checklist": (_checklist, 'contract checklist: {"signing_party", "contract_type", ...} a line'),
    "review": (_review, 'review a draft: {"path"} a line'),
    "reports": (_reports, "list every outage report"),
    "incidents": (_incidents, "list every incident with its grade"),
    "care": (_care, "list every care request"),
    "volunteers": (_volunteers, "list every volunteer"),
    "subscriptions": (_subscriptions, "list who wants to be told of outages where"),
    "handovers": (_handovers, "list conversations that wait for a person, urgent ones first"),
    "feedback": (_feedback, "list suggestions for the village meeting"),
    "questions": (_questions, "list questions that the documents did not answer"),
}

if __name__ == "__main__":
    sys.exit(main())
