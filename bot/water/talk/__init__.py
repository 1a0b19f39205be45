"""Taking a report, one message after the other: pure functions of what was said and what is known so far."""
