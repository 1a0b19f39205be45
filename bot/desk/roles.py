"""Who may do what: a viewer reads, a duty officer changes incidents, an admin also changes who may do what."""

from __future__ import annotations

VIEWER, DUTY, ADMIN = "viewer", "duty", "admin"
ROLES = (VIEWER, DUTY, ADMIN)  # each may do what those before it may


def allows(role: str, needed: str) -> bool:
    """Whether `role` may do what needs `needed`; an unknown role may do nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)
