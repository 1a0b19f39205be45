"""JSON Lines in, JSON Lines out: one line never takes the others with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from bot.errors import BadInput, WuchangError

logger = logging.getLogger(__name__)
Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def run(handler: Handler, source: BinaryIO, sink: BinaryIO) -> int:
    """Answer each line of `source` on `sink`, in order; blank lines are passed over.

    A line that cannot be used gives `{"error": ...}` in its place and the run goes on.

    Returns:
        The exit status: 1 where a line gave an error, else 0.
    """
    status = 0
    for raw in source:
        if not raw.strip():
            continue
        answer = _answer(handler, raw)
        status = 1 if "error" in answer else status
        sink.write(_encoded(answer))
        sink.flush()
    return status


def write(sink: BinaryIO, line: Mapping[str, Any]) -> None:
    """One JSON object as a line of UTF-8; a lone surrogate is written as its escape."""
    sink.write(_encoded(line))
    sink.flush()


def _encoded(line: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf8") + b"\n"
    except UnicodeEncodeError:
        return json.dumps(line, allow_nan=False).encode("ascii") + b"\n"


def write_all(lines: Iterable[Mapping[str, Any]], sink: BinaryIO) -> int:
    """Every line of a listing; the exit status."""
    for line in lines:
        write(sink, line)
    return 0


def _answer(handler: Handler, raw: bytes) -> Mapping[str, Any]:
    try:
        answer = handler(_parsed(raw))
        _encoded(answer)  # an answer that is no JSON is a fault of this line, not of the run
        return answer
    except WuchangError as error:
        return {"error": str(error)}
    except Exception as error:
        # A fault of ours on one line: said on that line, told in the log, and the run goes on.
        logger.exception("a line failed")
        return {"error": f"internal error: {type(error).__name__}: {error}. Please report it with this line."}


def _parsed(raw: bytes) -> Mapping[str, Any]:
    try:
        line = json.loads(raw.decode("utf-8-sig", errors="strict"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadInput(f"the line is not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the line is not JSON: {error}") from None
    if not isinstance(line, dict):
        raise BadInput(f"a line must be a JSON object such as {{...}}, not {type(line).__name__}")
    return line


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
