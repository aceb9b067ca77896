"""The one table type: every lifecycle of the system is a total table of rows and refusals.

What it decides: for a (state, event) pair, which rule applies, and nothing else does. Each cell
holds one or more rules whose guards are exhaustive and disjoint; a rule is either a `Row` (an
effect and a target state) or a `Refuse` (a code, and no effect at all).

Why one type: totality, disjointness, rendering, traceability and the kernel's flat tables are
then written once. Rules are identified by name, never by number: `OL.WORKING.FILLED.fresh_fill`
stays the same rule when rows are added around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, Generic, TypeVar

from attrs import frozen

StateT = TypeVar("StateT")
EventT = TypeVar("EventT")

KEEP = -1
"""Target of a row that leaves the state code as it is."""


class BrokenTable(Exception):
    """A table that is not total, or names a rule twice: found when the module is imported."""


def always(state: Any, event: Any) -> bool:
    """Guard of a cell with a single rule."""
    return True


def unchanged(state: Any, event: Any) -> Any:
    """Effect of a row that changes nothing but, perhaps, the state code."""
    return state


@frozen
class Row:
    """A legal transition: when `guard` holds, apply `effect`, then move to `target`."""

    id: str
    source: int
    event: int
    guard: Callable[[Any, Any], bool]
    effect: Callable[[Any, Any], Any]
    target: int
    requirements: tuple[str, ...]
    decision: str


@frozen
class Refuse:
    """An illegal pair: when `guard` holds, nothing changes and `code` is reported and counted."""

    id: str
    source: int
    event: int
    guard: Callable[[Any, Any], bool]
    code: int
    requirements: tuple[str, ...]
    decision: str


Rule = Row | Refuse


@frozen
class Transition:
    """A rule before it is bound to a cell; made by `go` and `refuse`."""

    guard: Callable[[Any, Any], bool]
    effect: Callable[[Any, Any], Any] | None
    target: int
    code: int


def go(
    guard: Callable[[Any, Any], bool],
    effect: Callable[[Any, Any], Any],
    target: int = KEEP,
) -> Transition:
    """A legal transition under `guard`."""
    return Transition(guard, effect, target, 0)


def refuse(guard: Callable[[Any, Any], bool], code: int) -> Transition:
    """A coded refusal under `guard`."""
    return Transition(guard, None, KEEP, code)


@frozen
class Table(Generic[StateT, EventT]):
    """A total table over `states` x `events`.

    `name` prefixes every rule id. `codes` is the enum of refusal codes. `cells[state][event]` is
    the tuple of rules of that cell, in the order they were written.
    """

    name: str
    title: str
    states: type[IntEnum]
    events: type[IntEnum]
    codes: type[IntEnum]
    rules: tuple[Rule, ...]
    cells: dict[int, dict[int, tuple[Rule, ...]]]

    def select(self, source: int, event: int, state: StateT, detail: EventT) -> Rule:
        """The one rule of the cell whose guard holds.

        Raises `BrokenTable` when none does: guards are proved exhaustive, so this is a defect.
        """
        for rule in self.cells[source][event]:
            if rule.guard(state, detail):
                return rule
        raise BrokenTable(f"{self.name}: no rule for state {int(source)}, event {int(event)}")

    def rows(self) -> tuple[Row, ...]:
        """The legal transitions."""
        return tuple(rule for rule in self.rules if isinstance(rule, Row))

    def refusals(self) -> tuple[Refuse, ...]:
        """The coded refusals."""
        return tuple(rule for rule in self.rules if isinstance(rule, Refuse))

    def rule(self, rule_id: str) -> Rule:
        """The rule called `rule_id`; raises KeyError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


class TableBuilder:
    """Collects rules cell by cell, then checks totality once.

    `on(event, states, *transitions, requirements, decision)` writes the same transitions into
    the cells of several states; each gets an id of its own.
    """

    def __init__(
        self,
        name: str,
        title: str,
        states: type[IntEnum],
        events: type[IntEnum],
        codes: type[IntEnum],
    ) -> None:
        self._name = name
        self._title = title
        self._states = states
        self._events = events
        self._codes = codes
        self._rules: list[Rule] = []
        self._seen: set[str] = set()

    def on(
        self,
        event: IntEnum,
        states: Iterable[IntEnum],
        *transitions: Transition,
        requirements: tuple[str, ...],
        decision: str,
    ) -> None:
        """Write `transitions` into the cell (state, event) of each of `states`."""
        for state in states:
            for transition in transitions:
                self._add(state, event, transition, requirements, decision)

    def _add(
        self,
        state: IntEnum,
        event: IntEnum,
        transition: Transition,
        requirements: tuple[str, ...],
        decision: str,
    ) -> None:
        rule_id = f"{self._name}.{state.name}.{event.name}.{transition.guard.__name__}"
        if rule_id in self._seen:
            raise BrokenTable(f"rule {rule_id} is written twice")
        self._seen.add(rule_id)
        if transition.effect is None:
            self._rules.append(
                Refuse(
                    rule_id,
                    int(state),
                    int(event),
                    transition.guard,
                    int(transition.code),
                    requirements,
                    decision,
                )
            )
            return
        target = int(state) if transition.target == KEEP else int(transition.target)
        self._rules.append(
            Row(
                rule_id,
                int(state),
                int(event),
                transition.guard,
                transition.effect,
                target,
                requirements,
                decision,
            )
        )

    def build(self) -> Table[Any, Any]:
        """The finished table; raises `BrokenTable` when a cell has no rule."""
        cells: dict[int, dict[int, tuple[Rule, ...]]] = {
            int(state): {int(event): () for event in self._events} for state in self._states
        }
        for rule in self._rules:
            cells[rule.source][rule.event] += (rule,)
        for state in self._states:
            for event in self._events:
                if not cells[int(state)][int(event)]:
                    raise BrokenTable(f"{self._name}: cell {state.name} x {event.name} is empty")
        return Table(
            self._name,
            self._title,
            self._states,
            self._events,
            self._codes,
            tuple(self._rules),
            cells,
        )
