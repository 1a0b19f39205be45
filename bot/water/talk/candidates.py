"""An open incident that a report may be a double of, and how well its place fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# How well an incident fits a report's place, best first.
SAME, WITHIN, ZONE, TOWNSHIP, NAMESAKE = "same", "within", "zone", "township", "namesake"
SURE = (SAME, WITHIN, ZONE)


@dataclass(frozen=True)
class Candidate:
    """An open incident that a report may be a double of.

    Attributes:
        fit: "same" area, one "within" the other, the same supply "zone", only the same "township", or a "namesake":
            the same area in a township that the report does not name.
        reports, households: what it has so far.
        through: id of the incident merged into it whose place it is, where it is not its own.
        quiet: it had no report for long, and no start tells that it is the same outage.
    """

    number: str
    township: str | None
    area: str
    started_at: datetime | None
    reports: int
    households: int
    fit: str
    incident_id: int
    through: int | None = None
    quiet: bool = False

    @property
    def sure(self) -> bool:
        """Whether it fits so well that nobody need be asked."""
        return self.exact and not self.quiet

    @property
    def exact(self) -> bool:
        """Whether its place is that of the report."""
        return self.fit in SURE
