import pytest

from tools.bench.stats import of_rounds, percentile, slowdown


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.95, 5.0),
        ([3, 1, 2], 0.5, 2),
        ([4, 1, 3, 2], 0.5, 2.5),
        ([1, 2, 3, 4, 5], 0.0, 1),
        ([1, 2, 3, 4, 5], 1.0, 5),
        (range(101), 0.95, 95),
        ([0, 10], 0.25, 2.5),
    ],
)
def test_a_percentile_lies_between_its_neighbours(values, share, expected):
    assert percentile(values, share) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1], 1.5), ([1], -0.1)])
def test_a_percentile_of_nothing_or_beyond_all_is_an_error(values, share):
    with pytest.raises(ValueError, match=r"no values|share is"):
        percentile(values, share)


def test_the_values_given_keep_their_order():
    values = [3, 1, 2]
    percentile(values, 0.5)
    assert values == [3, 1, 2]


def test_one_disturbed_round_does_not_count():
    assert of_rounds([[1, 1, 1], [100, 100, 100], [2, 2, 2]], 0.5) == 2


def test_slowdown_compares_the_first_turns_with_the_last():
    assert slowdown([1.0] * 20 + [50.0] * 60 + [3.0] * 20, 20, 20) == 3.0


def test_slowdown_needs_enough_turns():
    with pytest.raises(ValueError, match="too few"):
        slowdown([1.0] * 39, 20, 20)
