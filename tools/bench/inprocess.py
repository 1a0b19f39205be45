"""Figures without servers; each is taken in a process of its own (`python -m tools.bench.inprocess NAME`)."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tools.bench.stats import MILLI, percentile

GRADINGS = 100_000
_REPEATS = 40
_MESSAGES = (
    "三塘镇老街昨晚八点停水，整条街都没水", "屋里冇得水哒", "云集那边什么时候来水", "你好", "谢谢你",
    "泉溪镇附近有没有吃饭的养老驿站", "我们局要签一个物业合同", "合同送审要等几个工作日",
    "The water has been off since this morning", "帮我爸爸登记一下助餐，电话13800000000", "转人工", "今天天气怎么样",
)  # fmt: skip
_QUESTIONS = (
    "合同送审要等几个工作日", "合同签好以后要不要备案", "停水一万户算几级", "谁批准启动一级响应",
    "哪些老人优先", "驿站里有什么设施", "今天晚上吃什么",
)  # fmt: skip


def random_facts(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Incidents with about half of all facts known, the same for the same seed."""
    from bot.water.plan.facts import all_facts

    # Figures for load, not for secrets.
    dice = random.Random(seed)
    return [
        {name: _value(dice, fact) for name, fact in all_facts().items() if dice.random() < 0.5}
        for _ in range(count)
    ]


def _value(dice: random.Random, fact: Any) -> Any:
    if fact.kind == "choice":
        return dice.choice(list(fact.values))
    if fact.kind == "choices":
        return dice.sample(list(fact.values), dice.randint(0, 2))
    if fact.kind == "flag":
        return dice.random() < 0.5
    if fact.kind == "count":
        return int(10 ** dice.uniform(0, 4))
    return round(dice.uniform(0, 60), 1)


def grade() -> dict[str, float]:
    """Seconds for 100,000 gradings, each made into its line's data."""
    from bot.water.plan.grading import grade as graded

    incidents = random_facts(GRADINGS)
    graded(incidents[0])
    begun = time.perf_counter()
    for facts in incidents:
        graded(facts)
    return {"grade": time.perf_counter() - begun}


def grade_cli() -> dict[str, float]:
    """Seconds for 100,000 lines through the command, its start and JSON included."""
    lines = io.BytesIO()
    for facts in random_facts(GRADINGS):
        lines.write(json.dumps(facts).encode() + b"\n")
    command = [sys.executable, "-m", "bot.cli", "grade"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, input=lines.getvalue(), stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - begun
    if done.stdout.count(b"\n") != GRADINGS:
        raise RuntimeError("`wuchang grade` lost lines")
    return {"grade_cli": seconds}


def parse() -> dict[str, float]:
    """Milliseconds of one message through the whole understanding."""
    from bot.runtime.parser import load_parser

    handler = load_parser()
    times = _timed(lambda text: handler({"text": text}), _MESSAGES)
    return {"parse_p50": percentile(times, 0.5) * MILLI, "parse_p95": percentile(times, 0.95) * MILLI}


def ask() -> dict[str, float]:
    """Milliseconds of one procedure question."""
    from bot.documents.answers import answer_line

    times = _timed(lambda text: answer_line({"question": text}), _QUESTIONS)
    return {"ask_p50": percentile(times, 0.5) * MILLI}


def training() -> dict[str, float]:
    """Seconds of a whole training, the process's start included, into a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="wuchang-bench-") as folder:
        script = (
            "import sys; from pathlib import Path; from bot.runtime import training;"
            "training.MODELS = Path(sys.argv[1]); training.ensure_model()"
        )
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", script, folder], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
        )
        seconds = time.perf_counter() - begun
        if not list(Path(folder).glob("*.tar.gz")):
            raise RuntimeError("the training left no model; has bot/runtime/training.py changed?")
    return {"training": seconds}


def _timed(call: Callable[[str], Any], texts: tuple[str, ...]) -> list[float]:
    for text in texts:
        call(text)
    times = []
    for _ in range(_REPEATS):
        for text in texts:
            begun = time.perf_counter()
            call(text)
            times.append(time.perf_counter() - begun)
    return times


def channel() -> dict[str, float]:
    """See `tools.bench.channels`; loaded here alone, for it loads Rasa."""
    from tools.bench import channels

    return channels.wechat()


def telegram() -> dict[str, float]:
    """See `tools.bench.channels`."""
    from tools.bench import channels

    return channels.telegram()


def wecom() -> dict[str, float]:
    """See `tools.bench.channels`."""
    from tools.bench import channels

    return channels.wecom()


def web() -> dict[str, float]:
    """See `tools.bench.channels`."""
    from tools.bench import channels

    return channels.web()


def _incidents(size: str) -> Callable[[], dict[str, float]]:
    """See `tools.bench.incidents`."""

    def measure() -> dict[str, float]:
        from tools.bench import incidents

        return incidents.measure(size)

    return measure


# By the first part of the rows' names.
MEASURES: Mapping[str, Callable[[], dict[str, float]]] = {
    "grade": grade, "grade_cli": grade_cli, "parse": parse, "ask": ask, "training": training, "channel": channel,
    "telegram": telegram, "wecom": wecom, "web": web,
    **{f"join_{size}": _incidents(size) for size in ("10k", "100k", "1m")},
}  # fmt: skip


def in_own_process(name: str) -> dict[str, float]:
    """The figures of one measure, taken by a fresh interpreter.

    Raises:
        RuntimeError: it failed; its own words are on standard error.
    """
    command = [sys.executable, "-m", "tools.bench.inprocess", name]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed with status {done.returncode}; see above")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]]()))
