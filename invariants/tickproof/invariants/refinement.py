"""Kernel and specification side by side: equal after every Event, field by field.

What it decides: whether a kernel refines `spec.step` on a stream. After each Event the whole
State, the decision records, the next obligation, both digests and the refusal to pass an
obligation are compared; the first difference is named by its path.

`Coverage` counts which table rules, codes and reasons a stream reached: a comparison is worth as
much as what it has met.

Sections: differences, lockstep, coverage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Any, ClassVar, Self

from attrs import fields, has

from tickproof.invariants.faults import RELOADED, Seen, listed, seen_in
from tickproof.kernel import snapshot
from tickproof.kernel.kernel import Kernel
from tickproof.spec import fill_life, order_life
from tickproof.spec import step as specification
from tickproof.spec.configuration import Configuration
from tickproof.spec.digest import Chain, extended, genesis, state_digest, value
from tickproof.spec.dominance import DOMINANCE
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import ControlTime, Event
from tickproof.spec.outputs import (
    AccountRefusal,
    IntentOutcome,
    Record,
    RecordKind,
    RefusalSource,
    SurfacedReason,
)
from tickproof.spec.queue_processing import Validity
from tickproof.spec.risk import DenyCode
from tickproof.spec.session import CONNECTION, INSTRUMENT_STATUS, SESSION
from tickproof.spec.state import State, initial_state
from tickproof.spec.strategy import Strategy
from tickproof.spec.table import Table
from tickproof.spec.time import Obligation, ObligationReason
from tickproof.spec.trading_state import TRADING_STATE

StrategiesFactory = Callable[[], tuple[Strategy, ...]]
"""Makes fresh strategy objects; kernel and specification get a set each."""

# --- differences ---------------------------------------------------------------------------------


class Diverged(AssertionError):
    """Kernel and specification differ; the text says where and how."""


def first_difference(expected: Any, actual: Any, path: str = "") -> str:
    """The path and both values of the first difference; empty when equal."""
    if has(type(expected)) and type(expected) is type(actual):
        names = [attribute.name for attribute in fields(type(expected)) if attribute.eq]
        pairs = [(f".{name}", getattr(expected, name), getattr(actual, name)) for name in names]
        return _first(pairs, path)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        keys = sorted({*expected, *actual})
        return _first([(f"[{k}]", expected.get(k), actual.get(k)) for k in keys], path)
    if isinstance(expected, tuple) and isinstance(actual, tuple) and len(expected) == len(actual):
        return _first([(f"[{i}]", e, actual[i]) for i, e in enumerate(expected)], path)
    if expected == actual:
        return ""
    return f"{path or 'value'}: expected {expected!r}, got {actual!r}"


def _first(pairs: list[tuple[str, Any, Any]], path: str) -> str:
    for name, expected, actual in pairs:
        found = first_difference(expected, actual, path + name)
        if found:
            return found
    return ""


# --- lockstep ------------------------------------------------------------------------------------


class Lockstep:
    """A specification State and a Kernel that receive the same Events.

    `events`: those applied so far, ControlTimes included. `records`: the last step's. `broken`
    1: both raised `InvariantBroken`, nothing may follow. `digests_every`: at which multiples of
    the position both digests are compared (their specification is slow). `control_times_max`:
    how many are answered before one Event; a strategy that always asks for now would never end.
    """

    control_times_max: ClassVar[int] = 40

    def __init__(
        self,
        configuration: Configuration,
        strategies_factory: StrategiesFactory,
        digests_every: int = 1,
        coverage: Coverage | None = None,
    ) -> None:
        self.configuration = configuration
        self.strategies_factory = strategies_factory
        self.strategies = strategies_factory()
        self.kernel = Kernel(configuration, strategies_factory())
        self.state: State = initial_state(configuration, self.strategies)
        self.before: State = self.state
        self.chain = Chain(genesis(configuration))
        self.digests_every = digests_every
        self.coverage = coverage
        self.events: list[Event] = []
        self.records: tuple[Record, ...] = ()
        self.broken = 0
        self._compare_states()

    def apply(self, event: Event) -> bool:
        """Apply an Event, ControlTimes that are due before it first.

        False when it was not applied: an obligation would not end, or both stopped. Raises
        `Diverged` where kernel and specification differ.
        """
        for _ in range(self.control_times_max):
            deadline_ns = self._try(event)
            if self.broken:
                return False
            if deadline_ns is None:
                return True
            if self._try(self._control_time(event, deadline_ns)) is not None:
                raise Diverged(f"an obligation at {deadline_ns} refuses its own ControlTime")
        return False

    def _control_time(self, event: Event, deadline_ns: int) -> Event:
        return Event(deadline_ns, deadline_ns, 9, event.sequence, 0, ControlTime(deadline_ns))

    def _try(self, event: Event) -> int | None:
        """One Event on both sides; the deadline when both refuse to pass it."""
        skipped = self._spec_step(event)
        try:
            self.kernel.step(event)
        except ObligationSkipped as due:
            if skipped != due.deadline_ns:
                raise Diverged(
                    self._said(f"kernel skips {due.deadline_ns}, not {skipped}")
                ) from due
            self._compare_states()
            return due.deadline_ns
        except InvariantBroken as stop:
            if not self.broken:
                raise Diverged(self._said(f"the kernel stops: {stop}")) from stop
            return None
        if self.broken:
            raise Diverged(self._said("the specification stops, the kernel goes on"))
        if skipped is not None:
            raise Diverged(self._said(f"the kernel passes the obligation at {skipped}"))
        self._compare_step()
        return None

    def _spec_step(self, event: Event) -> int | None:
        listening = nullcontext() if self.coverage is None else self.coverage.listening()
        try:
            with listening:
                stepped = specification.step(self.configuration, self.strategies, self.state, event)
        except ObligationSkipped as due:
            return due.deadline_ns
        except InvariantBroken:
            self.broken = 1
            return None
        self.events.append(event)
        self.before, self.state = self.state, stepped.state
        self.records = stepped.records
        self.chain = extended(self.chain, event, stepped.records)
        return None

    def _compare_step(self) -> None:
        got = tuple(self.kernel.records)
        if self.records != got:
            raise Diverged(self._said(first_difference(self.records, got, "records")))
        self._compare_states()
        made = tuple(record for record in got if record[0] == RecordKind.REQUEST)
        if made != tuple(self.kernel.requests):
            raise Diverged(self._said(f"requests: expected {made}, got {self.kernel.requests}"))
        due = specification.obligation(self.configuration, self.state)
        promised = self.kernel.obligation()
        difference = "" if due == promised else first_difference(due, promised, "obligation")
        if due.deadline_ns != self.kernel.deadline_ns:
            difference = first_difference(due.deadline_ns, self.kernel.deadline_ns, "deadline_ns")
        if not difference and self.state.position % self.digests_every == 0:
            difference = self._compare_digests()
        if difference:
            raise Diverged(self._said(difference))
        if self.coverage is not None:
            self.coverage.note(self.records, due, self.kernel)
            last = self.events[-1]
            self.coverage.note_faults(
                Seen(self.configuration, self.before, last, self.state, self.records)
            )

    def reload(self) -> None:
        """Go on with another kernel, read from the snapshot of this one [S1]."""
        data = snapshot.to_bytes(snapshot.take(self.kernel))
        taken = snapshot.from_bytes(data)
        self.kernel = snapshot.restore(self.configuration, self.strategies_factory(), taken)
        self._compare_states()
        if self.coverage is not None:
            self.coverage.reached[f"fault {RELOADED}"] += 1

    def _compare_states(self) -> None:
        actual = self.kernel.state()
        if self.state != actual:
            raise Diverged(self._said(first_difference(self.state, actual, "state")))

    def compare_digests(self) -> None:
        """Compare both digests now; raises `Diverged`."""
        difference = self._compare_digests()
        if difference:
            raise Diverged(self._said(difference))

    def _compare_digests(self) -> str:
        pairs = (
            ("chain digest", value(self.chain), self.kernel.chain_digest()),
            ("state digest", state_digest(self.state), self.kernel.state_digest()),
        )
        return _first(list(pairs), "")

    def _said(self, difference: str) -> str:
        last = self.events[-1] if self.events else "no event"
        return f"position {self.state.position}: {difference}; last applied: {last}"


def lockstep(
    configuration: Configuration, strategies_factory: StrategiesFactory, events: Iterable[Event]
) -> Lockstep:
    """Apply `events` to both sides; raises `Diverged` at the first difference.

    Where both refuse to pass an obligation its ControlTime is applied first.
    """
    both = Lockstep(configuration, strategies_factory)
    for event in events:
        both.apply(event)
        if both.broken:
            break
    return both


# --- coverage ------------------------------------------------------------------------------------


class Coverage:
    """Counts what streams reach: rule ids of every table, and codes by name.

    As a context manager it listens to every table, but only while a `Lockstep` that was given it
    steps its specification: what anybody else looks up was reached by no stream.
    """

    def __init__(self) -> None:
        self.reached: Counter[str] = Counter()
        self._select: Any = None
        self._listens = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count rules meanwhile."""
        self._listens = True
        try:
            yield
        finally:
            self._listens = False

    def __enter__(self) -> Self:
        original = Table.select
        reached = self.reached

        def counted(table: Table[Any, Any], *arguments: Any) -> Any:
            rule = original(table, *arguments)
            if self._listens:
                reached[rule.id] += 1
            return rule

        self._select = original
        setattr(Table, "select", counted)  # noqa: B010
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        setattr(Table, "select", self._select)  # noqa: B010

    def note_faults(self, seen: Seen) -> None:
        """Count the faults and policies of one step."""
        for name in seen_in(seen):
            self.reached[name] += 1

    def note(self, records: Iterable[Record], due: Obligation, kernel: Kernel) -> None:
        """Count what one step recorded."""
        reached = self.reached
        reached[f"obligation {ObligationReason(due.reason).name}"] += 1
        for record in records:
            kind = record[0]
            reached[f"record {RecordKind(kind).name}"] += 1
            if kind == RecordKind.DENIED:
                reached[f"deny {DenyCode(record[5]).name}"] += 1
            elif kind == RecordKind.SURFACED:
                reached[f"surfaced {SurfacedReason(record[1]).name}"] += 1
            elif kind == RecordKind.REFUSED:
                reached[f"refused by {RefusalSource(record[4]).name}"] += 1
                if record[4] == RefusalSource.ACCOUNT:
                    reached[f"account {AccountRefusal(record[5]).name}"] += 1
            elif kind == RecordKind.INTENT_CLOSED:
                reached[f"outcome {IntentOutcome(record[4]).name}"] += 1
            elif kind == RecordKind.STRATEGY_FAILED and kernel.failure is not None:
                reached[f"failure {type(kernel.failure).__name__}"] += 1
        for entry, code in zip(kernel.queue.withdrawn, kernel.queue.withdrawn_codes, strict=True):
            closed = (entry.strategy, entry.intent_id, entry.order_id, IntentOutcome.WITHDRAWN)
            if (RecordKind.INTENT_CLOSED, *closed) in kernel.records:
                reached[f"withdrawn {Validity(code).name}"] += 1


