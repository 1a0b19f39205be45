"""The desk's process (`python -m bot.desk`, `wuchang desk serve`)."""

from __future__ import annotations

import ctypes
import logging
import sys

import uvicorn

from bot import clock
from bot.desk import links
from bot.desk.app import create_app
from bot.errors import WuchangError
from bot.settings import settings
from bot.storage.database import session_scope
from bot.storage.keycheck import check_here

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of mallopt(3)
BACKLOG = 512
MOST_CONNECTIONS = 300  # live updates hold one each


def main() -> int:
    """Serve the desk of a database that is up to date, until the process is told to stop; the exit status."""
    give_memory_back()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        check_here()
    except WuchangError as error:
        print(f"wuchang: {error}", file=sys.stderr)
        return 2
    tell_first_admin()
    conf = settings()
    uvicorn.run(
        create_app(),
        host=conf.desk_host,
        port=int(conf.desk_port),
        backlog=BACKLOG,
        limit_concurrency=MOST_CONNECTIONS,
        forwarded_allow_ips=conf.desk_proxies,
        access_log=False,
        server_header=False,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=3,
    )
    return 0


def give_memory_back() -> None:
    """Have glibc return what a password took (19 MB) at once, where it would keep it for each thread."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, 2**20)
        libc.mallopt(_ARENA_MAX, 2)


def tell_first_admin() -> None:
    """Where nobody can log in as admin, print a one-time link that makes one."""
    with session_scope() as session:
        link = links.first_admin(session, now=clock.now())
    if link:
        print(
            f"工作台还没有管理员：24 小时内打开这个链接设口令（只能用一次）\n"
            f"no admin of the desk yet; open once within 24 h: {link}",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
