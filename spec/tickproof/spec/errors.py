"""Errors that must never happen, and the one that a runtime can cause.

Expected refusals are values with codes, not exceptions; what is here stops the kernel loudly [F5].
"""

from __future__ import annotations


class InvariantBroken(Exception):
    """A rule of the specification does not hold: the kernel stops; the text says which, where."""


class ObligationSkipped(Exception):
    """An Event reached past an obligation's deadline without its ControlTime [T7].

    `deadline_ns` is what must be applied first. State is unchanged.
    """

    def __init__(self, deadline_ns: int) -> None:
        super().__init__("an obligation is due before this event")
        self.deadline_ns = deadline_ns
