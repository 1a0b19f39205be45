"""What is made cheap in Rasa gives what Rasa itself gives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.runtime import speed
from bot.runtime.crowd import KEEP_ALIVE_SECONDS

DOMAIN = Domain.from_dict(
    {
        "version": "3.1", "intents": ["greet", "report"], "actions": ["action_answer"],
        "slots": {
            "requested_slot": {"type": "categorical", "values": ["place"], "mappings": [{"type": "custom"}]},
            "memory": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]},
        },
        "forms": {"outage_form": {"required_slots": ["place"]}},
    }
)  # fmt: skip
EVENTS: dict[str, Any] = {
    "greet": lambda: e.UserUttered("你好", {"name": "greet"}),
    "report": lambda: e.UserUttered("停水", {"name": "report"}),
    "answer": lambda: e.ActionExecuted("action_answer"),
    "form": lambda: e.ActionExecuted("outage_form"),
    "listen": lambda: e.ActionExecuted("action_listen"),
    "loop": lambda: e.ActiveLoop("outage_form"),
    "no loop": lambda: e.ActiveLoop(None),
    "rejected": lambda: e.ActionExecutionRejected("outage_form"),
    "asked": lambda: e.SlotSet("requested_slot", "place"),
    "not asked": lambda: e.SlotSet("requested_slot", None),
    "memory": lambda: e.SlotSet("memory", {"a": 1}),
    "restart": e.Restarted,
    "session": e.SessionStarted,
    "reverted": e.UserUtteranceReverted,
    "action reverted": e.ActionReverted,
}
TALKS = st.lists(st.sampled_from(sorted(EVENTS)), max_size=40)


def talk(names: Sequence[str]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(
        "p", [EVENTS[name]() for name in names], DOMAIN.slots, domain=DOMAIN
    )


@settings(deadline=None)
@given(TALKS, st.integers(1, 6))
def test_the_last_states_are_those_of_the_whole_history(names: list[str], limit: int) -> None:
    tracker = talk(names)
    assert speed.states_of(tracker, DOMAIN, limit) == DOMAIN.states_for_tracker_history(tracker)[-limit:]


def policy(*talks: DialogueStateTracker) -> RulePolicy:
    """A policy whose rules are the ends of `talks`: what it holds against a conversation is what counts here."""
    context = ExecutionContext(GraphSchema({}))
    made = RulePolicy(RulePolicy.get_default_config(), None, None, context)  # type: ignore[arg-type]
    keys = {
        made._create_feature_key(states[-length:])
        for states in map(DOMAIN.states_for_tracker_history, talks)
        for length in (1, 2, 3)
    }
    made.lookup = {RULES: dict.fromkeys(keys, "action_answer"), RULES_FOR_LOOP_UNHAPPY_PATH: {}}
    return made


@settings(deadline=None)
@given(TALKS, st.lists(TALKS, min_size=1, max_size=3), st.booleans())
def test_the_same_rules_fit_as_with_the_whole_history(
    names: list[str], rules: list[list[str]], text: bool
) -> None:
    tracker, made = talk(names), policy(*map(talk, [*rules, names]))
    found = [
        made._get_possible_keys(made.lookup[RULES], states(made, tracker, DOMAIN, text))
        for states in (Policy._prediction_states, speed.last_states)
    ]
    assert found[0] == found[1]


def test_no_more_states_are_made_than_the_longest_rule_has() -> None:
    long = talk(["listen", "greet", "answer"] * 10)
    made = policy(talk(["listen", "greet", "answer", "listen", "greet"]))
    assert len(Policy._prediction_states(made, long, DOMAIN)) == 21
    assert len(speed.last_states(made, long, DOMAIN)) == 3


# the graph


class Joins(GraphComponent):
    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Joins:
        made = cls()
        made.mark = config["mark"]
        return made

    mark: str

    def run(self, **given: Any) -> str:
        if "broken" in given.values():
            raise RuntimeError("broken")
        return f"{self.mark}({','.join(f'{k}={given[k]}' for k in sorted(given))})"


def node(mark: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Joins, "create", "run", {"mark": mark}, is_target=mark == "d")


def graph() -> DaskGraphRunner:
    nodes = {
        "d": node("d", left="b", right="c"), "c": node("c", x="a", y="__given__"), "b": node("b", x="a"),
        "a": node("a", x="__given__"), "alone": node("alone"), "lost": node("lost", x="nowhere"),
    }  # fmt: skip
    return DaskGraphRunner(GraphSchema(nodes), None, ExecutionContext(GraphSchema(nodes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("targets", [None, ["d"], ["b", "alone"], ["a"], ["d", "a"]])
def test_the_graph_gives_what_dask_gives(targets: list[str] | None) -> None:
    runner = graph()
    for word in ("x", "y"):
        wanted = DaskGraphRunner.run(runner, {"__given__": word}, targets)
        assert speed.run_graph(runner, {"__given__": word}, targets) == wanted
        assert list(wanted) == (targets or ["d"])


@pytest.mark.parametrize("run", [DaskGraphRunner.run, speed.run_graph])
@pytest.mark.parametrize(("given_word", "target"), [("broken", "d"), ("x", "lost")])
def test_a_fault_in_the_graph_is_told_as_before(run: Any, given_word: str, target: str) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011
        run(graph(), {"__given__": given_word}, [target])
    assert type(error.value).__name__ in ("GraphComponentException", "GraphRunError")
    assert isinstance(error.value, GraphRunError) is (target == "lost")


# the connection


async def test_calls_share_a_connection_and_survive_one_that_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(EndpointConfig, "session", speed.kept_session)
    doors: list[int] = []

    async def answer(request: web.Request) -> web.Response:
        doors.append(id(request.transport))
        return web.json_response(await request.json())

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, keepalive_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = EndpointConfig(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    try:
        assert [await endpoint.request(json={"n": n}) for n in range(3)] == [{"n": n} for n in range(3)]
        assert len(set(doors)) == 1
        await asyncio.sleep(0.5)  # the server has closed it
        assert await endpoint.request(json={"n": 4}) == {"n": 4}
        kept = endpoint._kept[1]
        await kept.close()
        assert await endpoint.request(json={"n": 5}) == {"n": 5}
        assert endpoint._kept[1] is not kept
    finally:
        await endpoint._kept[1].close()
        await runner.cleanup()


def test_an_empty_domain_is_told_from_one_that_is_not() -> None:
    for _ in range(2):
        assert speed.is_empty(Domain.empty())
        assert not speed.is_empty(DOMAIN)


def test_the_action_server_keeps_a_connection_for_longer_than_it_is_used_again() -> None:
    async def idle() -> float:
        async with EndpointConfig("http://nowhere").session() as session:
            return float(session.connector._keepalive_timeout)  # type: ignore[union-attr]

    assert asyncio.run(idle()) < KEEP_ALIVE_SECONDS / 2
