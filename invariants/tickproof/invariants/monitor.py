"""Every invariant beside a running kernel: it stops at the first step that breaks one [F5].

What it decides: which steps are checked, and what is said when one is wrong. `every` checks each
step; `sampled` the steps to every n-th position, so which ones is a matter of positions alone and
the same in each run. Between checked steps the kernel runs as it would without a monitor.

A checked step is asked: every predicate of States and steps (`predicates`), every predicate of
order life for the single steps inside it (`evidence`), and at times, because it is dear, whether
State is what its encoding says [S4]. Of each book the predicates look at the touch only, so the
State that is checked has only that; the one that is shown is whole.

`MonitoredKernel` is a `Kernel` and may stand wherever one does. It reads the kernel's structures
and takes no word of theirs for what has changed: an Order is taken as known only when every field
of it is what it was when it was last looked at. When every step is checked, Orders that are over
and that neither the step nor a fill of theirs has touched are left out of the next check: they were
sound, they lock nothing, and all predicates speak of Orders one by one or of differences.
"""

from __future__ import annotations

from array import array
from enum import Enum
from operator import attrgetter
from typing import Any

from attrs import evolve, has

from tickproof.invariants.evidence import broken_by_orders
from tickproof.invariants.predicates import (
    broken_by_state,
    broken_by_step,
    state_is_canonical_data,
)
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import KernelOrder, to_ticket
from tickproof.spec.book import BookState
from tickproof.spec.configuration import Configuration
from tickproof.spec.digest import field_names
from tickproof.spec.dominance import Pending
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import Event, body_of
from tickproof.spec.order_life import leaves
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.session import SessionState
from tickproof.spec.state import (
    ControlState,
    EquityTrack,
    ExecutionState,
    FillKey,
    FillRecord,
    Filters,
    InstrumentMarket,
    MarketState,
    State,
    Ticket,
)
from tickproof.spec.strategy import Strategy
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS, Clock

CANONICAL_EVERY = 16
"""Of so many sampled positions one is asked for S4: encoding and decoding a State is dear."""

DIFFERENCES_MAX = 60
"""Lines of difference that a report shows; the States themselves are whole."""

FAILED = int(SessionState.FAILED)


class CheckLevel(Enum):
    """How much is checked beside a run."""

    OFF = "off"
    SAMPLED = "sampled"
    EVERY = "every"


class PredicateBroken(InvariantBroken):
    """A step that breaks an invariant; the kernel stops there.

    `broken`: `requirement: predicate`, one or more. `position`: of the Event, from 0. `before` and
    `state`: State before and after it, whole books in `state`. `event` is None where the State
    that a run starts or ends with is itself broken.
    """

    def __init__(
        self,
        broken: tuple[str, ...],
        position: int,
        event: Event | None,
        before: State | None,
        state: State,
        records: tuple[tuple[int, ...], ...],
    ) -> None:
        super().__init__(f"position {position}: {'; '.join(broken)}; event: {event}")
        self.broken = broken
        self.position = position
        self.event = event
        self.before = before
        self.state = state
        self.records = records

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirement ids, each once."""
        named = (part for each in self.broken for part in each.partition(":")[0].split(", "))
        return tuple(dict.fromkeys(named))

    def report(self) -> str:
        """What was broken, by which Event, its records, and what the step changed, in lines."""
        lines = [f"broken at position {self.position}", *(f"  {each}" for each in self.broken)]
        lines += [f"event: {self.event}", f"records: {list(self.records)}"]
        execution = self.state.execution
        lines.append(
            f"state: now {self.state.control.clock.now_ns}, {len(execution.orders)} orders, "
            f"{len(execution.fills)} fills, {len(execution.queue)} queued, "
            f"ledger {execution.ledger}"
        )
        if self.before is not None:
            found = differences(self.before.execution, self.state.execution, "execution")
            found += differences(self.before.control, self.state.control, "control")
            lines.append(f"what the step changed ({len(found)}):")
            lines += [f"  {each}" for each in found[:DIFFERENCES_MAX]]
        return "\n".join(lines)


def differences(before: Any, after: Any, path: str) -> list[str]:
    """Every path at which two values of State differ, with both values."""
    if before is after or before == after:
        return []
    if has(type(before)) and type(before) is type(after):
        names = field_names(before.__class__)
        pairs = [(f".{name}", getattr(before, name), getattr(after, name)) for name in names]
    elif isinstance(before, dict) and isinstance(after, dict):
        keys = sorted({*before, *after})
        pairs = [(f"[{key}]", before.get(key), after.get(key)) for key in keys]
    else:
        return [f"{path}: {before!r} -> {after!r}"]
    return [line for name, was, now in pairs for line in differences(was, now, path + name)]


# --- reading a kernel ----------------------------------------------------------------------------

ORDER_FIELDS = (
    "life",
    "origin",
    "inferred",
    "stopped",
    "price",
    "pending_kind",
    "pending_id",
    "pending_total",
    "pending_price",
    "pending_asked_ns",
    "strategy",
    "account",
    "instrument",
    "side",
    "order_type",
    "time_in_force",
    "good_till_ns",
    "reduce_only",
    "reference_price",
    "as_of_ns",
    "overdue_id",
    "expiring",
    "instructions",
)
"""Plain fields of a kernel's order that its ticket is made of; legs and doubts are lists."""

