"""`rows`: a shortest witness for every row and refusal of every table, on spec and on kernel.

What it decides: whether a rule can happen. On the specification a breadth-first search over
concrete states tries an alphabet of events until no new state appears. On the kernel the witness
is played where the kernel has a form of its own: order life in place, fill life and the control
tables through whole kernels in lockstep with the specification, dominance through the queue in
place, places in a price queue, the two venue tables through the simulated venue, and those of the
matching venue through the matcher. A witness
counts only when the outcome is the rule's: its target and effect, or its code and no change.

What cannot be reached is named with the reason and not counted as reached.

Sections: specification, order life, lockstep, dominance, places, venue, matching venue, the key.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import product
from typing import Any, ClassVar

from attrs import astuple, evolve

from tests.venue import test_by_order as by_order
from tests.venue import test_lists as lists
from tests.venue import test_order_place as exact
from tests.venue import test_price_queue as places
from tests.venue.stage import BUY, CONFLATED, EXACT, SELL, Stage, stage
from tests.verification import venue_rows
from tests.verification.figures import Figure, figure
from tickproof.invariants import matching
from tickproof.invariants.refinement import Coverage, Lockstep, is_shut_off
from tickproof.invariants.witnesses import UNREACHABLE as ORDER_UNREACHABLE
from tickproof.invariants.witnesses import traces
from tickproof.invariants.worlds import Nothing
from tickproof.kernel import orders as kernel_orders
from tickproof.kernel.intent_queue import IntentQueue, QueuedCommand
from tickproof.runtime.rendering import TABLES
from tickproof.spec import (
    book_sync,
    conditional,
    fees,
    funding,
    iceberg,
    journal,
    order_life,
    order_list,
    order_place,
    price_queue,
)
from tickproof.spec import matching as matching_spec
from tickproof.spec.book_sync import BookSync, Numbering, SyncEvent, SyncMessage
from tickproof.spec.commands import CONDITIONAL_TYPES, OrderType, TimeInForce
from tickproof.spec.conditional import CONDITIONAL, Conditional, Met, Wait
from tickproof.spec.configuration import OnStrategyError, Wake, WakeRule
from tickproof.spec.dominance import DOMINANCE, DominanceState, Pending, Target, dominate
from tickproof.spec.events import (
    Body,
    ConnectionChanged,
    Event,
    EventKind,
    Execution,
    InstrumentStatus,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    TradeKind,
    TradingStateChanged,
)
from tickproof.spec.fill_life import FillEvent
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.intent_life import IntentState
from tickproof.spec.order_list import OrderListEvent, OrderListKind
from tickproof.spec.price_queue import FillModel, QueueEvent, QueueInput
from tickproof.spec.session import DatasetState, SessionEvent, SessionState
from tickproof.spec.strategy import View
from tickproof.spec.table import Refuse, Row, Rule, Table
from tickproof.spec.venue_admission import (
    ADMISSION,
    REASONS,
    TENURE,
    TENURE_REASONS,
    Command,
    OrderClass,
    Situation,
    Tenure,
)
from tickproof.spec.venue_phase import PHASES, PhaseEvent, VenuePhase
from tickproof.spec.venue_rules import VenueRules
from tickproof.venue import verdicts

Witnesses = dict[str, Any]
"""Rule id -> a shortest trace that ends in it."""

# --- specification -------------------------------------------------------------------------------


def search(
    table: Table[Any, Any],
    starts: Iterable[Any],
    code_of: Callable[[Any], int],
    letters: Callable[[Any], Iterable[tuple[int, Any]]],
    after: Callable[[Any, int, Any, Rule], Any],
    key: Callable[[Any], Hashable] = lambda state: state,
) -> Witnesses:
    """Breadth first over concrete states until nothing new appears."""
    found: Witnesses = {}
    queue: deque[tuple[Any, tuple[Any, ...]]] = deque((start, ()) for start in starts)
    seen = {key(state) for state, _ in queue}
    while queue:
        state, path = queue.popleft()
        for event, detail in letters(state):
            rule = table.select(code_of(state), event, state, detail)
            longer = (*path, (event, detail))
            found.setdefault(rule.id, longer)
            reached = state if isinstance(rule, Refuse) else after(state, event, detail, rule)
            if isinstance(rule, Row) and code_of(reached) != rule.target:
                raise AssertionError(f"{rule.id} leads to {code_of(reached)}, not {rule.target}")
            if key(reached) not in seen:
                seen.add(key(reached))
                queue.append((reached, longer))
    return found


def target_of(_state: int, _event: int, _detail: None, rule: Rule) -> int:
    """Where a row leads; a refusal leads nowhere."""
    return rule.target if isinstance(rule, Row) else rule.source


def by_codes(
    table: Table[Any, Any], *starts: int, usable: Callable[[str], bool] = lambda _: True
) -> Witnesses:
    """A table without guards: its states are their codes. Only `usable` rules are taken."""

    def letters(state: int) -> list[tuple[int, None]]:
        cells = table.cells[state]
        return [(event, None) for event, cell in cells.items() if usable(cell[0].id)]

    return search(table, map(int, starts), int, letters, target_of)


def book_sync_witnesses() -> Witnesses:
    ids = range(5)
    messages = tuple(
        SyncMessage(first, last, previous)
        for first, last, previous in product(ids, ids, (-1, *ids))
        if first <= last and previous < first
    )
    return search(
        book_sync.BOOK_SYNC,
        [BookSync(numbering=int(each)) for each in Numbering],
        lambda sync: sync.state,
        lambda _: product(map(int, SyncEvent), messages),
        lambda sync, event, message, _: book_sync.step(sync, event, message).sync,
    )


def commit_witnesses() -> Witnesses:
    return search(
        journal.COMMIT,
        [journal.Commit()],
        lambda commit: commit.state,
        lambda _: product(map(int, journal.CommitEvent), (1, 2)),
        lambda commit, event, position, _: journal.commit_step(commit, event, position).commit,
    )


def recovery_witnesses() -> Witnesses:
    found = [
        journal.Found(segment, 0, segment, b"x" * segment, is_sure, is_last)
        for segment, is_sure, is_last in product((0, 1, 2), (0, 1), (0, 1))
    ]
    return search(
        journal.RECOVERY,
        [journal.Recovery()],
        lambda recovery: recovery.state,
        lambda _: product(map(int, journal.RecoveryEvent), found),
        lambda recovery, event, seen, _: journal.recovery_step(recovery, event, seen).recovery,
    )


def matching_witnesses() -> dict[str, Witnesses]:
    """By table; each witness is a stream of messages to one venue."""
    found: dict[str, Witnesses] = {table.name: {} for table in MATCHING_TABLES}
    for rule_id, stream in matching.witnesses().items():
        found[rule_id.partition(".")[0]][rule_id] = stream
    return found


def order_list_witnesses() -> Witnesses:
    return search(
        order_list.ORDER_LIST,
        [order_list.new_order_list(kind) for kind in OrderListKind],
        lambda each: each.life,
        lambda _: [(int(event), int(event)) for event in OrderListEvent],
        lambda each, event, *_: order_list.step(each, event)[0],
    )


PLACE_INPUTS: tuple[tuple[int, QueueInput], ...] = (
    (QueueEvent.JOINED, QueueInput(stamp_ns=10, size=5, current=1, maximum_declared=1)),
    (QueueEvent.JOINED, QueueInput(stamp_ns=10, size=5, maximum_declared=1)),
    (QueueEvent.JOINED, QueueInput(stamp_ns=10, size=5)),
    (QueueEvent.LEVEL_UPDATE, QueueInput(stamp_ns=9, size=4)),
    (QueueEvent.LEVEL_UPDATE, QueueInput(stamp_ns=12, size=3)),
    (QueueEvent.PRINT, QueueInput(stamp_ns=11, quantity=1)),
    (QueueEvent.PRINT, QueueInput(stamp_ns=11, quantity=1, resting_side=0)),
    (QueueEvent.PRINT, QueueInput(stamp_ns=11, quantity=1, resting_side=-1)),
    (QueueEvent.PRINT_THROUGH, QueueInput(stamp_ns=11, quantity=1)),
    (QueueEvent.PRINT_THROUGH, QueueInput(stamp_ns=11, quantity=1, resting_side=0)),
    (QueueEvent.PRINT_THROUGH, QueueInput(stamp_ns=11, quantity=1, resting_side=-1)),
    (QueueEvent.GAP, QueueInput()),
    (QueueEvent.GREW, QueueInput()),
    (QueueEvent.OUT_OF_WINDOW, QueueInput()),
    (QueueEvent.OWN_AHEAD_LEFT, QueueInput(quantity=1)),
    (QueueEvent.AMENDED, QueueInput(keeps_priority=1)),
    (QueueEvent.AMENDED, QueueInput()),
    (QueueEvent.LEFT, QueueInput()),
)


def place_witnesses() -> Witnesses:
    """Two places are one when no guard can tell them apart."""
    return search(
        price_queue.TABLE,
        [price_queue.ABSENT],
        lambda place: place.code,
        lambda _: PLACE_INPUTS,
        lambda place, event, seen, _: price_queue.apply(place, event, seen)[0],
        lambda place: (place.code, place.arrival_ns, place.maximum_declared),
    )


EXACT_INPUTS: tuple[tuple[order_place.News, order_place.Told], ...] = (
    (order_place.News.JOINED, order_place.Told(stamp_ns=5, queue=((1, 2),), size=4)),
    (order_place.News.CAME, order_place.Told(2, 1, 4)),
    (order_place.News.CAME, order_place.Told(3, 1, 6)),
    *(
        (event, order_place.Told(reference, 1, 6, known))
        for event in (order_place.News.WENT, order_place.News.TRADED, order_place.News.GREW)
        for reference, known in ((1, 1), (3, 1), (8, 0))
    ),
    (order_place.News.GAP, order_place.Told()),
    (order_place.News.AMENDED, order_place.Told(keeps_priority=1)),
    (order_place.News.AMENDED, order_place.Told()),
    (order_place.News.LEFT, order_place.Told()),
)
"""News of an order behind one that is known and two lots that are not."""


def exact_place_witnesses() -> Witnesses:
    """Two places are one when no guard can tell them apart."""
    return search(
        order_place.TABLE,
        [order_place.ABSENT],
        lambda place: place.code,
        lambda _: EXACT_INPUTS,
        lambda place, event, told, _: order_place.apply(place, event, told)[0],
        lambda place: (place.code, place.closed, len(place.ahead) > 0),
    )


def conditional_witnesses() -> Witnesses:
    """Every type, trailing or not, and prices around the trigger; then commands and dates."""
    asked = product(CONDITIONAL_TYPES, (BUY, SELL), (0, 100), (0, 100))
    waiting = [
        (int(Wait.ARRIVING), Conditional(*terms), ()) for terms in asked if terms[2] or terms[3]
    ]
    letters = [(met, price) for met in Met for price in (90, 99, 100, 101, 110)]
    found: Witnesses = {}
    seen = {each[:2] for each in waiting}
    for state, order, path in waiting:  # grows as it goes
        for met, price in [*letters, (Met.ARRIVES, 0)]:
            rule = CONDITIONAL.select(state, met, order, price)
            longer: Any = (*path, (met, price))
            found.setdefault(rule.id, longer)
            after, left, _ = conditional.step(state, order, met, price)
            if (after, left) not in seen:
                seen.add((after, left))
                waiting.append((after, left, longer))
    return found


def iceberg_witnesses() -> Witnesses:
    """Small orders that show one or two lots, traded and amended every way."""
    return search(
        iceberg.ICEBERG,
        [iceberg.rested(total, 0, display) for total in (1, 5) for display in (0, 1, 2)],
        iceberg.state_of,
        lambda _: [(melt, lots) for melt in iceberg.Melt for lots in range(1, 7)],
        lambda ice, melt, lots, _: iceberg.step(ice, melt, lots)[0],
    )


def on_specification() -> dict[str, Witnesses]:
    """Witnesses by table name, each table searched from where its lives begin."""
    venue_starts: dict[str, list[Any]] = {
        "VA": list(OrderClass),
        "VT": [Tenure.UNKNOWN, Tenure.RESTING],
        "VP": [VenuePhase.CONTINUOUS],
        "LEG": [order_list.LegState.AWAITED],
    }
    starts: dict[str, list[Any]] = {
        "FL": [0],
        "DOM": [*Target],
        "INTENT": [IntentState.GENERATED],
        "SESSION": [SessionState.CREATED],
        "CONNECTION": [0],
        "INSTRUMENT": [*InstrumentState],
        "DATASET": [DatasetState.DISCOVERED],
        "TRADING": [0],
        **venue_starts,
    }
    found = {
        "OL": {**traces()},
        "BS": book_sync_witnesses(),
        "JC": commit_witnesses(),
        "JR": recovery_witnesses(),
        **matching_witnesses(),
        "LIST": order_list_witnesses(),
        "PQ": place_witnesses(),
        "EP": exact_place_witnesses(),
        "VC": conditional_witnesses(),
        "VI": iceberg_witnesses(),
        "FEE": venue_rows.fee_witnesses(),
        "FUND": venue_rows.funding_witnesses(),
    }
    for table in TABLES.values():
        if table.name in starts:
            found[table.name] = by_codes(table, *starts[table.name])
    return found


# --- order life ----------------------------------------------------------------------------------


def orders_in_place() -> set[str]:
    """Rules whose witness the kernel's order plays like the specification's, field by field."""
    found = set()
    for rule_id, trace in traces().items():
        order = kernel_orders.KernelOrder(1, 0, 0, 0, 1, 1, 1, 0, 0)
        told = kernel_orders.KernelReport()
        expected = order_life.ABSENT_ORDER
        same = True
        rule: Rule | None = None
        for report in trace:
            for name in kernel_orders.KernelReport.__slots__:
                setattr(told, name, getattr(report, name))
            rule = order_life.TABLE.select(expected.life, report.event, expected, report)
            expected, code = order_life.step(expected, report)
            same = same and kernel_orders.step(order, told) == code
            same = same and kernel_orders.to_ticket(order).order == expected
        if same and rule is not None and rule.id == rule_id:
            found.add(rule_id)
    return found


# --- lockstep ------------------------------------------------------------------------------------

SESSION_BODIES: dict[int, Callable[[], Body]] = {
    SessionEvent.START: lambda: SessionStarted(1),
    SessionEvent.PAUSE: lambda: SessionPaused(1),
    SessionEvent.RESUME: lambda: SessionResumed(1),
    SessionEvent.STOP: lambda: SessionStopped(1),
    # A strategy that fails at it, see `Failing`.
    SessionEvent.FAIL: lambda: InstrumentStatus(1, int(InstrumentState.AUCTION)),
}


class Failing:
    """Does nothing, and fails when the second instrument goes into auction."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> None:  # noqa: ARG002 - a Strategy's signature
        if view.status(1) == InstrumentState.AUCTION:
            raise RuntimeError("asked to fail")


