"""Lines about people as staff are shown them: phone numbers masked, in their own column and within people's words.

Whoever has to call back asks for one number with `wuchang phone` (`bot/storage/phones.py`), which is noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.details import mask_phone
from bot.nlu.contacts import find_faulty_phones, find_phones
from bot.nlu.spans import Span, resolve

# In what a person said any phone is masked; elsewhere mobile numbers alone, for sums and dates look like the others.
_WORDS = frozenset({"text", "wish", "skills", "question", "place", "name"})
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def masked(line: Mapping[str, Any]) -> dict[str, Any]:
    """`line` with its phones masked, whatever is nested in it.

    >>> masked({"phone": "13912341234", "text": "打0734-8550001", "households": 3})
    {'phone': '139****1234', 'text': '打073****0001', 'households': 3}
    """
    return {key: _masked(key, value) for key, value in line.items()}


def mask_words(text: str) -> str:
    """A person's words with every phone in them masked, read out ones and slips too."""
    found: list[Span] = resolve([*find_phones(text), *find_faulty_phones(text)])
    for span in sorted(found, key=lambda span: -span.start):
        text = text[: span.start] + mask_phone(str(span.data["number"])) + text[span.end :]
    return _mask_mobiles(text)


def _masked(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked(value)
    if isinstance(value, (list, tuple)):
        return [_masked(key, one) for one in value]
    if (
        not isinstance(value, str) or key == "sender"
    ):  # an id to be handed to other commands; digits in it are a hash's
        return value
    if key == "phone":
        return mask_phone(value)
    return mask_words(value) if key in _WORDS else _mask_mobiles(value)


def _mask_mobiles(text: str) -> str:
    return _MOBILE.sub(lambda found: mask_phone(found[0]), text)
