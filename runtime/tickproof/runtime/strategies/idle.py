"""Watch and do nothing: what a run costs besides its strategy, woken as often as one may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.spec.commands import Decision
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.strategy import View


@define
class Nothing:
    """No memory."""


class Idle:
    """Does nothing, woken by every event."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Nothing

    def decide(
        self,
        view: View,  # noqa: ARG002 - it does not look
        memory: Nothing,  # noqa: ARG002 - and remembers nothing
    ) -> Iterable[Decision] | None:
        """Nothing."""
        return None


class IdleOnTouch(Idle):
    """Does nothing, woken when a best price changes."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE)