def fill_body(event: int, report: int) -> Body:
    """A fill of an order of others, its void, or its correction; each report has its own id."""
    kinds = {
        FillEvent.FILLED: EventKind.FILLED,
        FillEvent.FILL_VOIDED: EventKind.FILL_VOIDED,
        FillEvent.FILL_CORRECTED: EventKind.FILL_CORRECTED,
    }
    refers = event != FillEvent.FILLED
    return Execution(
        int(kinds[FillEvent(event)]),
        0,
        0,
        0,
        venue_order_id=55,
        trade_id=10 + report if refers else 1,
        reference=1 if refers else 0,
        side=1,
        price=100,
        quantity=0 if event == FillEvent.FILL_VOIDED else 2,
    )


def bodies(table: str, events: Iterable[int]) -> list[Body]:
    """Events of a table as Event bodies; KeyError for one that nothing carries."""
    makers: dict[str, Callable[[int, int], Body]] = {
        "SESSION": lambda event, _: SESSION_BODIES[event](),
        "CONNECTION": lambda event, _: ConnectionChanged(0, event),
        "INSTRUMENT": lambda event, _: InstrumentStatus(0, event),
        "TRADING": lambda event, _: TradingStateChanged(event),
        "FL": fill_body,
    }
    return [makers[table](event, index) for index, event in enumerate(events)]


