"""Failed tests are looked at again, but never more than a few, and never until they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.run_tests import MOST, main

HOLDS = "def test_holds():\n    pass\n"
FAILS = "def test_fails{0}():\n    assert False\n"
# Fails the first time it runs in its folder, and never again.
ONCE = """
from pathlib import Path
import pytest
@pytest.mark.parametrize("said", ["水来了吗::[1]"])
def test_once{0}(said):
    seen = Path(__file__).with_name("seen{0}")
    first, _ = not seen.exists(), seen.touch()
    assert not first
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take seconds, a dozen times
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return tmp_path


def write(project: Path, *sources: str) -> None:
    (project / "test_it.py").write_text("\n".join(sources), encoding="utf-8")


def test_what_holds_alone_is_named(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(project, HOLDS, ONCE.format(0), ONCE.format(1))
    assert main(["-q"], cwd=project) == 0
    said = capfd.readouterr().out
    _, _, named = said.partition("Held only when run alone")
    assert named.count("test_it.py::test_once") == 2


def test_all_good_runs_once(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(project, HOLDS)
    assert main(["-q"], cwd=project) == 0
    assert "alone" not in capfd.readouterr().out


def test_what_fails_twice_fails(project: Path) -> None:
    write(project, HOLDS, ONCE.format(0), FAILS.format(0))
    assert main(["-q"], cwd=project) == 1


def test_many_are_no_accident(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(project, *(ONCE.format(number) for number in range(MOST + 1)))
    assert main(["-q"], cwd=project) == 1
    assert "alone" not in capfd.readouterr().out


def test_a_run_that_did_not_end_well_is_not_repeated(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(project, "import nothing_of_this_name\n")
    assert main(["-q"], cwd=project) == 2
    assert main(["-q", "-k", "none"], cwd=project) != 0
    assert "alone" not in capfd.readouterr().out


def test_failures_of_an_earlier_run_do_not_count(project: Path) -> None:
    write(project, *(FAILS.format(number) for number in range(MOST + 1)))
    assert main(["-q"], cwd=project) == 1
    write(project, ONCE.format(0))
    assert main(["-q"], cwd=project) == 0
