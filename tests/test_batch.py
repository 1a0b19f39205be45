"""JSON Lines in and out: a line that cannot be used never takes the others with it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.batch import run, write, write_all
from bot.errors import BadInput


def echo(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answers with the line; some lines make it fail."""
    if line.get("bad"):
        raise BadInput("bad is bad; leave it out")
    if line.get("broken"):
        raise ZeroDivisionError("x")
    return {"got": dict(line)}


def batch(source: bytes) -> tuple[int, list[dict[str, Any]]]:
    sink = io.BytesIO()
    status = run(echo, io.BytesIO(source), sink)
    return status, [json.loads(line) for line in sink.getvalue().decode("utf8").splitlines()]


def test_answers_in_order_with_status_0() -> None:
    assert batch(b'{"a": 1}\n{"a": 2}\n') == (0, [{"got": {"a": 1}}, {"got": {"a": 2}}])


def test_no_input_is_no_fault() -> None:
    assert batch(b"") == (0, [])
    assert batch(b"\n  \n\r\n") == (0, [])


def test_the_last_line_needs_no_end_and_windows_ends_are_fine() -> None:
    assert batch(b'{"a": 1}\r\n\r\n{"a": 2}') == (0, [{"got": {"a": 1}}, {"got": {"a": 2}}])


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"{", "not JSON"),
        ("停水".encode(), "not JSON"),
        (b'{"a": 1} {"a": 2}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "Infinity"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"[1, 2]", "object"),
        (b'"text"', "object"),
        (b"null", "object"),
        (b"7", "object"),
        ('{"a": "三塘镇"}'.encode("gb18030"), "UTF-8"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"bad": true}', "bad is bad"),
        (b'{"broken": true}', "internal error"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_bad_line_gives_its_error_in_its_place(
    bad: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="bot.batch")
    status, lines = batch(b'{"a": 1}\n' + bad + b'\n{"a": 2}\n')
    assert status == 1
    assert lines[0] == {"got": {"a": 1}}
    assert list(lines[1]) == ["error"]
    assert said in lines[1]["error"]
    assert lines[2:] == [{"got": {"a": 2}}]


def test_a_fault_of_ours_is_logged_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    batch(b'{"broken": true}')
    assert "ZeroDivisionError" in caplog.text


def test_a_byte_order_mark_does_not_cost_the_first_line() -> None:
    """Windows' editor writes one."""
    assert batch(b'\xef\xbb\xbf{"a": 1}\n') == (0, [{"got": {"a": 1}}])


def test_chinese_is_written_as_it_is_and_a_lone_surrogate_escaped() -> None:
    sink = io.BytesIO()
    write(sink, {"a": "停水\u2028"})
    write(sink, {"a": "停\ud800"})
    first, second = sink.getvalue().split(b"\n")[:2]
    assert "停水".encode() in first
    assert json.loads(second) == {"a": "停\ud800"}


def test_a_number_that_json_does_not_know_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write(io.BytesIO(), {"a": float("nan")})


def test_an_answer_that_cannot_be_written_does_not_end_the_run(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="bot.batch")
    sink = io.BytesIO()
    answers = iter([{"a": float("nan")}, {"a": 2}])
    status = run(lambda _: next(answers), io.BytesIO(b"{}\n{}\n"), sink)
    lines = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert status == 1
    assert "error" in lines[0]
    assert lines[1:] == [{"a": 2}]


def test_write_all() -> None:
    sink = io.BytesIO()
    assert write_all([{"a": 1}, {"b": 2}], sink) == 0
    assert sink.getvalue() == b'{"a": 1}\n{"b": 2}\n'


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(b'{"a": 1}'), st.text(max_size=20).map(str.encode)), max_size=8))  # fmt: skip
def test_one_line_out_for_each_line_in(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b" ") for line in lines]
    sink = io.BytesIO()
    status = run(echo, io.BytesIO(b"\n".join(lines)), sink)
    answers = [json.loads(line) for line in sink.getvalue().decode("utf8", "surrogatepass").split("\n")[:-1]]
    assert len(answers) == sum(bool(line.strip()) for line in lines)
    assert status == int(any("error" in answer for answer in answers))
