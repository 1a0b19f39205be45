import pytest

from tools.bench.table import ROWS, Row, as_data, holds, number, render, times_better, wanted

LATENCY = Row("plain_p50", "plain answer", "ms", 10)
RATE = Row("rate", "messages", "msg/s", 100, more_is_better=True)
FREE = Row("free", "no target", "s")


@pytest.mark.parametrize(
    ("row", "figure", "expected"),
    [
        (LATENCY, 9.9, True),
        (LATENCY, 10, True),
        (LATENCY, 10.1, False),
        (RATE, 99.9, False),
        (RATE, 100, True),
        (FREE, 1e9, None),
    ],
)
def test_a_target_is_a_limit_above_for_times_and_below_for_rates(row, figure, expected):
    assert holds(row, figure) is expected


def test_times_better_is_above_one_where_ours_is_better():
    assert times_better(LATENCY, 5, 20) == 4
    assert times_better(RATE, 200, 50) == 4
    assert times_better(LATENCY, 20, 5) == 0.25
    assert times_better(LATENCY, 0, 5) is None


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.1234, "0.12"), (9.876, "9.88"), (12.345, "12.3"), (1234.5, "1234")]
)
def test_numbers_show_three_digits_that_count(value, text):
    assert number(value) == text


def test_rows_are_chosen_by_the_beginning_of_their_names():
    assert [row.name for row in wanted(("plain", "start"))] == ["plain_p50", "plain_p95", "start"]
    assert wanted(()) == ROWS


def test_an_unknown_row_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"'fast'.*plain_p50"):
        wanted(("plain", "fast"))


def test_row_names_are_unique():
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_rows_that_were_not_measured_are_left_out_and_stock_may_be_missing():
    lines = as_data((LATENCY, RATE, FREE), {"plain_p50": 8.0, "rate": 80.0}, {"rate": 40.0})
    assert [line["name"] for line in lines] == ["plain_p50", "rate"]
    assert lines[0]["stock"] is None
    assert lines[0]["times_better"] is None
    assert lines[0]["holds"] is True
    assert lines[1]["times_better"] == 2.0
    assert lines[1]["holds"] is False


def test_the_table_lines_up_and_says_what_is_missed():
    text = render(as_data((LATENCY, RATE, FREE), {"plain_p50": 8, "rate": 80, "free": 3}, {"rate": 40}))
    header, rule, plain, rate, free = text.splitlines()
    assert len({len(line) for line in text.splitlines()}) == 1
    assert set(rule) == {"|", "-", " "}
    assert [cell.strip() for cell in rate.strip("|").split("|")] == [
        "rate", "messages", "80.0 msg/s", "40.0 msg/s", "2.00", ">= 100 msg/s", "MISSED",
    ]  # fmt: skip
    assert plain.strip("| ").endswith("ok")
    assert "MISSED" not in free
    assert "times better" in header
