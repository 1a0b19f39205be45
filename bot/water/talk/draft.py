"""What is known so far of a report that is being taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.places.gazetteer import Resolved


@dataclass(frozen=True)
class Draft:
    """A report in the making; times are county-local ISO strings without zone.

    Attributes:
        replaces: the number of the filed report that this one corrects, "" for a new one.
        id: given by the action when the draft is opened; a draft is filed once, however often it is sent.
        problems: codes, the main one first.
        lat, lon: a location that was sent (WGS-84).
        candidates: townships that the place could lie in, where that is open.
        started_grain: how exact the start is: "minute", "hour", "part" of a day or "day".
        scope: "one", "building", "street", "village", "township" or "several".
        casualties: people hurt or ill; None where nothing was said.
        danger: "chlorine", "poisoning" or "injury" makes the report urgent.
        asked: questions asked so far, each once a time asked.
        words: what the person said, for staff.
        photos: ids of photos and files that were sent with it (`bot.storage.attachments`).
        joins: number of the incident that the person said theirs is, "" where nobody asked.
        doubles: open incidents that the person is being asked about (`bot.water.talk.doubles.Double` as JSON).
        offered: numbers of those that were asked about, each once.
        declined: numbers of those of which the person said that theirs is another.
        rest: places named beside this one, each a Draft of its own as JSON.
    """

    id: str = ""
    replaces: str = ""
    problems: tuple[str, ...] = ()
    township: str | None = None
    place: str | None = None
    detail: str = ""
    candidates: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    started_at: str | None = None
    started_text: str | None = None
    started_grain: str | None = None
    households: int | None = None
    scope: str | None = None
    phone: str | None = None
    name: str | None = None
    casualties: int | None = None
    danger: str | None = None
    asked: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    photos: tuple[int, ...] = ()
    joins: str = ""
    doubles: tuple[Mapping[str, str], ...] = ()
    offered: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    rest: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Draft:
        """The inverse of `to_json`; None gives an empty draft."""
        if not data:
            return cls()
        lists = (
            "problems", "candidates", "asked", "words", "photos", "doubles", "offered", "declined", "rest",
        )  # fmt: skip
        values: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in data.items()}
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """A dictionary that fits into a slot."""
        return asdict(self)

    @property
    def started(self) -> datetime | None:
        """The start as a datetime (local, naive)."""
        return datetime.fromisoformat(self.started_at) if self.started_at else None

    def at(self, place: Resolved) -> dict[str, Any]:
        """The fields of `place` for `dataclasses.replace`."""
        return {
            "place": place.text, "township": place.township, "detail": place.detail,
            "candidates": place.candidates,
        }  # fmt: skip
