"""The words in which the tables say how an incident or a report stands."""

OPEN = "open"
CLOSED = "closed"  # an incident, or a report with it
MERGED = "merged"  # an incident whose reports another one has now
WITHDRAWN = "withdrawn"  # a report that was taken back: it counts for nothing
RESTORED = "restored"  # a report of which the water is back
