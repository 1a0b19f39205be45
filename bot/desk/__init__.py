"""The incident desk: a web console for staff, its JSON API, and what other systems and everybody may read of it."""