def played(told: list[Body]) -> set[str]:
    """Rules that the last of these bodies used, kernel and specification side by side."""
    from tests.kernel.test_refinement import quiet_world  # noqa: PLC0415 - slow to import

    configured = evolve(quiet_world(), on_strategy_error=int(OnStrategyError.HALT))
    with Coverage() as coverage:
        both = Lockstep(configured, lambda: (Failing(),), 1, coverage)
        before: dict[str, int] = {}
        for index, body in enumerate(told):
            before = dict(coverage.reached)
            time_ns = 1_000 * (index + 1)
            both.apply(Event(time_ns, time_ns, 0, index, 0, body))
        return {name for name, n in coverage.reached.items() if n > before.get(name, 0)}


def in_lockstep(name: str, starts: tuple[int, ...]) -> set[str]:
    """Rules of a control table, or of fill life, that whole kernels play."""
    table = next(each for each in TABLES.values() if each.name == name)
    found = set()
    for start in starts:
        found_here = by_codes(table, start, usable=lambda each: not is_shut_off(each))
        for rule_id, trace in found_here.items():
            try:
                told = bodies(name, [event for event, _ in trace])
            except KeyError:
                continue
            happened = played(told)
            refused = "record REFUSED" in happened
            if rule_id in happened and refused == isinstance(table.rule(rule_id), Refuse):
                found.add(rule_id)
    return found


