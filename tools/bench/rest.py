"""The rows that are measured through the REST channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tools.bench import load
from tools.bench.plan import CROWD, HEAD, TAIL, WARM_UP_TURNS, Plan
from tools.bench.servers import Running, memory_mb
from tools.bench.stats import MILLI, of_rounds, slowdown


@dataclass(frozen=True)
class Side:
    """One running assistant, where its figures go, and the turns of its long conversation by their kind."""

    running: Running
    figures: dict[str, float]
    long_turns: Mapping[str, int]

    def texts(self) -> Iterator[tuple[str, str]]:
        """(row's first word, message)."""
        yield "plain", self.running.plain
        yield "action", self.running.action
        if self.running.news:
            yield "news", self.running.news


def warm_up(side: Side) -> list[str]:
    """Some turns that do not count; what the assistant says to each message, as notes."""
    said = []
    for kind, text in side.texts():
        load.conversation(side.running.url, text, WARM_UP_TURNS)
        answer = load.first_answer(side.running.url, text).replace("\n", " ")
        if any(answer and line.startswith(answer) for line in side.running.trouble):
            raise load.NoAnswer(f"the action for {text!r} failed; see the logs in var/bench")
        said.append(f"{kind}: {text!r} -> {answer!r}")
    return said


def measure(sides: Sequence[Side], names: Sequence[str], plan: Plan, say: Callable[[str], None]) -> None:
    """Fill the figures of all sides."""
    if any(name.startswith(("plain", "action", "news")) for name in names):
        _latencies(sides, plan, say)
    if any(name.startswith(("rate", "rss")) for name in names):
        _rates(sides, plan, say)
    for kind in ("plain", "action"):
        if f"long_{kind}" in names:
            _long(sides, kind, say)
    for side in sides:
        side.figures["rss_rasa"] = memory_mb(side.running.rasa_pid)
        side.figures["rss_actions"] = memory_mb(side.running.action_pid)


def _latencies(sides: Sequence[Side], plan: Plan, say: Callable[[str], None]) -> None:
    rounds: dict[tuple[int, str], list[list[float]]] = {}
    for number in range(plan.rounds):
        say(f"answers, round {number + 1} of {plan.rounds}")
        for index, side in enumerate(sides):
            for kind, text in side.texts():
                seconds = load.people(side.running.url, text, plan.persons, plan.turns)
                rounds.setdefault((index, kind), []).append(seconds)
    for (index, kind), seconds_of_rounds in rounds.items():
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            sides[index].figures[f"{kind}_{name}"] = of_rounds(seconds_of_rounds, share) * MILLI


def _rates(sides: Sequence[Side], plan: Plan, say: Callable[[str], None]) -> None:
    rates: dict[tuple[int, str], list[float]] = {}
    for number in range(plan.rounds):
        say(f"{CROWD} people at once, round {number + 1} of {plan.rounds}")
        for index, side in enumerate(sides):
            for kind, text in (("plain", side.running.plain), ("action", side.running.action)):
                rate = load.together(side.running.url, text, CROWD, plan.crowd_turns)
                rates.setdefault((index, kind), []).append(rate)
    for (index, kind), found in rates.items():
        sides[index].figures[f"rate_{kind}"] = median(found)


def _long(sides: Sequence[Side], kind: str, say: Callable[[str], None]) -> None:
    for side in sides:
        if turns := side.long_turns.get(kind):
            say(f"one conversation of {turns} turns, {kind}")
            text = side.running.plain if kind == "plain" else side.running.action
            seconds = load.conversation(side.running.url, text, turns)
            side.figures[f"long_{kind}"] = slowdown(seconds, HEAD, TAIL)
