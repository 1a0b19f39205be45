"""The Atom feed of CAP messages, and what it shares with them (`bot.desk.cap_message`): addresses, who gives the news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from bot.clock import with_offset
from bot.settings import settings
from bot.texts import word
from bot.water.telling.notices import Notice

ATOM = "http://www.w3.org/2005/Atom"
TYPE = "application/cap+xml"


def feed(notices: Sequence[Notice], *, address: str, now: datetime, drill: bool = False) -> bytes:
    """An Atom feed of notices, newest first; `address` is that of the public pages, with its last slash."""
    name = "cap-exercise.atom" if drill else "cap.atom"
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(_atom("feed"))
    updated = max((notice.sent_at for notice in notices), default=now)
    _child(root, "id", f"{address}{name}")
    _child(root, "title", f"{word('drill_mark', 'zh') if drill else ''}{word('public_title', 'zh')}")
    _child(root, "updated", with_offset(updated) or "")
    _child(_child(root, "author"), "name", publisher("zh"))
    _child(root, "link", rel="self", href=f"{address}{name}")
    _child(root, "link", rel="alternate", href=address)
    for notice in notices:
        entry = _child(root, "entry")
        link = f"{address}cap/{notice.number}.xml"
        texts = notice.texts["zh"]
        _child(entry, "id", link)
        _child(entry, "title", f"{word('drill_mark', 'zh') if notice.drill else ''}{texts['headline']}")
        _child(entry, "updated", with_offset(notice.sent_at) or "")
        _child(entry, "summary", texts["description"])
        _child(entry, "link", rel="alternate", type=TYPE, href=link)
    body: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def sender() -> str:
    """Who the messages are from: CAP wants one word that nobody else uses, so the name of the site."""
    return urlsplit(public_address()).hostname or "localhost"


def public_address() -> str:
    """The address of the public pages for people, with its last slash; never made of what a caller claims."""
    return f"{(settings().public_url or settings().desk_address).rstrip('/')}/public/"


def publisher(language: str) -> str:
    """Who gives the news: the setting, else the assistant's name."""
    return settings().public_name or word("public_name", language)


def _atom(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _child(
    parent: ElementTree.Element, name: str, text: str = "", /, **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _atom(name), attributes)
    if text:
        made.text = text
    return made