# --- dominance -----------------------------------------------------------------------------------


def queue_in_place() -> set[str]:
    """Rules that the queue in place plays like `dominate`: what pends, and how Intents end."""
    found = set()
    for target in Target:
        for rule_id, trace in by_codes(DOMINANCE, target).items():
            queue = IntentQueue((), 0)
            pending: Pending | None = None
            same = True
            state = int(target)
            for number, (kind, _) in enumerate(trace, start=1):
                terms = (kind, 7, number, 1, 0, 0, 1, 1, 1, 50 + number, 9 - number, 0, 0, 5)
                outcome = dominate(pending, target, Pending(*terms))
                command = QueuedCommand(*terms)
                state = int(target) if pending is None else pending.kind + 2
                same = same and queue.submit(command, target) == outcome.code
                ends = (queue.old_outcome, queue.new_outcome)
                same = same and ends == (outcome.old_outcome, outcome.new_outcome)
                pending = outcome.pending
                entry = queue.entries.get(7)
                left = None if entry is None else (entry.kind, entry.intent_id, entry.price)
                right = None
                if pending is not None:
                    right = (pending.kind, pending.intent_id, pending.price)
                same = same and left == right
            cell = DOMINANCE.cells[DominanceState(state)][trace[-1][0]]
            if same and cell[0].id == rule_id:
                found.add(rule_id)
    return found


# --- places --------------------------------------------------------------------------------------

TOLD_TO_PLACES = (
    QueueEvent.LEVEL_UPDATE,
    QueueEvent.PRINT,
    QueueEvent.PRINT_THROUGH,
    QueueEvent.GAP,
    QueueEvent.GREW,
    QueueEvent.OUT_OF_WINDOW,
    QueueEvent.OWN_AHEAD_LEFT,
)
"""News of a place in place; joining makes it, and the venue amends and takes away its order."""


def places_in_place() -> set[str]:
    """Rules of a place's life while it rests, told to the place in place."""
    found = set()
    for rule_id, trace in place_witnesses().items():
        (first, join), *rest = trace
        if first != QueueEvent.JOINED or any(event not in TOLD_TO_PLACES for event, _ in rest):
            continue
        expected, rule = price_queue.apply(price_queue.ABSENT, QueueEvent.JOINED, join)
        place = places.place_of(join)
        try:
            places.same(place, expected)
            for event, seen in rest:
                expected, rule = price_queue.apply(expected, event, seen)
                places.tell(place, QueueEvent(event), seen)
                places.same(place, expected)
        except AssertionError:
            continue
        if rule.id == rule_id:
            found.add(rule_id)
    return found


