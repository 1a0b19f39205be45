"""Errors that are part of the interface: what happened, why, what to do."""

from __future__ import annotations


class WuchangError(Exception):
    """Anything a person can mend: bad input, a missing file, a fact that contradicts another.

    The message is shown as it is (on a batch line as ``{"error": ...}``), so it says
    what happened, why, and what to do.
    """


class BadInput(WuchangError):
    """A value that was handed in cannot be used."""


class NotFound(WuchangError):
    """What was asked for is not there."""