TABLES: tuple[Table[Any, Any], ...] = (
    order_life.TABLE,
    fill_life.TABLE,
    DOMINANCE,
    SESSION,
    CONNECTION,
    INSTRUMENT_STATUS,
    TRADING_STATE,
)
"""The tables a step looks into."""


def expected() -> set[str]:
    """Everything a step could reach by the look of the tables and codes."""
    names = {rule.id for table in TABLES for rule in table.rules}
    for prefix, codes in (
        ("record", RecordKind),
        ("deny", DenyCode),
        ("surfaced", SurfacedReason),
        ("refused by", RefusalSource),
        ("account", AccountRefusal),
        ("outcome", IntentOutcome),
        ("withdrawn", Validity),
        ("obligation", ObligationReason),
    ):
        names |= {f"{prefix} {code.name}" for code in codes}
    return (names | listed()) - {"deny ALLOWED", "withdrawn VALID"}


SHUT_OFF: tuple[tuple[str, str], ...] = (
    (
        r"OL\.\w+\.REQUEST_\w+\.(gate_shut|something_pending)",
        "Queue Processing's gate holds back a Request while one is in flight [EC5]",
    ),
    (
        r"OL\.(ABSENT|CANCELED|EXPIRED|REJECTED)\.REQUEST_(REPLACE|CANCEL)\.always",
        "dominance and validity end a command for an order never sent or dead [EC4, ID1]",
    ),
    (
        r"OL\.(?!ABSENT)\w+\.REQUEST_NEW\.always",
        "dominance refuses a key in use, validity withdraws a NEW whose order exists [EC4]",
    ),
    (
        r"OL\.\w+\.FILLED\.fill_repeated|OL\.\w+\.FILL_\w+\.fill_gone",
        "the fill-life table refuses first what was applied or voided before [OL4]",
    ),
    (
        r"OL\.(ABSENT|SUBMITTED)\.FILL_\w+\.fill_effective",
        "the first fill moves an order out of this life, and no row leads back",
    ),
    (
        r"OL\.ABSENT\.(NOT_FOUND|OPERATOR_DISPOSITION|RESTARTED)\.always",
        "asked only of orders that exist",
    ),
    (
        r"OL\.\w+\.RESTARTED\.nothing_pending",
        "a restart is told only to orders with a Request in flight",
    ),
    (
        r"OL\.SUBMITTED\.REPLACED\.(open|unsolicited)_new_leg",
        "new is a venue order beside one that is bound; whatever binds one leaves SUBMITTED [OL10]",
    ),
    (
        r"OL\.REJECTED\.REPLACED\.inferred_new_leg",
        "as in SUBMITTED, which is the only life that an inferred REJECTED comes from [OL11]",
    ),
    (
        r"OL\.EXPIRED\.\w+\.(inferred_\w+|fresh_and_inferred)",
        "no row infers an expiry: that is the venue's to say [T8]",
    ),
    (
        r"SESSION\.(CREATED|COMPLETED)\.\w+\.always|SESSION\.\w+\.(PREPARE|COMPLETE)\.always",
        "a kernel starts READY, is not told that its stream has ended, and no Event says PREPARE",
    ),
    (
        r"SESSION\.(?!RUNNING)\w+\.FAIL\.always",
        "only a running session consults, so only there a strategy fails",
    ),
    (r"deny UNKNOWN_ACCOUNT", "every configured strategy has a configured account"),
    (r"withdrawn NEVER_SENT", "dominance admits it for sent orders only, and none vanishes [ID1]"),
)
"""Patterns of names that no stream can reach, each with what stands before them."""


def why_shut_off(name: str) -> str:
    """Why no stream can reach it (see `SHUT_OFF`); empty when one can."""
    return next((why for pattern, why in SHUT_OFF if re.fullmatch(pattern, name)), "")


def is_shut_off(name: str) -> bool:
    """Whether no stream can reach it (see `SHUT_OFF`)."""
    return why_shut_off(name) != ""