def orders_change_places() -> set[str]:
    """Rules that take an order from its place or let it keep it: the venue's queue shows them."""
    found = set()
    for state, declared in (("BOUNDED", EXACT), ("UNBOUNDED", CONFLATED)):
        for rule, move, left in (
            ("AMENDED.keeps_priority", "replace smaller", [(1, 3), (2, 4)]),
            ("AMENDED.loses_priority", "replace larger", [(2, 4), (1, 9)]),
            ("LEFT.always", "cancel", [(2, 4)]),
        ):
            undeclared = evolve(declared, strict_price_time=int(state == "BOUNDED"))
            play = stage(queue=undeclared)
            play.new(1, BUY, 100, 4)
            play.new(2, BUY, 100, 4)
            bounded = play.venue._orders[1].place.ahead_max() != price_queue.UNKNOWN
            MOVES[move](play)
            if bounded == (state == "BOUNDED") and list(play.places()) == left:
                found.add(f"PQ.{state}.{rule}")
    return found


def exact_places_in_place() -> set[str]:
    """Rules of an exact place, told to the fast one; the venue amends and takes away its order."""
    found = set()
    for rule_id, ((_, join), *rest) in exact_place_witnesses().items():
        expected, rule = order_place.apply(order_place.ABSENT, order_place.News.JOINED, join)
        place = exact.place_of(join)
        same = exact.same(place, expected)
        for event, told in rest:
            if event in exact.TOLD_TO_PLACES:
                expected, rule = order_place.apply(expected, event, told)
                exact.tell(place, event, told)
                same = same and exact.same(place, expected)
        if same and rule.id == rule_id:
            found.add(rule_id)
    return found | by_order.orders_change_places()


# --- venue ---------------------------------------------------------------------------------------

ORDERS: tuple[tuple[int, int], ...] = (
    (OrderType.LIMIT, TimeInForce.GTC),
    (OrderType.LIMIT, TimeInForce.IOC),
    (OrderType.LIMIT, TimeInForce.FOK),
    (OrderType.LIMIT, TimeInForce.GTD),
    (OrderType.LIMIT_MAKER, TimeInForce.GTC),
    (OrderType.LIMIT_MAKER, TimeInForce.GTD),
    (OrderType.MARKET, TimeInForce.IOC),
    (OrderType.MARKET, TimeInForce.GTD),
    (OrderType.LIMIT, TimeInForce.AT_OPEN),
    (OrderType.LIMIT, TimeInForce.AT_CLOSE),
    (OrderType.LIMIT_MAKER, TimeInForce.FOK),
)
"""(type, time in force) of every class; the last is one nobody supports."""


def _use_up(play: Stage) -> None:
    play.new(98, BUY, 101, 3, time_in_force=TimeInForce.IOC)


def _crowd(play: Stage) -> None:
    """One order may be open, and is; one account may hold four lots."""
    play.venue._markets[0].rules = VenueRules(maximum_open_orders=1, maximum_position=4)
    if play.venue.is_quiet():
        play.new(97, BUY, 90, 1)


SCENES: tuple[Callable[[Stage], None], ...] = (
    lambda play: play.run(play.now),
    lambda play: play.status(InstrumentState.HALTED),
    lambda play: play.snapshot(BUY, 100, 10),
    lambda play: play.delta(SELL, 101, 0, SELL, 102, 0, SELL, 110, 0),
    _use_up,
    _crowd,
)


NEWS: tuple[tuple[int, int, int, int, int], ...] = (
    (1, 100, 4, 50, 0),
    (1, 101, 8, 50, 0),
    (1, 101, 12, 50, 0),
    (1, 101, 22, 50, 0),
    (1, 120, 40, 50, 0),
    (1, 100, 0, 50, 0),
    (1, 100, 4, 1, 0),
    (1, 100, 4, 50, 1),
    (99, 100, 4, 50, 0),
)
"""(order id, price, quantity, good-till date, reduce only)."""


class Noting(list[Any]):
    """A flat table that notes which of its cells is read last."""

    read: list[tuple[int, int]]

    def __init__(self, rows: list[Any]) -> None:
        super().__init__(rows)
        self.read = []

    def __getitem__(self, index: Any) -> Any:
        table, row = self, super().__getitem__(index)

        class Cells(list[Any]):
            def __getitem__(self, column: Any) -> Any:
                table.read.append((int(index), int(column)))
                return super().__getitem__(column)

        return Cells(row)


def noted(name: str, play: Callable[[Noting], Iterator[str]]) -> set[str]:
    """Run `play` while the venue's flat table `name` notes what is read of it."""
    original = getattr(verdicts, name)
    noting = Noting(original)
    setattr(verdicts, name, noting)
    try:
        return set(play(noting))
    finally:
        setattr(verdicts, name, original)


