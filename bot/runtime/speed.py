"""Hot spots of Rasa 3.6.21 made cheap, without a change of behaviour (docs/performance.md).

`Event.resolve_by_type` walks all subclasses for each event that is read; the answer never changes.
`RemoteAction` builds and checks its JSON schema for each answer of the action server; a validator
built once gives the same verdict. `EndpointConfig` opens a connection for each call of an action; one is kept.
The graph of the model is given to dask, which orders its handful of nodes anew three times a turn; the order is
kept. Whether the domain is empty is found out at each message by
making an empty one; once is enough. RulePolicy makes states of the whole conversation, of which it looks at no more than its longest rule has.
To leave out doubles, training hashes the JSON of every sentence some thirty times; the hash of its text does as
well, since equal sentences have equal texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from graphlib import TopologicalSorter
from itertools import chain
from typing import Any

import aiohttp
import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core import events
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig

_open_session = EndpointConfig.session


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate(self: RemoteAction, result: dict[str, Any]) -> bool:
    _validator().validate(result)
    return True


# the connection to the action server


@asynccontextmanager
async def kept_session(self: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
    """The endpoint's one client, opened with the first call; a closed one, or another event loop, makes a new one.

    It uses a connection again for 15 s (aiohttp's default). The action server keeps it for longer
    (`bot.runtime.crowd.KEEP_ALIVE_SECONDS`), so that no call meets a connection that is just being closed.
    """
    loop, session = getattr(self, "_kept", (None, None))
    if session is None or session.closed or loop is not asyncio.get_running_loop():
        session = _open_session(self)
        self._kept = asyncio.get_running_loop(), session  # type: ignore[attr-defined]
    yield session


# the graph


def run_graph(
    self: DaskGraphRunner, inputs: Mapping[str, Any] | None = None, targets: Sequence[str] | None = None
) -> dict[str, Any]:
    """As `DaskGraphRunner.run`: each node once, after those that it needs; what it raises goes on."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = self.__dict__.setdefault("_orders", {})
    if wanted not in orders:
        orders[wanted] = _order(self, wanted)
    done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, needs in orders[wanted]:
            # One that is not there stands for itself: the node says what it misses.
            done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(done[name] for name in wanted)


def _order(runner: DaskGraphRunner, wanted: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    nodes = runner._graph_schema.minimal_graph_schema(list(wanted)).nodes
    needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
    return [(name, needs[name]) for name in TopologicalSorter(needs).static_order() if name in needs]


# the states that rules are held against


def last_states(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain,
    use_text_for_last_user_input: bool = False, rule_only_data: dict[str, Any] | None = None,
) -> list[State]:  # fmt: skip
    """As `Policy._prediction_states`, but the last states only, as many as the longest rule has."""
    states = states_of(tracker, domain, _longest_rule(self))
    self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def states_of(tracker: DialogueStateTracker, domain: Domain, limit: int) -> list[State]:
    """The last `limit` of `Domain.states_for_tracker_history`."""
    first = sum(isinstance(event, ActionExecuted) for event in tracker.applied_events()) + 1 - limit
    prior = enumerate(tracker.generate_all_prior_trackers())
    return [domain.get_active_state(before) for number, (before, _) in prior if number >= first]


def _longest_rule(policy: RulePolicy) -> int:
    """States of the longest rule; a rule is never held against older ones (`RulePolicy._is_rule_applicable`)."""
    keys = chain(policy.lookup.get(RULES, ()), policy.lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, ()))
    return max((len(policy._rule_key_to_state(key)) for key in keys), default=1)


_is_empty = Domain.is_empty


def is_empty(self: Domain) -> bool:
    """As `Domain.is_empty`, found out once."""
    if "_empty" not in self.__dict__:
        self.__dict__["_empty"] = _is_empty(self)
    return bool(self.__dict__["_empty"])


def apply() -> None:
    """Put all but the last in place; called once, before Rasa serves."""
    resolve = events.Event.resolve_by_type
    events.Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(resolve))  # type: ignore[method-assign]
    RemoteAction._validate_action_result = _validate  # type: ignore[method-assign]
    EndpointConfig.session = kept_session  # type: ignore[method-assign,assignment]
    DaskGraphRunner.run = run_graph  # type: ignore[method-assign,assignment]
    Domain.is_empty = is_empty  # type: ignore[method-assign]
    RulePolicy._prediction_states = last_states  # type: ignore[method-assign]


def apply_to_training() -> None:
    """Put the last one in place; called once, before Rasa trains."""
    Message.__hash__ = lambda self: hash(str(self.data.get("text")))  # type: ignore[method-assign]
