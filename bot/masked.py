"""Lines about people as staff are shown them: phone numbers masked, in their own column and within people's words.

Whoever has to call back asks for one number with `wuchang phone` (`bot/storage/phones.py`), which is noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.details import mask_phone
from bot.nlu.contacts import counts_things, find_faulty_phones, find_phones
from bot.nlu.spans import Span, resolve

# In what a person said any phone is masked; elsewhere mobile numbers alone, for sums and dates look like the others.
_WORDS = frozenset({"text", "wish", "skills", "question", "place", "name"})
_VALUES = {
    **{char: str(value) for value, char in enumerate("〇一二三四五六七八九")},
    **{char: str(value) for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{char: str(value) for value, char in enumerate("０１２３４５６７８９")},
    **{"两": "2", "貳": "2", "參": "3", "叄": "3", "陸": "6", "幺": "1", "么": "1"},
}
_DIGIT, _NO_DIGIT = f"[0-9{''.join(_VALUES)}]", f"(?<![0-9{''.join(_VALUES)}])"
_ONES, _SECONDS = "[1１一壹幺么]", "[3-9３-９三四五六七八九叁肆伍陆柒捌玖參叄陸]"
# Wider than what is understood as a phone: whatever signs stand between the digits, other than a clock's colon.
_BETWEEN = r"(?:[^\w\n\r:：]|_){0,3}"
_MOBILE = re.compile(
    rf"{_NO_DIGIT}{_ONES}{_BETWEEN}{_SECONDS}(?:{_BETWEEN}{_DIGIT}){{9}}(?![0-9０-９]|[.:：][0-9]| ?[元块户吨方万号栋])"
)
_WHOLE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


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
    text = _WHOLE.sub(lambda found: mask_phone(found[0]), text)
    return _MOBILE.sub(_mask_one, text)


def _mask_one(found: re.Match[str]) -> str:
    plain = "".join(_VALUES.get(char, char) for char in found[0])
    return found[0] if counts_things(plain) else mask_phone(plain)
