"""Settings from the environment and from .env."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings as module
from bot.errors import BadInput
from bot.settings import ENVIRONMENT_NAMES, ROOT, Settings, load, read_env_file, rows, settings


@pytest.fixture
def fresh() -> None:
    """Settings are read again, in this test and after it."""
    settings.cache_clear()
    yield  # type: ignore[misc]
    settings.cache_clear()


def test_nothing_set_gives_the_defaults() -> None:
    assert load({}) == Settings()
    assert load({"WUCHANG_PORT": ""}) == Settings()
    assert load({"PORT": "1", "WUCHANG_NONSENSE": "1"}) == Settings()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:5005/webhooks/web/"),
        ({"host": "0.0.0.0", "port": "80"}, "http://127.0.0.1:80/webhooks/web/"),
        ({"host": "10.0.0.5"}, "http://10.0.0.5:5005/webhooks/web/"),
        ({"web_url": "https://chat.example.org/webhooks/web"}, "https://chat.example.org/webhooks/web/"),
    ],
)
def test_the_address_of_the_chat_ends_with_a_slash(given: dict[str, str], url: str) -> None:
    assert Settings(**given).chat_url == url


def test_each_setting_has_its_variable() -> None:
    values = dict.fromkeys(ENVIRONMENT_NAMES, "7")
    assert load({ENVIRONMENT_NAMES[name]: value for name, value in values.items()}) == Settings(**values)
    assert all(variable == f"WUCHANG_{name.upper()}" for name, variable in ENVIRONMENT_NAMES.items())


def test_the_hosting_tools_name_of_the_database_counts_and_ours_wins() -> None:
    assert load({"DATABASE_URL": "sqlite:///a"}).database_url == "sqlite:///a"
    both = {"DATABASE_URL": "sqlite:///a", "WUCHANG_DATABASE_URL": "sqlite:///b"}
    assert load(both).database_url == "sqlite:///b"


@pytest.mark.parametrize("name", ["port", "action_port", "tracker_events"])
@pytest.mark.parametrize("value", ["abc", "5005 x", "五", "--"])
def test_a_bad_number_is_named(name: str, value: str) -> None:
    variable = ENVIRONMENT_NAMES[name]
    with pytest.raises(BadInput, match=variable) as told:
        load({variable: value})
    assert value in str(told.value)


@pytest.mark.parametrize("value", ["5.5", "1e3"])
def test_a_port_is_a_whole_number(value: str) -> None:
    with pytest.raises(BadInput):
        load({"WUCHANG_PORT": value})


@pytest.mark.parametrize(
    ("area", "townships"),
    [
        ("", ()),
        ("云集街道", ("云集街道",)),
        ("云集街道, 三塘镇", ("云集街道", "三塘镇")),
        ("云集街道，三塘镇，", ("云集街道", "三塘镇")),
        (" , ", ()),
    ],
)
def test_the_supply_area(area: str, townships: tuple[str, ...]) -> None:
    assert Settings(supply_area=area).supply_townships == townships


def test_an_env_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# 说明\n\nWUCHANG_PORT=6006\n  WUCHANG_HOST = 0.0.0.0 \n#WUCHANG_OFFICE_PHONE=1\n"
        "WUCHANG_WATER_COMPANY_PHONE='0734-1'\nWUCHANG_DATABASE_URL=\"postgresql://a?x=1\"\nnonsense\n",
        encoding="utf8",
    )
    assert read_env_file(path) == {
        "WUCHANG_PORT": "6006", "WUCHANG_HOST": "0.0.0.0", "WUCHANG_WATER_COMPANY_PHONE": "0734-1",
        "WUCHANG_DATABASE_URL": "postgresql://a?x=1",
    }  # fmt: skip
    assert read_env_file(tmp_path / "none") == {}


def test_a_file_that_windows_wrote_loses_no_setting(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfWUCHANG_PORT=6006\r\nWUCHANG_HOST=0.0.0.0\r\n")
    assert read_env_file(path) == {"WUCHANG_PORT": "6006", "WUCHANG_HOST": "0.0.0.0"}


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None
) -> None:
    (tmp_path / ".env").write_text("WUCHANG_PORT=6006\nWUCHANG_ACTION_PORT=6066\n", encoding="utf8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setenv("WUCHANG_PORT", "7007")
    monkeypatch.delenv("WUCHANG_ACTION_PORT", raising=False)
    assert (settings().port, settings().action_port) == ("7007", "6066")


def test_the_table_holds_every_setting_and_the_example_only_known_ones() -> None:
    assert [variable for variable, _, _ in rows()] == list(ENVIRONMENT_NAMES.values())
    assert all(text for _, _, text in rows())
    lines = (ROOT / ".env.example").read_text(encoding="utf8").splitlines()
    named = {line.lstrip("#").split("=")[0].strip() for line in lines if "=" in line}
    assert named <= {*ENVIRONMENT_NAMES.values(), "DATABASE_URL"}
