"""The townships with the villages imported so far, as every process sees them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.places.gazetteer import Gazetteer, gazetteer
from bot.places.importer import load_villages
from bot.storage.database import address, session_scope

logger = logging.getLogger(__name__)
_FRESH = timedelta(seconds=60)
_seen: dict[str, tuple[datetime, Gazetteer]] = {}


def current_places(now: datetime) -> Gazetteer:
    """Townships and imported villages; read again from the database once a minute.

    A database that cannot be read gives what was known before, at least the shipped townships: a message is
    understood all the same.
    """
    url = address()
    known = _seen.get(url)
    if known is None or abs(now - known[0]) > _FRESH:
        try:
            with session_scope(url) as session:
                known = (now, gazetteer(load_villages(session)))
        except (SQLAlchemyError, OSError, ImportError) as error:
            logger.warning("villages could not be read: %s", type(error).__name__)
            known = (now, known[1] if known else gazetteer())
        _seen[url] = known
    return known[1]
