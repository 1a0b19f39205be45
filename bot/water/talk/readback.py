"""The read-back of a report: what was understood, line by line, for the person to check."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.dialogue.turn import Say
from bot.water.talk.draft import Draft


def read_back(draft: Draft, now: datetime) -> Say:
    """The values of the read-back; the words for codes are responses of domain.yml (see actions)."""
    return Say(
        "utter_outage_read_back",
        {
            "problems": list(draft.problems),
            "place": full_place(draft),
            "started": spoken_time(draft, now),
            "households": draft.households,
            "scope": draft.scope,
            "phone": draft.phone,
            "name": draft.name,
        },
    )


def full_place(draft: Draft) -> str:
    """The place with its township in front, once."""
    place = draft.place or ""
    if draft.township and not place.startswith(draft.township) and draft.detail:
        return f"{draft.township}{draft.detail}"
    return place if not draft.township or draft.detail else draft.township


def spoken_time(draft: Draft, now: datetime) -> dict[str, object]:
    """The start as parts: how many days ago, hour and minute, and the person's own words."""
    start = draft.started
    if start is None:
        return {"said": draft.started_text}
    days = (now.date() - start.date()) // timedelta(days=1)
    exact = draft.started_grain in ("minute", "hour")
    return {"days": days, "clock": f"{start:%H:%M}" if exact else "", "said": draft.started_text}
