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
        assert (report["township"], report["phone"]) == ("花桥镇", "13912340200")
        (incident,) = running.listed("incidents")
        assert incident["reports"] == [report["number"]]
    finally:
        assert running.stop() == 0
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM events WHERE sender_id = 'pg'")).scalar() > 10
    engine.dispose()