def admissions(noting: Noting) -> Iterator[str]:
    """Every kind of order in every scene; the venue's answer must be the rule's."""
    for scene, (order_type, force), new in product(SCENES, ORDERS, NEWS):
        order_id, price, lots, date, reduce_only = new
        play = stage()
        play.new(99, SELL, 115, 1)
        play.cancel(99)
        scene(play)
        if force == TimeInForce.AT_OPEN and play.venue._markets[0].trading:
            play.status(InstrumentState.PRE_OPEN)
        play.fresh()
        noting.read.clear()
        limited = 0 if order_type == OrderType.MARKET else price
        terms = {"order_type": order_type, "time_in_force": force, "good_till_ns": date}
        play.new(order_id, BUY, limited, lots, reduce_only=reduce_only, **terms)
        kind, seen = noting.read[0]
        rule = ADMISSION.cells[OrderClass(kind)][Situation(seen)][0]
        said = play.fresh()
        if isinstance(rule, Refuse):
            right = [(each.kind, each.report.reason) for each in said] == [
                (EventKind.REJECTED, REASONS[rule.code])
            ]
        else:
            verdict = rule.effect(kind, seen)
            filled = any(each.kind == EventKind.FILLED for each in said)
            left = play.filled(order_id) < lots
            rests = order_id in dict(play.places())
            right = said[0].kind == EventKind.ACCEPTED
            right = right and filled == bool(verdict.takes)
            right = right and rests == bool(verdict.rests and left)
            if verdict.waits:
                right = right and len(said) == 1 and bool(play.venue._markets[0].calls)
            elif left and not verdict.rests:
                right = right and said[-1].kind == EventKind.CANCELED
                right = right and said[-1].report.reason == verdict.reason
        if right:
            yield rule.id


def _amends_only(play: Stage) -> None:
    play.venue._markets[0].rules = VenueRules(amends_only_reduce=1)


def _reduce(play: Stage) -> None:
    play.new(50, BUY, 101, 4, time_in_force=TimeInForce.IOC)
    play.new(1, SELL, 105, 4, reduce_only=1)


MOVES: dict[str, Callable[[Stage], Any]] = {
    "new": lambda play: play.new(1, BUY, 100, 4),
    "maker": lambda play: play.new(1, BUY, 100, 4, order_type=OrderType.LIMIT_MAKER),
    "dated": lambda play: play.new(
        1, BUY, 100, 4, time_in_force=TimeInForce.GTD, good_till_ns=play.now + 5
    ),
    "immediate": lambda play: play.new(1, BUY, 101, 4, time_in_force=TimeInForce.IOC),
    "immediate short": lambda play: play.new(1, BUY, 101, 20, time_in_force=TimeInForce.IOC),
    "taker": lambda play: play.new(1, BUY, 101, 4),
    "print": lambda play: play.at(play.now + 1).trade(100, 12, SELL),
    "print all": lambda play: play.at(play.now + 1).trade(100, 40, SELL),
    "date": lambda play: play.run(play.now + 5),
    "halt": lambda play: play.status(InstrumentState.HALTED),
    "cancel": lambda play: play.cancel(1),
    "replace smaller": lambda play: play.replace(1, 100, 3),
    "replace larger": lambda play: play.replace(1, 100, 9),
    "replace elsewhere": lambda play: play.replace(1, 99, 4),
    "replace little": lambda play: play.replace(1, 100, 1),
    "replace nothing": lambda play: play.replace(1, 100, 0),
    "limits": _crowd,
    "amends": _amends_only,
    "reducing": _reduce,
    "reduce less": lambda play: play.new(51, SELL, 100, 2, time_in_force=TimeInForce.IOC),
    "reduce all": lambda play: play.new(52, SELL, 100, 4, time_in_force=TimeInForce.IOC),
    "meet": lambda play: play.new(53, SELL, 100, 1, prevention=Prevention.EXPIRE_BOTH),
    "replace taking": lambda play: play.replace(1, 101, 4),
}
"""What may happen to order 1."""

MOVES_MAX = 3


def tenure_of(play: Stage) -> int:
    """The order's state at the venue."""
    order = play.venue._orders.get(1)
    return int(Tenure.UNKNOWN if order is None else order.tenure)


def tenures(noting: Noting) -> Iterator[str]:
    """Sequences of moves, shortest first; state after, and the reason of a refusal."""
    for length in range(1, MOVES_MAX + 1):
        for names in product(MOVES, repeat=length):
            play = stage()
            for name in names[:-1]:
                MOVES[name](play)
            before = tenure_of(play)
            play.fresh()
            noting.read.clear()
            MOVES[names[-1]](play)
            said = play.fresh()
            for state, command in noting.read[-1:]:
                rule = TENURE.cells[Tenure(state)][Command(command)][0]
                if isinstance(rule, Refuse):
                    reasons = [each.report.reason for each in said]
                    silent = command == Command.DATE_REACHED and not said
                    told = reasons == [TENURE_REASONS[rule.code]]
                    right = tenure_of(play) == before and (silent or told)
                else:
                    right = tenure_of(play) == rule.target
                if right:
                    yield rule.id


