"""Photos in chat without a server: which report takes them, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from actions.contracts import ContractJob
from actions.conversation import Cancel, Courtesy, SendPhoto
from actions.eldercare import CareJob
from actions.not_understood import Fallback, Inform
from actions.outage import OutageJob
from actions.photos import KEPT
from bot import clock
from bot.channels import uploads
from bot.storage import attachments
from bot.storage import uploads as stored
from bot.storage.attachments import MOST, MOST_UNFILED, Kept
from bot.storage.database import session_scope
from bot.storage.tables import Attachment
from bot.water.reporting.photos import photos_of
from bot.water.talk.draft import Draft
from tests.actions.talking import Person, responses
from tests.conftest import NOW
from tests.files import write_docx  # noqa: F401
from tests.water.reporting.test_reports import DRAFT, file

QUESTION = "outage_phone"


@pytest.fixture
def person(database_url: str, now: datetime) -> Person:
    return Person("a")


@pytest.fixture
def reporting(person: Person) -> Person:
    """A person who is asked for their phone."""
    return at(person, QUESTION)


def at(person: Person, question: str, draft: Draft = DRAFT, form: str = "outage_form") -> Person:
    person.loop = form
    person.slots.update(draft=draft.to_json(), requested_slot=question)
    return person


def photo(sender: str = "a") -> dict[str, Any]:
    """What a channel sends along with a photo of `sender`."""
    with session_scope() as session:
        kept = Kept("photo.jpg", "image/jpeg", b"\xff\xd8")
        return {"photo": {"id": attachments.keep(session, kept, channel="rest", sender=sender, now=NOW)}}


def sends(person: Person, action: Any, metadata: dict[str, Any] | None = None) -> list[str]:
    said = person.says(action, "/send_photo", intent="send_photo", metadata=metadata or photo())
    return responses(said)


def filed(sender: str = "a") -> str:
    with session_scope() as session:
        return file(session, sender).number


def count(number: str) -> int:
    with session_scope() as session:
        return len(photos_of(session, number))


def left() -> int:
    with session_scope() as session:
        return len(session.scalars(select(Attachment.id)).all())


def test_a_photo_in_a_report_goes_to_its_draft_and_the_question_stays(reporting: Person) -> None:
    assert sends(reporting, OutageJob()) == ["utter_photo_kept"]
    assert sends(reporting, OutageJob()) == ["utter_photo_kept"]
    assert len(reporting.slots["draft"]["photos"]) == 2
    assert reporting.slots["requested_slot"] == QUESTION
    assert reporting.slots["memory"] is None


def test_six_photos_are_enough(reporting: Person) -> None:
    for _ in range(MOST):
        sends(reporting, OutageJob())
    assert sends(reporting, OutageJob()) == ["utter_photo_enough"]
    assert len(reporting.slots["draft"]["photos"]) == left() == MOST


def test_a_photo_between_two_places_belongs_to_the_report_just_filed(person: Person) -> None:
    number = filed()
    draft = Draft(**{**DRAFT.to_json(), "rest": (DRAFT.to_json(),)})
    assert sends(at(person, "outage_next", draft), OutageJob()) == ["utter_photo_attached"]
    assert count(number) == 1
    assert person.slots["draft"]["photos"] == ()
    assert person.slots["requested_slot"] == "outage_next"


def test_outside_a_job_a_photo_goes_to_the_own_open_report(person: Person) -> None:
    number, theirs = filed(), filed("b")
    assert sends(person, SendPhoto()) == ["utter_photo_attached"]
    assert (count(number), count(theirs)) == (1, 0)


def test_a_full_report_says_so(person: Person) -> None:
    number = filed()
    for _ in range(MOST):
        sends(person, SendPhoto())
    assert sends(person, SendPhoto()) == ["utter_photo_enough_there"]
    assert count(number) == left() == MOST


def test_without_a_report_it_is_asked_about_and_kept_in_mind(person: Person) -> None:
    filed("b")
    said = person.says(SendPhoto(), "/send_photo", intent="send_photo", metadata=photo())
    assert responses(said) == ["utter_photo_what"]
    assert said[0]["count"] == 1
    assert len(person.slots["memory"]["photos"]["ids"]) == 1


def test_something_else_throws_it_away(person: Person) -> None:
    sends(person, SendPhoto())
    said = person.says(SendPhoto(), "/send_photo", intent="send_photo")
    assert responses(said) == ["utter_photo_other"]
    assert left() == 0
    assert person.slots["memory"] is None


def test_after_two_hours_another_report_does_not_take_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends(person, SendPhoto())
    monkeypatch.setattr(clock, "now", lambda: NOW + KEPT + timedelta(seconds=1))
    person.says(OutageJob(), "停水了", intent="report_outage", problem="停水")
    assert list(person.slots["draft"]["photos"]) == []


def test_another_s_photo_cannot_be_had_by_its_number(reporting: Person) -> None:
    theirs = photo("b")
    sends(reporting, OutageJob(), theirs)
    reporting.slots["requested_slot"] = "outage_confirm"
    reporting.says(OutageJob(), "/affirm", intent="affirm")
    assert count("HN261123-001") == 0
    assert left() == 1


@pytest.mark.parametrize(
    "given", [{}, {"photo": None}, {"photo": "1"}, {"photo": {"id": "1"}}, {"photo": {}}]
)
def test_a_channel_that_gives_no_id_gives_no_photo(person: Person, given: dict[str, Any]) -> None:
    said = person.says(SendPhoto(), "/send_photo", intent="send_photo", metadata=given)
    assert responses(said) == ["utter_photo_other"]


def test_words_under_a_photo_begin_a_report_with_it(person: Person) -> None:
    said = person.says(
        OutageJob(), "老街爆管了", intent="report_outage", metadata=photo(), problem="爆管", place="老街"
    )
    assert responses(said)[0] == "utter_photo_kept"
    assert len(person.slots["draft"]["photos"]) == 1


def test_words_under_a_photo_that_begin_nothing_leave_it_with_the_last_report(person: Person) -> None:
    number = filed()
    said = responses(person.says(Inform(), "就是这里", metadata=photo()))
    assert said[0] == "utter_photo_kept"
    assert said[-1] == "utter_photo_attached"
    assert count(number) == 1


def test_a_job_that_takes_no_photos_keeps_none(person: Person) -> None:
    assert sends(at(person, "care_phone", form="care_form"), CareJob()) == ["utter_photo_not_needed"]
    assert person.slots["requested_slot"] == "care_phone"
    assert person.slots["memory"] is None
    assert left() == 0


def test_nor_one_with_words_under_it_and_those_of_before_wait_on(person: Person) -> None:
    sends(person, SendPhoto())
    said = responses(
        at(person, "care_phone", form="care_form").says(
            CareJob(), "13912340001", metadata=photo(), phone="13912340001"
        )
    )
    assert said[0] == "utter_photo_not_needed"
    assert "utter_photo_kept" not in said
    assert left() == len(person.slots["memory"]["photos"]["ids"]) == 1


def test_an_emergency_in_another_job_takes_its_photo_along(person: Person) -> None:
    at(person, "care_phone", form="care_form")
    said = responses(person.says(CareJob(), "水厂漏氯气了，有人晕倒", metadata=photo()))
    assert said == ["utter_photo_kept"]
    assert left() == len(person.slots["memory"]["photos"]["ids"]) == 1


def test_cancelling_takes_the_photos_along(reporting: Person) -> None:
    sends(reporting, OutageJob())
    said = responses(reporting.says(OutageJob(), "取消", intent="cancel"))
    assert said == ["utter_cancelled", "utter_photos_dropped"]
    assert left() == 0


def test_cancelling_says_nothing_of_photos_where_there_are_none(reporting: Person) -> None:
    assert responses(reporting.says(OutageJob(), "取消", intent="cancel")) == ["utter_cancelled"]


def test_cancelling_outside_a_job_takes_those_that_wait(person: Person) -> None:
    sends(person, SendPhoto())
    said = responses(person.says(Cancel(), "取消", intent="cancel"))
    assert said == ["utter_nothing_to_cancel", "utter_photos_dropped"]
    assert left() == 0
    assert person.slots["memory"] is None


def test_of_thirteen_photos_before_a_report_the_first_six_are_kept(person: Person) -> None:
    for _ in range(MOST):
        assert sends(person, SendPhoto()) == ["utter_photo_what"]
    first = list(person.slots["memory"]["photos"]["ids"])
    for _ in range(13 - MOST):
        said = person.says(SendPhoto(), "/send_photo", intent="send_photo", metadata=photo())
        assert responses(said) == ["utter_photo_enough", "utter_photo_what"]
        assert said[-1]["count"] == MOST
    person.says(OutageJob(), "停水了", intent="report_outage", problem="停水")
    assert list(person.slots["draft"]["photos"]) == first
    assert left() == MOST


def test_what_is_not_there_any_more_is_not_counted(person: Person) -> None:
    """Many at once are kept before the first is answered: the store lets the oldest go."""
    given = [photo() for _ in range(MOST_UNFILED + 1)]
    for metadata in given[:2]:
        said = person.says(SendPhoto(), "/send_photo", intent="send_photo", metadata=metadata)
    assert said[-1]["count"] == 1
    person.says(OutageJob(), "停水了", intent="report_outage", problem="停水")
    assert list(person.slots["draft"]["photos"]) == [given[1]["photo"]["id"]]


def test_a_failing_database_costs_the_photo_alone(reporting: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    given = photo()

    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("actions.outage.into_draft", fail)
    assert sends(reporting, OutageJob(), given) == ["utter_trouble"]
    assert reporting.slots["draft"]["place"] == DRAFT.place
    assert reporting.slots["requested_slot"] == QUESTION


# Files


@pytest.fixture
def draft_file(
    write_docx: Callable[..., Path],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[bytes | None], dict[str, Any]]:
    """What a channel sends along with a file: a .docx, or one with these bytes."""
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "uploads")

    def hand_in(content: bytes | None = None) -> dict[str, Any]:
        whole = write_docx(["三塘镇老街的照片"]).read_bytes()
        return dict(uploads.keep("情况.docx", content or whole).message.metadata or {})

    return hand_in


def brings(person: Person, metadata: dict[str, Any]) -> list[str]:
    said = person.says(OutageJob(), "/review_draft", intent="review_draft", metadata=metadata)
    return responses(said)


def test_a_file_in_a_report_is_kept_with_it(reporting: Person, draft_file: Callable[..., Any]) -> None:
    assert brings(reporting, draft_file()) == ["utter_file_kept"]
    assert len(reporting.slots["draft"]["photos"]) == left() == 1
    assert reporting.slots["requested_slot"] == QUESTION
    assert list(stored.FOLDER.iterdir()) == []
    with session_scope() as session:
        assert session.scalars(select(Attachment.name)).one() == "情况.docx"


def test_a_file_that_cannot_be_written_anew_is_refused_in_words(
    reporting: Person, draft_file: Callable[..., Any]
) -> None:
    said = reporting.says(
        OutageJob(), "/review_draft", intent="review_draft", metadata=draft_file(b"PK\x03\x04nothing")
    )
    assert responses(said) == ["utter_file_not_kept"]
    assert "不是完好的 .docx" in said[0]["reason"]
    assert left() == 0
    assert list(stored.FOLDER.iterdir()) == []


def test_without_a_file_it_is_told_how_to_send_a_contract(reporting: Person) -> None:
    said = reporting.says(OutageJob(), "帮我看看合同", intent="review_draft")
    assert responses(said) == ["utter_send_draft"]


# words under a file


def test_words_under_a_file_answer_the_question_and_the_file_is_kept(
    reporting: Person, draft_file: Callable[..., Any]
) -> None:
    said = responses(reporting.says(OutageJob(), "13912340001", metadata=draft_file()))
    assert said[0] == "utter_file_kept"
    assert reporting.slots["draft"]["phone"] == "13912340001"
    assert len(reporting.slots["draft"]["photos"]) == left() == 1
    assert reporting.slots["requested_slot"] != QUESTION
    assert list(stored.FOLDER.iterdir()) == []


def test_a_report_that_begins_with_words_under_a_file_has_it(
    person: Person, draft_file: Callable[..., Any]
) -> None:
    text = "三塘镇老街从早上八点就没水了，整条街都没水"
    said = responses(person.says(OutageJob(), text, intent="report_outage", metadata=draft_file()))
    assert said[0] == "utter_file_kept"
    assert person.slots["draft"]["problems"] == ("no_water",)
    assert len(person.slots["draft"]["photos"]) == left() == 1
    assert person.slots["memory"] is None


def test_a_question_in_between_under_a_file_is_answered_and_the_file_kept(
    reporting: Person, draft_file: Callable[..., Any]
) -> None:
    said = responses(reporting.says(OutageJob(), "这水能喝吗", intent="ask_procedure", metadata=draft_file()))
    assert "utter_file_kept" in said
    assert "utter_water_safe" in said
    assert len(reporting.slots["draft"]["photos"]) == 1
    assert reporting.slots["requested_slot"] == QUESTION


def test_a_word_for_the_report_just_filed_under_a_file_puts_it_there(
    person: Person, draft_file: Callable[..., Any]
) -> None:
    """A report that may be another's is not begun: the words belong to the urgent one."""
    number = filed()
    person.slots["memory"] = {"report": number}
    person.says(OutageJob(), "三塘镇老街没水", intent="report_outage", metadata=draft_file())
    kept = len((person.slots["draft"] or {}).get("photos") or ())
    assert kept + count(number) == left() == 1, "it is with a report, whichever"


