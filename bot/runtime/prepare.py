"""What must be there before anything is served: database, service points, model."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import select

from bot.documents import learned
from bot.eldercare.points import import_points, read_points
from bot.runtime.plain_events import seal_plain_events
from bot.runtime.training import ensure_model
from bot.settings import ROOT, settings
from bot.storage.database import address, engine_for, migrate, session_scope
from bot.storage.tables import ServicePoint

SAMPLE_POINTS = ROOT / "data" / "sample" / "service_points.csv"


def prepare_database() -> None:
    """Migrate, have points, and encrypt what is left in plain text of conversations.

    Raises:
        WuchangError: the data key is not the one that the database was begun with.
    """
    prepare_points()
    count = seal_plain_events(engine_for(settings().tracker_url or address()))
    if count:
        print(f"加密了以前的对话 / encrypted {count} events of earlier conversations", file=sys.stderr)


def prepare_points() -> None:
    """Migrate, and put the marked sample points in where there are none at all."""
    migrate()
    with session_scope() as session:
        if session.scalars(select(ServicePoint.id).limit(1)).first() is None:
            import_points(session, read_points(SAMPLE_POINTS))
            print("放入了演示用的养老点 / loaded the sample service points", file=sys.stderr)


def prepare() -> Path:
    """Database and model; the model's path."""
    prepare_database()
    model = ensure_model()
    if not learned.kept_at().exists():
        from bot.documents import answers

        answers.shipped()  # learnt now, once, and not by each process at the first question
    return model