STATUSES = tuple(each for each in PhaseEvent if each <= PhaseEvent.TO_DELISTED)
WAITING = {
    PhaseEvent.NEW: TimeInForce.GTC,
    PhaseEvent.NEW_AT_OPEN: TimeInForce.AT_OPEN,
    PhaseEvent.NEW_AT_CLOSE: TimeInForce.AT_CLOSE,
}


def phase_letter(play: Stage, event: int) -> None:
    """One thing that comes to the venue, by its `PhaseEvent`."""
    if event in STATUSES:
        play.status(InstrumentState(event))
    elif event in WAITING:
        play.new(5, BUY, 100, 1, time_in_force=WAITING[PhaseEvent(event)])
    elif event == PhaseEvent.REPLACE:
        play.replace(4, 98, 1)
    else:
        kind = TradeKind.AUCTION if event == PhaseEvent.AUCTION_PRINT else TradeKind.CONTINUOUS
        play.trade(100, 1, SELL, kind=kind)


def phases(noting: Noting) -> Iterator[str]:
    """Two statuses and then anything; who waits is filled or expires as the turn says."""
    for first, second, event in product(STATUSES, STATUSES, PhaseEvent):
        play = stage()
        play.new(4, BUY, 99, 1)
        play.new(2, BUY, 101, 1, time_in_force=TimeInForce.AT_CLOSE)
        play.status(InstrumentState.PRE_OPEN)
        play.new(1, BUY, 101, 1, time_in_force=TimeInForce.AT_OPEN)
        for status in (first, second):
            phase_letter(play, status)
        market = play.venue._markets[0]
        before = {order.order_class for order in market.calls}
        play.fresh()
        noting.read.clear()
        phase_letter(play, event)
        said = {(each.report.order_id, each.kind) for each in play.fresh()}
        if not noting.read:
            continue
        rule = PHASES.cells[VenuePhase(noting.read[0][0])][PhaseEvent(noting.read[0][1])][0]
        if isinstance(rule, Refuse):
            refused = EventKind.REPLACE_REJECTED if event == PhaseEvent.REPLACE else 0
            right = (4, refused) in said or (5, EventKind.REJECTED) in said
        else:
            turn = rule.effect(0, 0)
            told = {
                (1, EventKind.FILLED): turn.opens_fill,
                (2, EventKind.FILLED): turn.closes_fill,
                (1, EventKind.EXPIRED): turn.opens_expire,
                (2, EventKind.EXPIRED): turn.closes_expire,
            }
            there = {1: OrderClass.AT_OPEN in before, 2: OrderClass.AT_CLOSE in before}
            right = market.phase == rule.target and all(
                (what in said) == bool(asked and there[what[0]]) for what, asked in told.items()
            )
        if right:
            yield rule.id


class NotingLegs:
    """The table of legs, noting which of its rules apply."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.table = order_list.LEGS

    def select(self, source: int, event: int, state: int, detail: int) -> Rule:
        rule = self.table.select(source, event, state, detail)
        self.found.add(rule.id)
        return rule


def legs_at_venue() -> set[str]:
    """Rules of legs that lists at the venue meet, where orders are what their legs' states say."""
    found: set[str] = set()
    original = order_list.LEGS
    for seed, model in product(range(100), (FillModel.PESSIMISTIC, FillModel.OPTIMISTIC)):
        noting = NotingLegs()
        setattr(order_list, "LEGS", noting)  # noqa: B010 - a double, for as long as this run
        try:
            play = lists.run(seed, model)
        finally:
            setattr(order_list, "LEGS", original)  # noqa: B010
        if lists.agree(play):
            found |= noting.found
    return found


# --- matching venue ------------------------------------------------------------------------------

MATCHING_TABLES = (
    matching_spec.PHASES,
    matching_spec.ARRIVALS,
    matching_spec.MEETINGS,
    matching_spec.ORDERS,
)


def matched_in_place() -> dict[str, set[str]]:
    """Rules whose witness the fast matching venue plays like the specification's."""
    found: dict[str, set[str]] = {table.name: set() for table in MATCHING_TABLES}
    for rule_id, stream in matching.witnesses().items():
        if matching.first_difference(map(astuple, stream)) is None:
            found[rule_id.partition(".")[0]].add(rule_id)
    return found


# --- the key -------------------------------------------------------------------------------------

_UNASKED = "the venue asks this of an order it has, and finds none"
_NO_CLASS = "a date is looked at only where the time in force has one"
_ENDED = "the venue asks this only of an order that has just had its chance"


DATELESS = ("LIMIT_GTC", "LIMIT_IOC", "LIMIT_FOK", "MAKER_GTC", "AT_OPEN", "AT_CLOSE")


def _names(table: str, states: Iterable[str], events: Iterable[str]) -> list[str]:
    return [f"{table}.{state}.{event}.always" for state in states for event in events]


