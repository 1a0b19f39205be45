"""The model is trained again when, and only when, its inputs change."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from bot import fingerprint as prints
from bot.documents import learned
from bot.runtime.inputs import INPUTS, LIBRARIES, fingerprint
from bot.settings import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of all inputs, and files beside them that are none."""
    for name in INPUTS:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name in ("README.md", "bot/water/talk/intake.py", "data/law/x.yml", "actions/turn.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a", encoding="utf8")
    return tmp_path


def test_every_input_is_there() -> None:
    assert [name for name in INPUTS if not (ROOT / name).exists()] == []
    assert all(
        any(f == ROOT / n or ROOT / n in f.parents for f in prints.input_files(INPUTS)) for n in INPUTS
    )


def test_what_the_components_import_of_ours_is_an_input() -> None:
    """A change of code that training runs through must not leave an old model in use."""
    known = {path.resolve() for path in prints.input_files(INPUTS)}
    # None changes what is learned: where things are, the time, error classes, plain messages, and the villages
    # imported here, which training leaves out.
    neutral = {"bot.settings", "bot.errors", "bot.clock", "bot.dialogue.turn", "bot.places.current"}
    missing = set()
    for path in sorted((ROOT / "bot" / "nlu").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot."):
                file = ROOT / f"{str(node.module).replace('.', '/')}.py"
                if file.is_file() and node.module not in neutral and file.resolve() not in known:
                    missing.add(node.module)
    assert missing == set()


def test_the_same_inputs_give_the_same_fingerprint_wherever_they_are(project: Path, tmp_path: Path) -> None:
    assert fingerprint(project) == fingerprint(ROOT)
    assert len(fingerprint(project)) == 16


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_in_any_input_changes_it(project: Path, name: str) -> None:
    before = fingerprint(project)
    path = project / name
    file = next(f for f in prints.input_files(INPUTS, project) if f == path or path in f.parents)
    file.write_bytes(file.read_bytes() + b"\n# x\n")
    assert fingerprint(project) != before


def test_a_file_added_moved_or_removed_changes_it(project: Path) -> None:
    seen = {fingerprint(project)}
    extra = project / "data" / "nlu" / "extra.yml"
    extra.write_text("version: '3.1'\n", encoding="utf8")
    seen.add(fingerprint(project))
    moved = extra.rename(project / "data" / "rules" / "extra.yml")
    seen.add(fingerprint(project))
    assert len(seen) == 3
    moved.unlink()
    assert fingerprint(project) in seen


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "bot/water/talk/intake.py",
        "data/law/x.yml",
        "actions/turn.py",
        "data/nlu/notes.txt",
        "bot/nlu/__pycache__/x.pyc",
    ],
)
def test_a_change_elsewhere_changes_nothing(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("changed", encoding="utf8")
    assert fingerprint(project) == before


def test_only_touching_a_file_changes_nothing(project: Path) -> None:
    before = fingerprint(project)
    (project / "config.yml").touch()
    assert fingerprint(project) == before


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_version_of_a_library_changes_it(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    before, version = fingerprint(), prints.version
    monkeypatch.setattr(prints, "version", lambda name: "0" if name == library else version(name))
    assert fingerprint() != before


def test_what_answers_are_learnt_from_is_an_input_of_theirs() -> None:
    """A change of code or data that learning runs through must not leave old answers in use."""
    assert [name for name in learned.INPUTS if not (ROOT / name).exists()] == []
    known = {path.resolve() for path in prints.input_files(learned.INPUTS)}
    neutral = {"bot.settings", "bot.errors", "bot.fingerprint", "bot.locks"}  # none changes what is learnt
    missing = set()
    for path in known:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))) if path.suffix == ".py" else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot."):
                modules = {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
                files = {ROOT / f"{name.replace('.', '/')}.py" for name in modules - neutral}
                missing |= {file for file in files if file.is_file() and file.resolve() not in known}
    assert missing == set()
