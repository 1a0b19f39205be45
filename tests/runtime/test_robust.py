"""A custom action that fails is never silence, and costs nobody what they said before."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.runtime import robust

DRAFT = {"problems": ["no_water"], "place": "三塘镇老街"}
DOMAIN = Domain.from_dict(
    {
        "version": "3.1",
        "intents": ["inform"],
        "slots": {
            name: {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
            for name in ("draft", "memory", "outage_place", "outage_time")
        },
        "forms": {"outage_form": {"required_slots": ["outage_place", "outage_time"]}},
        "actions": ["action_answer", "validate_outage_form"],
        "responses": {
            "utter_trouble": [{"text": "出了点问题"}],
            "utter_ask_outage_form_outage_time": [{"text": "什么时候开始的？"}],
        },
    }
)
NLG = TemplatedNaturalLanguageGenerator(DOMAIN.responses)
ERRORS = {
    "nobody answers": aiohttp.ClientConnectionError("refused"),
    "an error of the server": ClientResponseError(500, "oops", ""),
    "an answer that takes too long": TimeoutError(),
    "a fault in between": ValueError("broken"),
}


class Endpoint(EndpointConfig):
    """An action server that answers with `answer`, or fails with it."""

    def __init__(self, answer: Any) -> None:
        super().__init__("http://nowhere")
        self.answer = answer

    async def request(self, *_: Any, **__: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def applied(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place for this test; what was there before comes back."""
    monkeypatch.setattr(RemoteAction, "run", RemoteAction.run)
    robust.apply()


def tracker() -> DialogueStateTracker:
    """In the middle of a form."""
    events: list[Event] = [
        ActiveLoop("outage_form"), SlotSet("draft", DRAFT), SlotSet("requested_slot", "outage_time"),
        UserUttered("昨晚八点", {"name": "inform", "confidence": 1.0}),
    ]  # fmt: skip
    return DialogueStateTracker.from_events("a", events, DOMAIN.slots)


async def run(name: str, answer: Any) -> list[Event]:
    action = RemoteAction(name, Endpoint(answer))
    return list(await action.run(CollectingOutputChannel(), NLG, tracker(), DOMAIN))


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
async def test_a_failing_action_says_so(error: Exception) -> None:
    (told,) = await run("action_answer", error)
    assert isinstance(told, BotUttered)
    assert told.text == "出了点问题"


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
async def test_a_failing_validation_keeps_draft_and_question(error: Exception) -> None:
    told, *kept = await run("validate_outage_form", error)
    assert isinstance(told, BotUttered)
    slots = {event.key: event.value for event in kept if isinstance(event, SlotSet)}
    assert slots["draft"] == DRAFT
    assert slots["requested_slot"] == "outage_time"


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
async def test_the_form_goes_on_with_its_question(error: Exception) -> None:
    """Through Rasa's own form: it stays active, says what happened and asks again."""
    state = tracker()
    form = FormAction("outage_form", Endpoint(error))
    events = list(await form.run(CollectingOutputChannel(), NLG, state, DOMAIN))
    state.update_with_events(events, DOMAIN)
    shown = [event.text for event in events if isinstance(event, BotUttered)]
    assert shown == ["出了点问题", "什么时候开始的？"]
    assert state.active_loop_name == "outage_form"
    assert state.get_slot("draft") == DRAFT
    assert state.get_slot("requested_slot") == "outage_time"


async def test_an_action_that_works_is_left_alone() -> None:
    answer = {"events": [{"event": "slot", "name": "memory", "value": 7}], "responses": [{"text": "好"}]}
    events = await run("action_answer", answer)
    assert [type(event) for event in events] == [BotUttered, SlotSet]
    assert events[0].text == "好"  # type: ignore[attr-defined]


async def test_a_rejection_is_still_a_rejection() -> None:
    refused = ClientResponseError(400, "no", '{"action_name": "validate_outage_form", "error": "no"}')
    with pytest.raises(ActionExecutionRejection):
        await run("validate_outage_form", refused)


def test_applying_twice_is_once() -> None:
    once = RemoteAction.run
    robust.apply()
    assert RemoteAction.run is once
