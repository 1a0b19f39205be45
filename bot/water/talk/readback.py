"""The read-back of a report: what was understood, line by line, for the person to check."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.dialogue.turn import Say
from bot.places.gazetteer import in_township
from bot.water.talk.draft import Draft

# 两三天, 好几天了: the hour that is reckoned from it was said by nobody. 一天半 and 两天零五个小时 are meant so.
_IN_DAYS = re.compile(
    r"(?:停了|断了|有|好|大概|差不多|快)*[一二两三四五六七八九十几多好\d、~-]+个?(?:多)?(?:天|日|星期|礼拜|周|月)(?:多|左右|了)*|.*\b(?:days?|weeks?)",
    re.IGNORECASE,
)


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
        return in_township(draft.township, draft.detail)
    return place if not draft.township or draft.detail else draft.township


def spoken_time(draft: Draft, now: datetime) -> dict[str, object]:
    """The start as parts: how many days ago, hour and minute, and the person's own words."""
    start = draft.started
    if start is None:
        return {"said": draft.started_text}
    days = (now.date() - start.date()) // timedelta(days=1)
    exact = draft.started_grain in ("minute", "hour") and not _IN_DAYS.fullmatch(draft.started_text or "")
    return {"days": days, "clock": f"{start:%H:%M}" if exact else "", "said": draft.started_text}
