"""`wuchang drill`: an outage that is made up, played faster than life and taken away again."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands import base

SPEED = 600.0
STAY_MINUTES = 30.0
_ANSWER_SECONDS = 30


def add(commands: Any) -> None:
    """Add the command of this module."""
    text = "play an outage that is made up, faster than life; it is marked 演练 everywhere and taken away afterwards"
    drill = base.add(commands, "drill", _drill, text)
    drill.add_argument("file", nargs="?", type=Path, help="what happens; data/sample/drills has one")
    drill.add_argument(
        "--speed", type=float, default=SPEED, help=f"how much faster than life (default {SPEED:g})"
    )
    drill.add_argument(
        "--with-staff",
        action="store_true",
        help="also do what the file has staff do; else it is only said, and people at the desk do it",
    )
    drill.add_argument(
        "--stay",
        type=float,
        default=STAY_MINUTES,
        metavar="MINUTES",
        help=f"how long it stays after its last step (default {STAY_MINUTES:g}); Ctrl-C ends it at once",
    )
    drill.add_argument("--remove", action="store_true", help="only take away what an earlier drill left")


def _drill(arguments: argparse.Namespace) -> int:
    from bot.errors import BadInput
    from bot.storage.database import migrate, session_scope
    from bot.water import drill as drills

    migrate()
    if arguments.remove:
        _remove()
        return 0
    if arguments.file is None:
        raise BadInput("要一个演练文件，比如 wuchang drill data/sample/drills/burst-main.yml")
    if arguments.speed <= 0 or arguments.stay < 0:
        raise BadInput("--speed 要大于 0，--stay 不能是负数。")
    drill = drills.load(arguments.file)
    with session_scope() as session:
        if drills.is_going_on(session):
            raise BadInput("已经有一场演练的数据。先用 wuchang drill --remove 删掉。")
    try:
        _play(drill, arguments)
        print(f"演练放完了，{arguments.stay:g} 分钟后删除；按 Ctrl-C 马上删除。", flush=True)
        time.sleep(arguments.stay * 60)
    except KeyboardInterrupt:
        print("停下了。", flush=True)
    finally:
        _remove()
    return 0


def _play(drill: Any, arguments: argparse.Namespace) -> None:
    from bot import clock
    from bot.drilling import incident_number, play, take_part
    from bot.storage.database import session_scope

    def act(step: Any, number: str) -> str:
        if not arguments.with_staff:
            return f"{number} 该值班员：{step.act} {step.what}"
        with session_scope() as session:
            return take_part(session, step, number, clock.now())

    def incident_of(sender: str) -> str | None:
        with session_scope() as session:
            return incident_number(session, sender)

    print(f"【演练】{drill.name}", flush=True)
    lines = play(
        drill, say=_say, act=act, now=clock.now, wait=_wait, speed=arguments.speed, incident_of=incident_of
    )
    for line in lines:
        hours, minutes = divmod(int(line.at / timedelta(minutes=1)), 60)
        print(f"【演练】{hours}:{minutes:02d} {line.who}：{line.said}", flush=True)
        for answer in line.answers:
            print("    " + answer.replace("\n", "\n    "), flush=True)


def _wait(moment: datetime) -> None:
    from bot import clock

    left = (moment - clock.now()).total_seconds()
    if left > 0:
        time.sleep(left)


def _say(sender: str, words: str) -> list[str]:
    """One message through the REST channel of the running assistant."""
    import urllib.request

    from bot.errors import WuchangError
    from bot.settings import settings

    conf = settings()
    request = urllib.request.Request(
        f"http://{conf.local_host}:{conf.port}/webhooks/rest/webhook",
        data=json.dumps({"sender": sender, "message": words}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:
            return [message.get("text", "") for message in json.load(response)]
    except OSError as error:
        raise WuchangError(f"聊天没有回应（{error}）。先用 wuchang serve 启动。") from None


def _remove() -> None:
    from bot.settings import settings
    from bot.storage.database import address, session_scope
    from bot.storage.forget import forget_conversation
    from bot.water import drill as drills

    with session_scope() as session:
        gone, senders = drills.remove(session)
    for sender in senders:  # not within it: the conversations may be in another database
        forget_conversation(settings().tracker_url or address(), sender)
    total = sum(gone.values())
    print(f"演练数据删掉了 {total} 条。" if total else "没有演练数据。", file=sys.stderr, flush=True)
