"""The documentation says what the project does: settings, commands, intents, dependencies, links, examples."""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml

from bot import cli
from bot.contracts.checklist import checklist
from bot.contracts.holiday_table import load_holidays
from bot.contracts.review import review_line
from bot.documents.answers import answer_line
from bot.eldercare.nearest import nearest_line
from bot.eldercare.points import import_points, read_points
from bot.errors import BadInput
from bot.nlu.components import Component
from bot.places.importer import read_places
from bot.runtime.prepare import SAMPLE_POINTS
from bot.settings import ROOT, rows
from bot.storage.tables import Base
from bot.water.plan.grading import grade
from bot.water.reporting.zones import read_zones

READMES = ("README.md", "README.zh-CN.md")
OURS = ("*.md", "docs/**/*.md", "docker/**/*.md", "tests/**/*.md", "data/**/*.md", "tools/**/*.md")
PAGES = sorted({path for pattern in OURS for path in ROOT.glob(pattern)})
LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(([^)\s]+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf8")


def without_code(page: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.S)


def blocks(page: str, *kinds: str) -> list[str]:
    """Contents of the fenced blocks of these kinds; comments of shell lines are left out."""
    found = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", page, re.M | re.S)
    return [re.sub(r"[ \t]+#.*$", "", body, flags=re.M) for kind, body in found if kind in kinds]


def table(page: str, heading: str) -> list[list[str]]:
    """Cells of the first table under a heading, without its head."""
    under = re.split(rf"^#+ {re.escape(heading)}$", page, flags=re.M)[1]
    lines = re.search(r"(?:^\|.*\n)+", under, re.M)
    assert lines, heading
    return [[c.strip() for c in line.strip("|\n").split("|")] for line in lines[0].splitlines()[2:]]


def commands(parser: argparse.ArgumentParser | None = None, before: str = "wuchang") -> Iterator[str]:
    """Every command that can be run, as people type it."""
    for action in (parser or cli._parser())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands(below, f"{before} {name}")
            return
    yield before


# settings, commands, intents, dependencies


def test_the_settings_table_is_that_of_the_code() -> None:
    said = [
        (name.strip("`"), "" if default == "(empty)" else default.strip("`"), meaning)
        for name, default, meaning in table(text("docs/operations.md"), "Settings")
    ]
    assert said == rows()


@pytest.mark.parametrize("page", [*READMES, "docs/operations.md"])
def test_every_command_is_in_the_table_and_no_other(page: str) -> None:
    named = re.findall(r"^\| `(wuchang(?: [a-z]+)+)(?: [A-Z]+)*` \|", text(page), re.M)
    assert sorted(named) == sorted(commands())


@pytest.mark.parametrize("page", READMES)
def test_every_command_has_an_example(page: str) -> None:
    shell = "\n".join(blocks(text(page), "sh"))
    missing = [name for name in commands() if not re.search(rf"\b{name}\b", shell)]
    assert not missing


def test_every_intent_and_entity_is_in_the_glossary() -> None:
    domain = yaml.safe_load(text("domain.yml"))
    glossary = text("docs/glossary.md")
    for heading, key in (("Intents 意图", "intents"), ("Entities 实体", "entities")):
        said = [row[0].strip("`") for row in table(glossary, heading)]
        assert sorted(said) == sorted(domain[key]), key


def test_the_glossary_has_sixty_terms_beside_intents_and_entities() -> None:
    words = text("docs/glossary.md").split("## Water", 1)[1]
    terms = [line.split("|")[1].strip() for line in words.splitlines() if line.startswith("| ")]
    assert len([term for term in terms if term not in ("中文", "English", "---")]) >= 60
    assert len(terms) - terms.count("中文") - terms.count("English") - terms.count("---") == len(
        set(terms) - {"中文", "English", "---"}
    )


def test_every_dependency_has_its_row() -> None:
    project = tomli.loads(text("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [line for group in project["dependency-groups"].values() for line in group]
    names = sorted(re.match(r"[\w.-]+", line)[0] for line in wanted)  # type: ignore[index]
    said = re.findall(r"^\| `([\w.-]+)` \| .+ \| .+ \|$", text("docs/dependencies.md"), re.M)
    assert sorted(said) == names


def test_every_table_with_people_in_it_is_told() -> None:
    said = {row[0].strip("`") for row in table(text("docs/operations.md"), "What is stored about people")}
    tables = [m.class_.__table__ for m in Base.registry.mappers]
    personal = {table.name for table in tables if "sender_id" in table.c}
    assert said == personal | {"events"}


# the two READMEs


def test_both_readmes_have_the_same_code() -> None:
    english, chinese = (blocks(text(page), "sh", "json", "csv", "text") for page in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_shape() -> None:
    def shape(page: str) -> list[str]:
        return re.findall(r"^(#+|\||- |\d\.|!\[|<!--)", re.sub(r"```.*?```", "", page, flags=re.S), re.M)

    english, chinese = (shape(text(page)) for page in READMES)
    assert english == chinese


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operations.md"])
def test_every_make_target_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    named = re.findall(r"(?:^|`)make ([a-z]+(?: [a-z]+)*)(?=`|\s|$)", text(page), re.M)
    assert named
    assert {word for line in named for word in line.split()} <= targets


def answers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(command, input, shown output) of each piped example, the output with … taken out."""
    found = re.findall(
        r"```sh\necho '(.*?)' \| wuchang (\w+)\n```\n\n```json\n(.*?)\n```", text("README.md"), re.S
    )
    return [(name, json.loads(line), json.loads(_mended(shown))) for line, name, shown in found]


def _mended(shown: str) -> str:
    """A shortened answer as JSON: what is left out is left out, a value left out is null."""
    shown = re.sub(r"(\d)…", r"\1", shown).replace('": …', '": null').replace("[…]", "[]")
    return re.sub(r", …(?=[,\]}])", "", shown)


def _within(shown: Any, real: Any) -> bool:
    """Whether what is shown stands in the real answer (lists from their beginning, fewer keys)."""
    if shown in (None, []):
        return True
    if isinstance(shown, dict):
        return all(key in real and _within(value, real[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return len(shown) <= len(real) and all(_within(s, r) for s, r in zip(shown, real))
    return bool(shown == real)


EXAMPLES = [example for example in answers() if example[0] != "parse"]


def test_there_is_an_example_of_each_batch_door() -> None:
    assert {name for name, _, _ in answers()} == {"parse", "grade", "ask", "nearest", "checklist", "review"}


@pytest.mark.parametrize(("name", "line", "shown"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_the_examples_are_what_the_commands_answer(
    name: str, line: dict[str, Any], shown: dict[str, Any], session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    import_points(session, read_points(SAMPLE_POINTS))
    real: dict[str, Any] = {
        "grade": lambda: grade(line).as_dict(),
        "ask": lambda: answer_line(line),
        "nearest": lambda: nearest_line(session, line),
        "checklist": lambda: checklist(line).as_dict(),
        "review": lambda: review_line(line),
    }[name]()
    assert _within(shown, json.loads(json.dumps(real, ensure_ascii=False, default=str)))


def test_the_files_shown_can_be_imported(tmp_path: Path) -> None:
    shown = blocks(text("README.md"), "csv")
    readers = (read_points, read_places, read_zones, load_holidays)
    assert len(shown) == len(readers)
    for number, (body, read) in enumerate(zip(shown, readers)):
        path = tmp_path / f"{number}.csv"
        path.write_text(body, encoding="utf8")
        assert read(path)


def test_the_faults_shown_are_those_of_such_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    head = "编号,名称,类型,乡镇,服务,纬度,经度,坐标系\n"
    first = "gs-01,冠市镇养老驿站,驿战,冠市镇,助餐,26.70,112.90,gcj02\n"
    path.write_text(
        f"{head}{first}gs-02,冠市镇食堂,养老驿站,官市镇,助餐,112.90,26.70,gcj02\n", encoding="utf8"
    )
    with pytest.raises(BadInput) as refused:
        read_points(path)
    assert blocks(text("README.md"), "text") == [f"wuchang: {refused.value}\n"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_page_holds_a_placeholder(page: Path) -> None:
    assert re.findall(r"@@|FILESIZE|TODO|MSTABLE|XXX", page.read_text(encoding="utf8")) == []


# links and paths


def _slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = "".join(c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN")
    return kept.replace(" ", "-")


def links() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for target in LINK.findall(without_code(page.read_text(encoding="utf8"))):
            if not re.match(r"[a-z]+:", target):
                found.append((str(page.relative_to(ROOT)), target))
    return found


@pytest.mark.parametrize(("page", "target"), links())
def test_every_link_leads_somewhere(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    found = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    assert found.exists(), f"{page}: there is no {path}"
    if anchor:
        headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf8"), re.M)
        assert anchor in map(_slug, headings), f"{page}: no heading #{anchor} in {found.name}"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_file_named_is_there(page: str) -> None:
    tops = {path.name for path in ROOT.iterdir()}
    for name in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", re.sub(r"```.*?```", "", text(page), flags=re.S)):
        if name.split("/")[0] in tops - {"var", ".env", ".venv"}:
            assert (ROOT / name).exists(), f"{page} names {name}"


def test_the_pipeline_named_is_that_of_the_configuration() -> None:
    page = text("docs/architecture.md")
    ours = [kind.__name__ for kind in _below(Component)]
    configured = [row["name"].rsplit(".", 1)[-1] for row in yaml.safe_load(text("config.yml"))["pipeline"]]
    places = [page.index(f"`{name}`") for name in configured if name in ours]
    assert len(places) >= 4
    assert all(a < b for a, b in pairwise(places))


def _below(kind: type) -> Iterator[type]:
    import bot.nlu.guard  # its component is among them

    assert bot.nlu.guard
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


def test_the_layers_shown_are_those_of_the_contract() -> None:
    contract = tomli.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    shown = re.search(r"## Which way imports run\n\n```\n(.*?)```", text("docs/architecture.md"), re.S)
    assert shown
    assert [line.split(" (")[0] for line in shown[1].splitlines()] == contract["layers"]