def _kernel_unreachable() -> dict[str, str]:
    replaces = [each.name for each in Command if each.name.startswith("REPLACE_")]
    found = {
        **dict.fromkeys(_names("VA", ("MARKET",), ("NOT_MARKETABLE",)), "any price is reached"),
        **dict.fromkeys(
            _names("VA", DATELESS, ("DATE_PASSED",)),
            _NO_CLASS,
        ),
        **dict.fromkeys(
            _names("VA", ("UNSUPPORTED",), ("DATE_PASSED",)), "a kind without a date of its own"
        ),
        **dict.fromkeys(
            _names(
                "VT",
                ("UNKNOWN",),
                ["DATE_REACHED", "FILLED_UP", "CHANCE_OVER"]
                + [each for each in replaces if each != "REPLACE_TO_BACK"],
            ),
            _UNASKED,
        ),
        **dict.fromkeys(
            _names(
                "VT",
                ("UNKNOWN", "FILLED", "CLOSED"),
                ("PREVENTED", "POSITION_SMALLER", "POSITION_GONE"),
            ),
            "the venue asks this only of orders that rest",
        ),
        **dict.fromkeys(_names("VT", ("CLOSED",), ("FILLED_UP", "CHANCE_OVER")), _ENDED),
        "VT.FILLED.REPLACE_IN_PLACE.always": "an order without leaves has no place to keep",
        "VT.FILLED.FILLED_UP.always": "what is filled has nothing left to fill",
        **dict.fromkeys(
            _names("VP", ("DELISTED",), ("AUCTION_PRINT", "CONTINUOUS_PRINT")),
            "nobody waits at an instrument that is no more",
        ),
        **dict.fromkeys(
            [*_names("LEG", ("HELD", "OPEN", "DONE"), ("CAME",)), "LEG.AWAITED.ENDED.always"],
            "the venue asks first whether that leg may come, or has",
        ),
        **dict.fromkeys(
            [
                "LEG.AWAITED.RELEASED.always",
                "LEG.OPEN.RELEASED.always",
                "LEG.OPEN.LEADER_ENDED.always",
                "LEG.OPEN.LIST_REFUSED.always",
                "LEG.DONE.ENDED.always",
            ],
            "a list has its fates in an order that leaves no room for it",
        ),
        "VT.CLOSED.DATE_REACHED.always": "the date of a closed order is forgotten",
    }
    sessions = _names("SESSION", [s.name for s in SessionState], [e.name for e in SessionEvent])
    for rule_id in sessions:
        if is_shut_off(rule_id):
            found[rule_id] = "no Event carries it to a kernel in that state"
    return found


def on_kernel() -> dict[str, set[str]]:
    """Rules reached by table name, for the tables that a kernel or the fast venue plays."""
    return {
        "OL": orders_in_place(),
        "FL": in_lockstep("FL", (0,)),
        "SESSION": in_lockstep("SESSION", (SessionState.READY,)),
        "CONNECTION": in_lockstep("CONNECTION", (0,)),
        "INSTRUMENT": in_lockstep("INSTRUMENT", (InstrumentState.CONTINUOUS,)),
        "TRADING": in_lockstep("TRADING", (0,)),
        "DOM": queue_in_place(),
        "PQ": places_in_place() | orders_change_places(),
        "EP": exact_places_in_place(),
        "VA": noted("_ADMIT", admissions),
        "VT": noted("_TENURE", tenures),
        "VP": noted("_PHASES", phases) | noted("_TAKES_NEW", phases),
        "LEG": legs_at_venue(),
        "VC": venue_rows.conditionals_at_venue(),
        "VI": venue_rows.icebergs_at_venue(),
        "FEE": venue_rows.noted(fees, "CHARGES", venue_rows.fees_at_venue),
        "FUND": venue_rows.noted(funding, "FUNDINGS", venue_rows.fundings_at_venue),
        **matched_in_place(),
    }


_NO_PLACE = "the fast place exists only while its order rests, and joins once"


def _named(kernel_ids: set[str]) -> dict[str, str]:
    """Unreachable rules, `spec ID` and `kernel ID`, with reasons."""
    named = {f"spec {each}": why for each, why in ORDER_UNREACHABLE.items()}
    named |= {f"kernel {each}": why for each, why in ORDER_UNREACHABLE.items()}
    for each, why in matching.UNREACHABLE.items():
        named |= {f"spec {each}": why, f"kernel {each}": why}
    for each, why in _kernel_unreachable().items():
        if each in kernel_ids:
            named[f"kernel {each}"] = why
    for rule in (*price_queue.TABLE.refusals(), *order_place.TABLE.refusals()):
        named[f"kernel {rule.id}"] = _NO_PLACE
    return named


def compute(nightly: bool) -> Figure:
    """Rules with a witness, on both sides."""
    tables = {table.name: table for table in TABLES.values()}
    specified, driven = on_specification(), on_kernel()
    listed = [f"spec {rule.id}" for table in tables.values() for rule in table.rules]
    kernel_ids = {rule.id for name in driven for rule in tables[name].rules}
    listed += [f"kernel {each}" for each in kernel_ids]
    reached = [f"spec {each}" for found in specified.values() for each in found]
    reached += [f"kernel {each}" for found in driven.values() for each in found]
    by_table = {
        name: {
            "rules": len(table.rules),
            "spec": len(specified.get(name, {})),
            "kernel": len(driven[name]) if name in driven else None,
        }
        for name, table in tables.items()
    }
    return figure("rows", listed, reached, _named(kernel_ids), tables=by_table)
