"""The same assistant on a real PostgreSQL: reports and conversations are kept there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.runtime.training import ensure_model
from tests.e2e.served import Served


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_a_report_on_postgresql(empty_url: str, tmp_path: Path) -> None:
    ensure_model()
    running = Served(empty_url, tmp_path)
    try:
        running.say("pg", "花桥镇老街没水，昨晚七点停的，13912340200，整条街都没有" + "，急得很" * 40)
        answer = "".join(message.get("text", "") for message in running.say("pg", "对"))
        assert "HN" in answer
        (report,) = running.listed("reports")
        assert (report["township"], report["phone"]) == ("花桥镇", "139****0200")
        (incident,) = running.listed("incidents")
        assert incident["reports"] == [report["number"]]
        for words in ("花桥镇新街没水", "忘记我", "对"):
            forgotten = running.say("gone", words)
        assert any("都删掉了" in message.get("text", "") for message in forgotten)
        assert {"forgotten": True} in [message.get("custom") for message in forgotten]
    finally:
        assert running.stop() == 0
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        stored = "SELECT count(*) FROM events WHERE sender_id = :sender"
        assert connection.execute(text(stored), {"sender": "pg"}).scalar() > 10
        assert connection.execute(text(stored), {"sender": "gone"}).scalar() == 0
        words = connection.execute(
            text("SELECT count(*) FROM events WHERE data LIKE '%13912340200%'")
        ).scalar()
        assert words == 0
    engine.dispose()
