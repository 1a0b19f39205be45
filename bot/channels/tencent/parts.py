"""An answer as plain texts: its choices numbered, no message longer than the platform takes, the rest on “更多”.

Pure functions. Lengths are bytes of UTF-8, as Tencent counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.channels.model import Button, Reply

MAX_BYTES = 2048
MAX_PARTS = 3
# Where a text is best parted, the best first; each ends what it stands behind.
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？!?；;]+[”’」』）)]*|\.\s"),
    re.compile(r"[，、,：:]|\s"),
)
_CHINESE = "一二三四五六七八九十"
_ONE = rf"(?:[0-9]{{1,2}}|[{_CHINESE}])"
_OPEN, _CLOSE = r"[(\[【〔《<“‘\"'「『]?\s*", r"\s*[)\]】〕》>”’\"'」』]?"
_ASKED = (
    r"(?:回复|回|请选|我选|选择|选|按|我要|要|reply(?:\s*with)?|choose|choice|option|number|no\.|#)\s*:?\s*"
)
# A number alone, or one that is said to be the choice. 3号 is a day and 1个 a count, so neither is one.
_NUMBER = re.compile(
    rf"(?:{_ASKED})?{_OPEN}(?:{_ONE}\u20e3?|第\s*{_ONE}\s*(?:个|项|样)?){_CLOSE}\s*[.。、,，:;~!…]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(rf"[0-9]{{1,2}}|[{_CHINESE}]")
# A question for a quantity: its answer is a number, so its choices have none.
_QUANTITY = re.compile(r"几(?!样|种|手|下)|多少|how (?:many|much|long)", re.IGNORECASE)
_MORE = re.compile(
    rf"(?:回复|看|reply(?:with)?)?:?{_OPEN}(?:更多|more){_CLOSE}[.。、,，;~!…]*", re.IGNORECASE
)


def joined(replies: Sequence[Reply]) -> Reply:
    """The replies of one answer as one: texts below each other, then links, all choices at the end."""
    texts: list[str] = []
    buttons: dict[str, Button] = {}
    for reply in replies:
        texts += [part for part in (reply.text, reply.image, reply.attachment) if part]
        for button in reply.buttons:
            buttons.setdefault(button.payload, button)
    told = all(reply.notice for reply in replies)
    return Reply("\n\n".join(texts), tuple(buttons.values()), notice=told)


def cut(text: str, most: int) -> tuple[str, str]:
    """The beginning of `text` in at most `most` bytes, to the end of a sentence where one is near, and the rest."""
    if len(text.encode()) <= most:
        return text, ""
    head = text.encode()[:most].decode(errors="ignore")
    for end in _ENDS:
        places = [found.end() for found in end.finditer(head) if found.end() * 2 >= len(head)]
        if places:
            head = head[: places[-1]]
            break
    return head.rstrip(), text[len(head) :].lstrip()


def parts(
    text: str, *, more: str, most: int = MAX_PARTS, size: int = MAX_BYTES
) -> tuple[tuple[str, ...], str]:
    """`text` as at most `most` messages, and what is left; then the last one ends with `more`."""
    shown: list[str] = []
    rest = text.strip()
    while rest and len(shown) < most - 1:
        head, rest = cut(rest, size)
        shown.append(head)
    if not rest:
        return tuple(shown), ""
    if len(rest.encode()) <= size:
        return (*shown, rest), ""
    head, rest = cut(rest, size - len(more.encode()))
    return (*shown, head + more), rest


def without_lines(text: str, patterns: Sequence[str]) -> str:
    """`text` without the lines at its end that are of one of the `patterns`."""
    lines = text.split("\n")
    while lines and (not lines[-1].strip() or any(re.fullmatch(one, lines[-1]) for one in patterns)):
        lines.pop()
    return "\n".join(lines)


def number_said(text: str) -> str | None:
    """The number of a choice ("1", "①", "一", "【1】", "回复1", "Reply 1"), or None where more is said than a number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DIGITS.search(plain) if _NUMBER.fullmatch(plain) else None
    if not found:
        return None
    said = found[0]
    return str(_CHINESE.index(said) + 1) if said in _CHINESE else str(int(said))


def asks_for_quantity(text: str) -> bool:
    """Whether the last line of an answer asks how many or how much."""
    return bool(_QUANTITY.search(text.strip().rsplit("\n", 1)[-1]))


def wants_more(text: str) -> bool:
    """The person asks for the rest of an answer."""
    return bool(_MORE.fullmatch("".join(unicodedata.normalize("NFKC", text).split())))