@pytest.mark.parametrize(
    ("action", "text", "intent", "first"),
    [(Inform(), "三塘镇老街", "inform", "utter_inform_what"), (Courtesy(), "你好", "greet", "utter_greet"),
     (Cancel(), "算了", "cancel", "utter_nothing_to_cancel")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_words_under_a_file_outside_of_a_job_are_answered_and_it_is_looked_over(
    person: Person, draft_file: Callable[..., Any], action: Any, text: str, intent: str, first: str
) -> None:
    said = responses(person.says(action, text, intent=intent, metadata=draft_file()))
    assert said == [first, "utter_draft_unreadable"]  # it is no contract
    assert list(stored.FOLDER.iterdir()) == []


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope"])
def test_words_that_say_nothing_by_themselves_are_about_the_file(
    person: Person, draft_file: Callable[..., Any], intent: str
) -> None:
    said = person.says(Fallback(), "局里那份，最新的", intent=intent, metadata=draft_file())
    assert responses(said) == ["utter_draft_unreadable"]


def test_a_file_under_which_stand_words_for_a_form_is_left_to_the_form(
    person: Person, draft_file: Callable[..., Any]
) -> None:
    """The place of what was told before: the report goes on in the form, and keeps the file."""
    person.slots["memory"] = {"resume": Draft(problems=("no_water",)).to_json()}
    metadata = draft_file()
    assert person.says(Inform(), "三塘镇老街", metadata=metadata, place="三塘镇老街") == []
    assert person.next_action == "outage_form"
    said = responses(person.says(OutageJob(), "三塘镇老街", metadata=metadata, place="三塘镇老街"))
    assert said.count("utter_file_kept") == left() == len(person.slots["draft"]["photos"]) == 1


def test_another_job_looks_the_file_over_once_and_takes_the_words(
    person: Person, draft_file: Callable[..., Any]
) -> None:
    text = "列一下物业合同的清单，县政府签"
    said = person.says(ContractJob(), text, intent="contract_checklist", metadata=draft_file())
    assert responses(said).count("utter_draft_unreadable") == 1
    assert "utter_checklist" in responses(said)