_fields_of = attrgetter(*ORDER_FIELDS)


Seen = tuple[tuple[int, ...], list[tuple[int, ...]], tuple[tuple[int, ...], ...], Ticket]
"""A kernel's order as it was last read: plain fields, legs, doubts; and the ticket made of it."""


class Reader:
    """State of a kernel again and again: what is equal to last time is the same object."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.orders: dict[int, Seen] = {}
        self.fills: dict[FillKey, tuple[list[int], FillRecord]] = {}
        self.changed: set[int] = set()
        self.open: set[int] = set()

    def state(self) -> State:
        """State with the touch of each book; all else as `Kernel.state` gives it."""
        kernel = self.kernel
        self.changed.clear()
        execution, admission, queue = kernel.execution, kernel.admission, kernel.queue
        return State(
            kernel.position,
            MarketState(tuple(_market(market) for market in kernel.markets)),
            ExecutionState(
                execution.ledger.to_spec(),
                tuple(each.to_spec() for each in kernel.strategies),
                tuple(
                    BucketState(each.tokens, each.refilled_at_ns) for each in kernel.queue.buckets
                ),
                self._tickets(),
                self._fills(),
                dict(execution.aliases),
                dict(execution.externals),
                {key: Pending(*entry.pending()) for key, entry in queue.entries.items()},
                {key: EquityTrack(*track) for key, track in admission.equity.items()},
                admission.intents,
                execution.refused,
                admission.denied,
                execution.surfaced,
            ),
            ControlState(
                Clock(kernel.now_ns, kernel.backwards, kernel.jumps),
                kernel.session,
                kernel.trading_state,
                kernel.configuration_version,
                dict(kernel.connections),
                kernel.restarts,
            ),
        )

    def _tickets(self) -> dict[int, Ticket]:
        known = self.orders
        found = {}
        for order_id, order in self.kernel.execution.orders.items():
            seen = known.get(order_id)
            if (
                seen is None
                or seen[0] != _fields_of(order)
                or seen[1] != [leg.terms() for leg in order.legs]
                or seen[2] != order.doubts
            ):
                seen = self._read(order_id, order)
            found[order_id] = seen[3]
        return found

    def _read(self, order_id: int, order: KernelOrder) -> Seen:
        ticket = to_ticket(order)
        # The kernel changes its legs in place.
        legs: list[tuple[int, ...]] = [leg.terms() for leg in order.legs]
        doubts = order.doubts
        seen = (_fields_of(order), legs, doubts, ticket)
        self.orders[order_id] = seen
        self.changed.add(order_id)
        if ticket.order.pending is None and not doubts and not leaves(ticket.order):
            self.open.discard(order_id)
        else:
            self.open.add(order_id)
        return seen

    def _fills(self) -> dict[FillKey, FillRecord]:
        known = self.fills
        found = {}
        for key, fill in self.kernel.execution.fills.items():
            seen = known.get(key)
            if seen is None or seen[0] != fill:
                seen = (fill[:], FillRecord(*fill))
                known[key] = seen
                self.changed.add(key[4])
            found[key] = seen[1]
        return found

    def concerned(self, before: State, after: State) -> set[int]:
        """Orders that are open or queued, that changed since `before`, or that are gone."""
        was, now = before.execution, after.execution
        gone = was.orders.keys() - now.orders.keys()
        gone |= {key[4] for key in was.fills.keys() - now.fills.keys()}
        gone |= {key[4] for key in was.aliases.keys() ^ now.aliases.keys()}
        return {*self.changed, *self.open, *was.queue, *now.queue, *gone}


def narrowed(state: State, order_ids: set[int]) -> State:
    """State with no other Orders, fills and aliases than those of `order_ids`."""
    execution = state.execution
    orders, fills, aliases = execution.orders, execution.fills, execution.aliases
    return evolve(
        state,
        execution=evolve(
            execution,
            orders={key: orders[key] for key in sorted(order_ids) if key in orders},
            fills={key: fill for key, fill in fills.items() if key[4] in order_ids},
            aliases={key: root for key, root in aliases.items() if key[4] in order_ids},
        ),
    )


def _market(market: KernelMarket) -> InstrumentMarket:
    book = market.book
    bids = ((book.bid_price, book.bid_size),) if book.bid_size else ()
    asks = ((book.ask_price, book.ask_size),) if book.ask_size else ()
    return InstrumentMarket(
        Filters(
            market.tick,
            market.lot_step,
            market.minimum_quantity,
            market.maximum_quantity,
            market.minimum_notional,
        ),
        BookState(bids, asks),
        market.update_id,
        (market.trade_price, market.trade_size, market.trade_side),
        market.bar,
        market.mark_price,
        market.funding_rate_e9,
        market.status,
        market.feed_whole,
    )


# --- the monitored kernel ------------------------------------------------------------------------


class MonitoredKernel(Kernel):
    """A kernel that checks its steps; raises `PredicateBroken` at the first that is wrong.

    `level`: SAMPLED or EVERY. `check_every`: n, the step to every position that is a multiple of n
    is checked when sampled. `checked`: how many steps were. Call `check_state` at the end of a run.
    """

    __slots__ = ("check_every", "checked", "last", "level", "passed", "reader")

    def __init__(
        self,
        configuration: Configuration,
        strategies: tuple[Strategy, ...],
        level: CheckLevel,
        check_every: int = 1,
    ) -> None:
        super().__init__(configuration, strategies)
        self.level = level
        self.check_every = max(check_every, 1)
        self.checked = 0
        self.passed = 0
        self.reader = Reader(self)
        self.last: State | None = None
        self.check_state()

    def load(self, state: State) -> None:
        """Take over a State, and check it."""
        super().load(state)
        self.passed = self.position
        self.last = None
        self.check_state()

    def step(self, event: Event) -> None:
        """Apply one Event; see `Kernel.step`."""
        before = self._before()
        super().step(event)
        self._after(before, event)

    def apply(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: array[int],
    ) -> None:
        """Apply one Event given as integers; see `Kernel.apply`."""
        before = self._before()
        super().apply(kind, event_time_ns, capture_time_ns, source, sequence, epoch, values)
        if before is not None:
            body = body_of(kind, tuple(values))
            event = Event(event_time_ns, capture_time_ns, source, sequence, epoch, body)
            self._after(before, event)
        else:
            self.passed = self.position

    def replay(
        self, batch: EventColumns, start: int = 0, stop: int = -1, until_ns: int = NEVER_NS
    ) -> int:
        """Apply events of a batch; see `Kernel.replay`. Stops and results are the same."""
        if stop < 0:
            stop = len(batch)
        was_failed = self.session == FAILED
        reached = start
        while reached < stop:
            before = self._before()
            wanted = reached + 1 if before is not None else min(stop, reached + self._unchecked())
            begun, reached = reached, super().replay(batch, reached, wanted, until_ns)
            if before is not None and reached > begun:
                self._after(before, batch.event(begun))
            self.passed = self.position
            if reached < wanted or self.requests or (self.session == FAILED and not was_failed):
                return reached
        if start >= stop:
            return super().replay(batch, start, stop, until_ns)
        return reached

    # --- checks ----------------------------------------------------------------------------------

    def check_state(self) -> None:
        """Check the State as it is, S4 included; raises `PredicateBroken`."""
        state = self.reader.state()
        broken = broken_by_state(self.configuration, state)
        if not state_is_canonical_data(self.configuration, state):
            broken += ("S4: state_is_canonical_data",)
        if broken:
            raise PredicateBroken(broken, self.position, None, None, self.state(), ())

    def _unchecked(self) -> int:
        """How many steps lie before the next that is to be checked."""
        return self.check_every - 1 - self.position % self.check_every

    def _before(self) -> State | None:
        """State before the next step if that is to be checked; nothing may have gone past us."""
        if self.passed != self.position:
            text = f"{self.position - self.passed} steps were applied beside the monitor"
            raise InvariantBroken(f"F5: position {self.position}: {text}")
        if self.level is CheckLevel.SAMPLED and self._unchecked() > 0:
            self.last = None
            return None
        return self.last if self.last is not None else self.reader.state()

    def _after(self, before: State | None, event: Event) -> None:
        self.passed = self.position
        if before is None:
            return
        self.checked += 1
        after = self.reader.state()
        records = tuple(self.records)
        was, now = before, after
        if before is self.last:
            concerned = self.reader.concerned(before, after)
            was, now = narrowed(before, concerned), narrowed(after, concerned)
        broken = broken_by_state(self.configuration, now)
        broken += broken_by_step(self.configuration, was, event, now, records)
        # Evidence may be about an Order that is over and stays as it is.
        broken += broken_by_orders(self.configuration, before, event, after, records)
        rare = self.check_every * CANONICAL_EVERY
        if after.position % rare == 0 and not state_is_canonical_data(self.configuration, after):
            broken += ("S4: state_is_canonical_data",)
        if broken:
            raise PredicateBroken(broken, self.position - 1, event, before, self.state(), records)
        self.last = after


def monitored(
    configuration: Configuration,
    strategies: tuple[Strategy, ...],
    level: CheckLevel | str,
    check_every: int,
) -> Kernel:
    """The kernel of a run at a level: a plain one when nothing is to be checked."""
    if CheckLevel(level) is CheckLevel.OFF:
        return Kernel(configuration, strategies)
    return MonitoredKernel(configuration, strategies, CheckLevel(level), check_every)


def check_end(kernel: Kernel) -> None:
    """Check the State a run ended with, if it was monitored; raises `PredicateBroken`."""
    if isinstance(kernel, MonitoredKernel):
        kernel.check_state()


def checked_steps(kernel: Kernel) -> int:
    """How many steps of a run were checked."""
    return kernel.checked if isinstance(kernel, MonitoredKernel) else 0
