"""All text that people read stands in domain.yml, twice, and nothing there is forgotten."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.contracts.reminders import FILING, OVERDUE, SIGNING, SUPPLEMENT
from bot.contracts.said_dates import KEYS, PLANNED
from bot.eldercare.who import WHOM
from bot.settings import ROOT
from bot.texts import responses, word
from bot.water.talk.problems import PROBLEMS

DOMAIN: dict[str, Any] = yaml.load(
    (ROOT / "domain.yml").read_text(encoding="utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
ACTIONS = sorted((ROOT / "actions").glob("*.py"))
SPEAKING = [
    *ACTIONS,
    *sorted((ROOT / "bot" / "channels").rglob("*.py")),
    *sorted((ROOT / "bot" / "desk").rglob("*.py")),
    *sorted((ROOT / "bot" / "water").rglob("*.py")),
    ROOT / "bot" / "reminding.py",
    ROOT / "bot" / "runtime" / "handed_over.py",
    *sorted((ROOT / "bot" / "desk").rglob("*.py")),
]  # what says `word("…")`
SOURCES = [*ACTIONS, *sorted((ROOT / "bot").rglob("*.py"))]
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"{(\w+)}")
SCOPES = ("one", "building", "street", "village", "township", "several")

# Names that code puts together from a code, with all the codes there are.
FAMILIES: dict[str, tuple[str, ...]] = {
    "utter_emergency_{}": ("chlorine", "poisoning", "injury"),
    "utter_{}_read_back": ("outage", "care", "volunteer"),
    "utter_outage_double_{}": ("supply", "quality"),
    "utter_word_problem_{}": PROBLEMS,
    "utter_word_scope_{}": SCOPES,
    "utter_word_status_{}": ("open", "closed", "withdrawn", "restored"),
    "utter_word_reminder_{}": (SIGNING, FILING, OVERDUE, SUPPLEMENT),
    "utter_word_date_{}": tuple(key for key in KEYS if key != PLANNED),
    "utter_word_day_{}": ("0", "1", "2"),
    "utter_word_said_{}": ("night", "early", "morning", "noon", "afternoon", "evening"),
    "utter_word_said_day_{}": ("0", "1", "2"),
    "utter_word_grade_{}": ("I", "II", "III", "IV"),
    "utter_word_notice_{}": ("supply", "quality"),
    "utter_word_notice_head_{}": ("supply", "quality"),
    "utter_word_notice_advice_{}": ("supply", "quality", "planned"),
    "utter_word_notice_over_{}": ("supply", "quality", "planned"),
    "utter_word_notice_after_{}": ("supply", "quality", "planned"),
    "utter_word_told_{}": ("cause", "expected", "joined", "trucks", "reopened"),
    "utter_word_told_restored_{}": ("supply", "quality"),
    "utter_word_told_news_{}": ("supply", "quality"),
    "utter_word_told_over_{}": ("supply", "quality"),
    "utter_word_open311_{}": ("started", "households"),
    "utter_word_public_event_{}": ("supply", "quality", "planned"),
    # of the template public.html
    "utter_word_public_{}": (
        "title", "name", "group_now", "group_planned", "group_over", "none", "sent", "report", "updated", "cap",
    ),
    "utter_word_answer_back_{}": ("supply", "quality"),
    "utter_word_answer_not_back_{}": ("supply", "quality"),
    "utter_word_weekday_{}": tuple("0123456"),
    "utter_word_whom_{}": tuple(dict.fromkeys(code for code, _ in WHOM)),
    "utter_word_review_{}": ("violation", "missing", "unclear", "present"),
    "utter_word_review_title_{}": ("violation", "missing", "unclear"),
    "utter_word_send_draft_{}": ("web", "other"),
    "utter_word_channel_{}": ("cut", "voice", "other", "not_kept", "trouble", "button_old", "too_fast", "no_file", "menu"),
    "utter_word_channel_command_{}": ("start", "report", "help"),
    "utter_word_choice_{}": tuple(
        name for name in DOMAIN["intents"]
        if name not in ("review_draft", "send_photo", "forget_me", "bind_staff", "water_back", "water_not_back")
        and name not in ("out_of_scope", "nlu_fallback", "inform", "affirm", "deny", "cancel", "greet", "thank", "goodbye")
    ),
}  # fmt: skip
FAMILY_NAMES = {pattern.format(code) for pattern, codes in FAMILIES.items() for code in codes}
QUESTIONS = {
    f"utter_ask_{form}_{question}"
    for form, row in DOMAIN["forms"].items()
    for question in row["required_slots"]
    if f"action_ask_{form}_{question}" not in DOMAIN["actions"]  # asks with words and buttons of its own
}


def strings(path: Path) -> list[str]:
    """String constants of a module that are not docstrings; of an f-string each fixed part."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def words_named(path: Path) -> set[str]:
    """Names in `word("…")` calls, as responses."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "word":
                found.add(f"utter_word_{node.args[0].value}")
    return found


NAMED = {
    text for path in SOURCES for text in strings(path) if re.fullmatch(r"utter_\w*[a-z0-9]", text)
} - {"utter_emergency"}  # what such names begin with  # fmt: skip
WORDS = {name for path in SPEAKING for name in words_named(path)}
RULES = "".join(path.read_text(encoding="utf8") for path in sorted((ROOT / "data" / "rules").glob("*.yml")))
IN_RULES = set(re.findall(r"utter_\w+", RULES))
VARIANTS = [(name, row) for name, rows in RESPONSES.items() for row in rows]


def english(name: str) -> dict[str, Any] | None:
    return next((row for row in RESPONSES[name] if "condition" in row), None)


@pytest.mark.parametrize("path", ACTIONS, ids=[path.name for path in ACTIONS])
def test_no_text_for_people_stands_in_the_actions(path: Path) -> None:
    assert [text for text in strings(path) if HAN.search(text)] == []


@pytest.mark.parametrize("name", sorted(NAMED | WORDS | IN_RULES | FAMILY_NAMES | QUESTIONS))
def test_each_response_that_is_named_exists(name: str) -> None:
    assert name in RESPONSES


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_each_response_is_used(name: str) -> None:
    assert name in NAMED | WORDS | IN_RULES | FAMILY_NAMES | QUESTIONS


def test_each_dynamic_family_is_known_here() -> None:
    """A name put together in the actions (`word(f"scope_{code}")`) begins like a family above."""
    beginnings = {f"utter_word_{'_'.join(p.split('_')[2:])[:-2]}" for p in FAMILIES if "word" in p}
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if (
                isinstance(node, ast.Call)
                and "word" in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                fixed = node.args[0].values[0]
                assert isinstance(fixed, ast.Constant)
                assert f"utter_word_{fixed.value}" in beginnings, path.name


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_each_response_is_chinese_first_and_english_second(name: str) -> None:
    rows = RESPONSES[name]
    assert len(rows) == 2
    assert "condition" not in rows[0]
    assert rows[1]["condition"] == [{"type": "slot", "name": "language", "value": "en"}]
    assert HAN.search(PLACE.sub("", rows[0]["text"])) or not re.search(
        r"[a-z]", PLACE.sub("", rows[0]["text"])
    )
    assert not HAN.search(rows[1]["text"])


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_both_languages_have_the_same_places_and_buttons(name: str) -> None:
    rows = RESPONSES[name]
    assert [sorted(set(PLACE.findall(row["text"]))) for row in rows[1:]] == [
        sorted(set(PLACE.findall(rows[0]["text"])))
    ] * (len(rows) - 1)
    assert len({len(row.get("buttons", [])) for row in rows}) == 1


@pytest.mark.parametrize(
    ("name", "row"), VARIANTS, ids=[f"{n}-{'en' if 'condition' in r else 'zh'}" for n, r in VARIANTS]
)
def test_each_button_is_an_intent_or_plain_words(name: str, row: dict[str, Any]) -> None:
    for button in row.get("buttons", []):
        assert button["title"].strip()
        assert bool(HAN.search(button["title"])) == ("condition" not in row)
        payload = button["payload"]
        if payload.startswith("/"):
            assert payload[1:] in DOMAIN["intents"]
        else:
            assert payload.strip()
            assert not re.search(r"[{}/\"]", payload)


@pytest.mark.parametrize("name", sorted(WORDS | {n for n in FAMILY_NAMES if "word" in n}))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_word_is_filled_in_both_languages(name: str, language: str) -> None:
    places = {place: "7" for row in RESPONSES[name] for place in PLACE.findall(row["text"])}
    told = word(name.removeprefix("utter_word_"), language, **places)
    assert "{" not in told
    assert all("7" in told for _ in places)


def test_every_language_but_english_gets_chinese() -> None:
    assert word("problem_no_water", "zh") == word("problem_no_water", "ja") == "没水"
    assert word("problem_no_water", "en") == "no water"
    with pytest.raises(KeyError):
        word("nothing_of_the_kind", "zh")
    assert responses() == RESPONSES


def test_every_question_has_its_slot_and_every_form_its_action() -> None:
    slots = {question for row in DOMAIN["forms"].values() for question in row["required_slots"]}
    assert slots <= set(DOMAIN["slots"])
    assert {f"validate_{form}" for form in DOMAIN["forms"]} <= set(DOMAIN["actions"])


def test_every_action_of_the_domain_is_there_and_no_other() -> None:
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == set(DOMAIN["actions"])
