"""Three hot spots of Rasa 3.6.21 made cheap, without a change of behaviour (docs/performance.md).

`Event.resolve_by_type` walks all subclasses for each event that is read; the answer never changes.
`RemoteAction` builds and checks its JSON schema for each answer of the action server; a validator
built once gives the same verdict. To leave out doubles, training hashes the JSON of every sentence some
thirty times; the hash of its text does as well, since equal sentences have equal texts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.shared.core import events
from rasa.shared.nlu.training_data.message import Message


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate(self: RemoteAction, result: dict[str, Any]) -> bool:
    _validator().validate(result)
    return True


def apply() -> None:
    """Put the first two in place; called once, before Rasa serves."""
    resolve = events.Event.resolve_by_type
    events.Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(resolve))  # type: ignore[method-assign]
    RemoteAction._validate_action_result = _validate  # type: ignore[method-assign]


def apply_to_training() -> None:
    """Put the last one in place; called once, before Rasa trains."""
    Message.__hash__ = lambda self: hash(str(self.data.get("text")))  # type: ignore[method-assign]
