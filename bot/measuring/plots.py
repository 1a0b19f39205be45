"""Plots as SVG text, for the report and the docs."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

THRESHOLDS = np.arange(0.0, 1.0, 0.02)
_BINS = np.linspace(0.0, 1.0, 11)


@dataclass(frozen=True)
class Guess:
    """What was wanted, what was guessed with which confidence, before the fallback looked at it."""

    wanted: str
    guessed: str
    confidence: float


@dataclass(frozen=True)
class At:
    """What a threshold does, as shares between 0 and 1.

    Attributes:
        turned_away: in-scope sentences that are asked back or called out of scope.
        misled: in-scope sentences answered as something else.
        kept_out: out-of-scope sentences asked back or called out of scope.
    """

    threshold: float
    turned_away: float
    misled: float
    kept_out: float


def at_threshold(guesses: Sequence[Guess], threshold: float) -> At:
    """What happens to `guesses` where less confidence than `threshold` asks back."""

    def kept(guess: Guess) -> bool:
        return guess.confidence < threshold or guess.guessed == "out_of_scope"

    inside = [g for g in guesses if g.wanted != "out_of_scope"]
    outside = [g for g in guesses if g.wanted == "out_of_scope"]
    return At(
        threshold,
        sum(map(kept, inside)) / max(len(inside), 1),
        sum(not kept(g) and g.guessed != g.wanted for g in inside) / max(len(inside), 1),
        sum(map(kept, outside)) / max(len(outside), 1),
    )


def calibration(guesses: Sequence[Guess]) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, how many) of each tenth of confidence that has any."""
    rows = []
    for low, high in pairwise(_BINS):
        inside = [g for g in guesses if low <= g.confidence < high or (high == 1.0 and g.confidence == 1.0)]
        if inside:
            mean = sum(g.confidence for g in inside) / len(inside)
            rows.append((mean, sum(g.guessed == g.wanted for g in inside) / len(inside), len(inside)))
    return rows


def curve_svg(guesses: Sequence[Guess], chosen: float) -> str:
    """The three shares over the threshold, with the chosen one marked."""
    figure, axis = _figure(7.0, 4.0)
    points = [at_threshold(guesses, float(t)) for t in THRESHOLDS]
    for name, values in (
        ("in scope: turned away", [p.turned_away for p in points]),
        ("in scope: answered as something else", [p.misled for p in points]),
        ("out of scope: kept out", [p.kept_out for p in points]),
    ):
        axis.plot(THRESHOLDS, values, label=name)
    axis.axvline(chosen, color="black", linestyle=":", label=f"threshold {chosen}")
    axis.set(xlabel="threshold of the fallback", ylabel="share", ylim=(0, 1), xlim=(0, 1))
    axis.grid(alpha=0.3)
    axis.legend(loc="center right")
    return _svg(figure)


def calibration_svg(guesses: Sequence[Guess]) -> str:
    """Confidence against how often it was right."""
    figure, axis = _figure(4.0, 4.0)
    rows = calibration(guesses)
    axis.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axis.plot([r[0] for r in rows], [r[1] for r in rows], marker="o")
    for mean, right, count in rows:
        axis.annotate(str(count), (mean, right), textcoords="offset points", xytext=(4, -10), fontsize=7)
    axis.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    return _svg(figure)


def confusion_svg(pairs: Sequence[tuple[str, str]]) -> str:
    """How often each intent (row) was taken for each (column)."""
    counts = Counter(pairs)
    names = sorted({name for pair in pairs for name in pair})
    matrix = np.array([[counts[row, column] for column in names] for row in names], dtype=float)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = 3.5 + 0.32 * len(names)
    figure, axis = _figure(side, side)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set(xlabel="understood as", ylabel="meant")
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, int(count), ha="center", va="center", fontsize=7, color=colour)
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    # Without pyplot there is no window system to ask for and nothing to close.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "wuchang"}):  # the same data give the same file
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
