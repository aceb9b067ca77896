"""Event streams for a small world: plausible, late, repeated, contradictory and hostile ones.

What it decides: which Event comes next, given a State. A plausible venue answers what was sent;
beside it come market data, account Events, control Events, status reports, voids and corrections,
repetitions of what was said before, and evidence with wrong ids. Codes are always codes and
numbers within the documented ranges (ingress refuses others); everything else may be wrong.

Every choice comes from a `random.Random`: a seed names a stream, and Hypothesis can steer one.

Sections: source, market, venue, fills, status reports, hostile, account, control.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import evolve

from tickproof.invariants.worlds import PRICE_BASE, PRICE_SPAN, START_NS
from tickproof.spec import order_life
from tickproof.spec.commands import ORDER_KEY_LIMIT, CommandKind
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import (
    NOT_CARRIED,
    BalanceSnapshot,
    Bar,
    Body,
    BookDelta,
    BookOrderAdd,
    BookSnapshot,
    Checkpoint,
    ConfigurationChanged,
    ConnectionChanged,
    ControlTime,
    Event,
    EventKind,
    Execution,
    ExecutionFlag,
    FeeAdjusted,
    FeedGap,
    FeedResumed,
    FundingPaid,
    FundingRate,
    InstrumentDefinition,
    InstrumentStatus,
    Liquidation,
    MarkPrice,
    OperatorDisposition,
    Reason,
    Restarted,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    Settlement,
    StatusReport,
    TopOfBook,
    Trade,
    TradingStateChanged,
    Transfer,
)
from tickproof.spec.instrument import Instrument, InstrumentState
from tickproof.spec.ledger import balance_of, position_of
from tickproof.spec.order_life import Life, Outstanding
from tickproof.spec.session import (
    TERMINAL_SESSION_STATES,
    ConnectionState,
    SessionState,
    takes_orders,
)
from tickproof.spec.state import FillKey, State, Ticket

# --- source --------------------------------------------------------------------------------------

SOURCES: tuple[tuple[str, int], ...] = (
    ("market", 30),
    ("venue", 34),
    ("fill", 8),
    ("status", 8),
    ("any", 14),
    ("hostile", 5),
    ("repeat", 4),
    ("account", 4),
    ("control", 8),
    ("connection", 8),
    ("instrument", 5),
    ("early", 3),
)
"""Names of the ways to make an event, with their weights."""

ANSWERS = (
    EventKind.ACCEPTED,
    EventKind.HELD,
    EventKind.REJECTED,
    EventKind.REPLACED,
    EventKind.REPLACE_REJECTED,
    EventKind.CANCEL_REJECTED,
)
"""Evidence that answers a Request of one kind only."""

LATE = 35
"""After so many Events a session may well be stopped: there was time for something to happen."""


def swarm(dice: Random) -> tuple[tuple[str, int], ...]:
    """Weights of one run: a few ways are left out, and mostly one of them is its theme.

    Runs that each do something else reach more than runs that all do a little of everything.
    """
    names = [name for name, _ in SOURCES]
    theme = dice.choice((*names, "", "", ""))
    found = []
    for name, weight in SOURCES:
        kept = weight if dice.randrange(6) else 0
        found.append((name, 8 * weight if name == theme else kept))
    # Something must always be possible, and nothing happens to orders without these.
    return (*found, ("market", 3), ("venue", 3))


class EventSource:
    """Makes the next Event for a State; `said` remembers what may be said again."""

    def __init__(
        self,
        dice: Random,
        configuration: Configuration,
        weights: tuple[tuple[str, int], ...] = SOURCES,
    ) -> None:
        self.dice = dice
        self.configuration = configuration
        self.names = [name for name, _ in weights]
        self.weights = [weight for _, weight in weights]
        self.said: list[Execution] = []
        self.sequence = 0
        self.trade_ids = 0
        self.venue_ids = 500
        self.makers: dict[str, Callable[[State], Body | None]] = {
            "market": self.market,
            "venue": self.venue,
            "fill": self.fill,
            "status": self.status_report,
            "any": self.any_evidence,
            "hostile": self.hostile,
            "repeat": lambda _: self.repeat(),
            "account": self.account,
            "control": self.control,
            "connection": self.connection,
            "instrument": self.instrument_status,
            "early": self.early,
        }

    def event(self, state: State) -> Event:
        """Any next Event; the first ones start the session."""
        if state.control.session == SessionState.READY:
            early: tuple[Body, ...] = (SessionPaused(1), SessionResumed(1), SessionStopped(1))
            is_early = state.position == 0 and self.dice.randrange(20) == 0
            return self.stamped(state, self.dice.choice(early) if is_early else SessionStarted(1))
        made = self.makers[self.dice.choices(self.names, self.weights)[0]](state)
        return self.stamped(state, made if made is not None else self.market(state))

    def of(self, name: str, state: State) -> Event:
        """The next Event of one way; a market Event where that way has nothing to say."""
        made = self.makers[name](state)
        return self.stamped(state, made if made is not None else self.market(state))

    def stamped(self, state: State, body: Body) -> Event:
        """In an envelope: time mostly goes on, at times back, rarely far ahead."""
        now_ns = state.control.clock.now_ns or START_NS
        roll = self.dice.randrange(40)
        step_ns = self.dice.choice((0, 1, 7, 60, 150, 400))
        if roll == 0:
            step_ns = -self.dice.choice((1, 50, 5_000))
        elif roll == 1:
            step_ns = self.dice.choice((3_000, 49_999, 50_001, 10**9))
        capture_ns = max(now_ns + step_ns, 0)
        lag_ns = self.dice.choice((0, 0, 5, 300))
        return self.enveloped(body, max(capture_ns - lag_ns, 0), capture_ns)

    def enveloped(self, body: Body, event_ns: int, capture_ns: int) -> Event:
        """In an envelope with these stamps; evidence is remembered."""
        self.sequence += 1
        if isinstance(body, Execution):
            self.said.append(body)
        source = 1 if isinstance(body, (Execution, StatusReport)) else 0
        return Event(event_ns, capture_ns, source, self.sequence, 0, body)

    # --- market ----------------------------------------------------------------------------------

    def price(self) -> int:
        """Any price of the world."""
        return PRICE_BASE + self.dice.randrange(PRICE_SPAN)

    def market(self, state: State) -> Body:
        """A market Event of any kind; depth changes and prints most of all."""
        dice = self.dice
        instrument = dice.randrange(len(self.configuration.instruments))
        middle = self.price()
        kind = dice.randrange(32)
        if kind < 13:
            return self.depth_change(instrument, middle, state)
        if kind < 16:
            levels: list[int] = []
            for depth in range(dice.randrange(4)):
                levels += [1, middle - depth - 1, dice.randrange(1, 9)]
            for depth in range(dice.randrange(4)):
                levels += [-1, middle + depth + 1, dice.randrange(1, 9)]
            return BookSnapshot(instrument, dice.randrange(1_000), tuple(levels))
        if kind < 23:
            side = dice.choice((-1, 0, 1))
            return Trade(instrument, middle, dice.randrange(1, 9), side, dice.randrange(4), kind)
        return self.reference(instrument, middle, kind)

    def instrument_status(self, state: State) -> InstrumentStatus:
        """Any status of an instrument; where it is not traded, mostly that it is again."""
        dice = self.dice
        markets = state.market.instruments
        stopped = [at for at, each in enumerate(markets) if not takes_orders(each.status)]
        if stopped and dice.randrange(2):
            return InstrumentStatus(dice.choice(stopped), int(InstrumentState.CONTINUOUS))
        instrument = dice.randrange(len(markets))
        if dice.randrange(12) == 0:
            return InstrumentStatus(instrument, int(InstrumentState.DELISTED))
        return InstrumentStatus(instrument, dice.randrange(5))

    def depth_change(self, instrument: int, middle: int, state: State) -> BookDelta:
        """A few levels, deletions included; at times far from the others, or crossing."""
        dice = self.dice
        levels: list[int] = []
        for _ in range(dice.randrange(4)):
            side = dice.choice((-1, 1))
            price = middle - side * dice.randrange(1, 5)
            if dice.randrange(30) == 0:
                price = dice.choice((1, 5_000, 10**9))
            levels += [side, price, dice.choice((0, 0, 1, 3, 8))]
        last = state.market.instruments[instrument].update_id + dice.randrange(1, 4)
        return BookDelta(instrument, last, last, tuple(levels))

    def reference(self, instrument: int, middle: int, kind: int) -> Body:
        """Everything else a feed says."""
        dice = self.dice
        definition: Instrument = self.configuration.instruments[instrument]
        status = dice.choice((InstrumentState.CONTINUOUS,) * 5 + tuple(InstrumentState)[:5])
        if dice.randrange(20) == 0:
            status = InstrumentState.DELISTED
        made: tuple[Body, ...] = (
            MarkPrice(instrument, dice.choice((0, middle, middle))),
            MarkPrice(instrument, middle),
            TopOfBook(instrument, middle - 1, dice.randrange(5), middle + 1, dice.randrange(5)),
            Bar(instrument, middle, middle + 2, middle - 2, middle + 1, 40, 1_000),
            FundingRate(instrument, dice.randrange(-50, 50), 5_000),
            FeedGap(instrument, 5, 9),
            FeedResumed(instrument, 9),
            InstrumentStatus(instrument, int(status)),
            InstrumentStatus(len(self.configuration.instruments) - 1, dice.randrange(6)),
            BookOrderAdd(instrument, 7, 1, middle, 3),
            InstrumentDefinition(
                instrument,
                dice.choice((definition.tick, definition.tick, 2 * definition.tick, 0)),
                definition.lot_step,
                definition.minimum_quantity,
                dice.choice((definition.maximum_quantity, 6)),
                dice.choice((definition.minimum_notional, 300)),
            ),
        )
        return made[(kind - 23 + dice.randrange(len(made))) % len(made)]

    # --- venue -----------------------------------------------------------------------------------

    def chosen(self, state: State, *, alive: bool = False) -> tuple[int, Ticket] | None:
        """An order: the later ones rather than the earlier."""
        orders = sorted(state.execution.orders.items())
        if alive:
            orders = [each for each in orders if order_life.is_alive(each[1].order.life)]
        if not orders:
            return None
        back = min(self.dice.randrange(len(orders)), self.dice.randrange(len(orders)))
        orders.sort(key=lambda each: each[1].as_of_ns)
        return orders[-1 - back]

    def about(self, kind: int, order_id: int, ticket: Ticket, request_id: int = 0) -> Execution:
        """Evidence about an order, with its venue id: as we know it, or as the venue has it."""
        legs = ticket.order.legs
        venue_id = legs[-1].venue_order_id if legs else 0
        if len(legs) > 1 and self.dice.randrange(3) == 0:
            # The venue order that was replaced meanwhile [OL10].
            venue_id = self.dice.choice(legs).venue_order_id
        if venue_id == 0 and self.dice.randrange(3):
            self.venue_ids += 1
            venue_id = self.venue_ids
        named = order_id if order_id > 0 and (venue_id == 0 or self.dice.randrange(6)) else 0
        return Execution(
            int(kind),
            ticket.account,
            ticket.instrument,
            named,
            request_id,
            venue_id,
            side=ticket.side,
        )

    def venue(self, state: State) -> Body | None:
        """What a venue says of one order: an answer where one is owed, else something unasked."""
        found = self.asked(state) if self.dice.randrange(4) else None
        if found is None:
            found = self.chosen(state, alive=self.dice.randrange(5) > 0)
        if found is None:
            return None
        order_id, ticket = found
        owed = list(ticket.order.doubts)
        if ticket.order.pending is not None:
            owed += [ticket.order.pending] * 3
        if owed and self.dice.randrange(6):
            return self.answered(order_id, ticket, self.dice.choice(owed))
        return self.unasked(order_id, ticket)

    def asked(self, state: State) -> tuple[int, Ticket] | None:
        """An order that is owed an answer."""
        owed = [
            each
            for each in sorted(state.execution.orders.items())
            if each[1].order.pending is not None or each[1].order.doubts
        ]
        return self.dice.choice(owed) if owed else None

    def answered(self, order_id: int, ticket: Ticket, asked: Outstanding) -> Execution:
        """An answer to one Request: what it asked for, a refusal, or that nobody knows."""
        dice = self.dice
        kinds: dict[int, tuple[int, ...]] = {
            int(CommandKind.NEW): (
                *(EventKind.ACCEPTED,) * 8,
                EventKind.HELD,
                EventKind.REJECTED,
                EventKind.FILLED,
                EventKind.FILLED,
            ),
            int(CommandKind.REPLACE): (
                *(EventKind.REPLACED,) * 5,
                EventKind.REPLACE_REJECTED,
                EventKind.FILLED,
            ),
            int(CommandKind.CANCEL): (
                *(EventKind.CANCELED,) * 4,
                EventKind.CANCEL_REJECTED,
                EventKind.CANCEL_REJECTED,
                EventKind.FILLED,
            ),
        }
        kind = dice.choice(kinds[int(asked.kind)])
        roll = dice.randrange(16)
        if roll < 2:
            kind = EventKind.OUTCOME_UNKNOWN
        elif roll == 2:
            kind = EventKind.DISPATCH_FAILED
        elif roll == 3:
            kind = dice.choice((EventKind.CANCELED, EventKind.EXPIRED, EventKind.REJECTED))
        made = self.about(kind, order_id, ticket, asked.request_id)
        if kind == EventKind.FILLED:
            return self.with_fill(made, ticket)
        if kind == EventKind.CANCEL_REJECTED:
            reasons = (Reason.TOO_LATE, Reason.UNKNOWN_ORDER, Reason.OTHER)
            return evolve(made, reason=int(dice.choice(reasons)))
        if kind == EventKind.REPLACED:
            return self.with_terms(made, asked.total, asked.price)
        return made

    def with_terms(self, made: Execution, total: int, price: int) -> Execution:
        """New terms: as asked, or others; on the same venue order, or on a new one [OL10]."""
        dice = self.dice
        if dice.randrange(3) == 0:
            self.venue_ids += 1
            made = evolve(made, venue_order_id=self.venue_ids)
        if dice.randrange(3) == 0:
            return made
        return evolve(
            made,
            total=dice.choice((total, total, total, max(total - 1, 0), total + 3)),
            price=dice.choice((price, price, 0, self.price())),
        )

    def unasked(self, order_id: int, ticket: Ticket) -> Execution:
        """Something a venue says of its own accord."""
        dice = self.dice
        kind = dice.choice(
            (
                *(EventKind.FILLED,) * 10,
                EventKind.ACCEPTED,
                EventKind.HELD,
                EventKind.TRIGGERED,
                EventKind.PREVENTED,
                EventKind.CANCELED,
                EventKind.EXPIRED,
                EventKind.REJECTED,
                EventKind.REPLACED,
                EventKind.CANCEL_REJECTED,
                EventKind.SUSPENDED,
                EventKind.REINSTATED,
                EventKind.RESTATED,
                EventKind.DONE_FOR_DAY,
            )
        )
        made = self.about(kind, order_id, ticket)
        if kind == EventKind.FILLED:
            return self.with_fill(made, ticket)
        if kind == EventKind.PREVENTED:
            return evolve(made, quantity=dice.randrange(1, 4))
        if kind in (EventKind.REPLACED, EventKind.RESTATED):
            return self.with_terms(made, dice.randrange(1, 14), self.price())
        if kind == EventKind.REINSTATED:
            return evolve(made, flags=int(dice.choice((0, ExecutionFlag.ACTIVE))))
        if kind == EventKind.DONE_FOR_DAY:
            return evolve(made, leaves=dice.choice((0, NOT_CARRIED, 2)))
        return made

    def any_evidence(self, state: State) -> Body | None:
        """Any report about an order of any life, naming any Request, open or closed, or none."""
        dice = self.dice
        by_life: dict[int, list[tuple[int, Ticket]]] = {}
        for each in sorted(state.execution.orders.items()):
            by_life.setdefault(int(each[1].order.life), []).append(each)
        if not by_life:
            return None
        likely = by_life[dice.choice(sorted(by_life))]
        owed = [each for each in likely if each[1].order.pending or each[1].order.doubts]
        order_id, ticket = dice.choice(owed if owed and dice.randrange(3) else likely)
        asked = [doubt.request_id for doubt in ticket.order.doubts]
        if ticket.order.pending is not None:
            asked.append(ticket.order.pending.request_id)
        request_id = dice.choice((0, *asked, *asked, dice.randrange(state.execution.intents + 1)))
        kind = dice.randrange(int(EventKind.ACCEPTED), int(EventKind.STATUS_REPORT))
        if asked and dice.randrange(5) == 0:
            # An answer to another question than the one that was asked.
            request_id = dice.choice(asked)
            kind = dice.choice(ANSWERS)
        made = evolve(self.about(kind, order_id, ticket, request_id), reason=dice.randrange(3))
        if kind in (EventKind.FILLED, EventKind.FILL_VOIDED, EventKind.FILL_CORRECTED):
            own = [key[3] for key in sorted(state.execution.fills) if key[4] == order_id]
            reference = dice.choice((*own, self.trade_ids + 9))
            return evolve(self.with_fill(made, ticket), order_id=order_id, reference=reference)
        if kind == EventKind.REPLACED:
            return self.with_terms(made, dice.randrange(12), self.price())
        return evolve(made, quantity=dice.randrange(3), flags=2 * dice.randrange(2))

    # --- fills -----------------------------------------------------------------------------------

    def with_fill(self, made: Execution, ticket: Ticket) -> Execution:
        """A fill of an order: mostly of what is left, at times more; fees in any asset."""
        dice = self.dice
        left = max(order_life.leaves(ticket.order), 1)
        self.trade_ids += 1
        return evolve(
            made,
            trade_id=self.trade_ids,
            price=dice.choice((ticket.order.price or self.price(), self.price())),
            quantity=dice.choice((left, dice.randrange(1, left + 1), 1, left + 2)),
            fee=dice.choice((0, 1, 5, -2)),
            fee_asset=dice.randrange(len(self.configuration.assets)),
            liquidity=dice.randrange(3),
            cause=dice.randrange(4),
            leg=dice.choice((0, 0, 0, 1, 7)),
        )

    def fill(self, state: State) -> Body | None:
        """A late fill, a void or correction of a fill, or of one that is yet to come."""
        dice = self.dice
        known = sorted(state.execution.fills)
        orders = sorted(state.execution.orders.items())
        replaced = [each for each in orders if len(each[1].order.legs) > 1]
        if replaced and dice.randrange(3) == 0:
            # The venue order that was replaced was filled before it went [OL10].
            found = dice.choice(replaced)
            venue_id = found[1].order.legs[0].venue_order_id
            made = self.with_fill(self.about(EventKind.FILLED, *found), found[1])
            return evolve(made, order_id=found[0], venue_order_id=venue_id)
        if not known or dice.randrange(4) == 0:
            late = self.chosen(state)
            if late is None:
                return None
            made = self.with_fill(self.about(EventKind.FILLED, *late), late[1])
            if dice.randrange(5) == 0:
                self.venue_ids += 1
                made = evolve(made, order_id=0, venue_order_id=self.venue_ids)
            if dice.randrange(3) == 0:
                # The void comes first: its fill will find a tombstone [OL4].
                early = evolve(made, kind=int(EventKind.FILL_VOIDED), trade_id=0)
                self.said.append(made)
                return evolve(early, reference=self.trade_ids, quantity=0)
            return made
        return self.changed_fill(state, known[-1 - dice.randrange(min(len(known), 6))])

    def changed_fill(self, state: State, key: FillKey) -> Execution | None:
        """A void or correction of one fill, with or without a trade id of its own."""
        dice = self.dice
        ticket = state.execution.orders.get(key[4])
        if ticket is None:
            return None
        self.trade_ids += 1
        kind = dice.choice((EventKind.FILL_VOIDED, EventKind.FILL_CORRECTED))
        made = self.about(kind, key[4], ticket)
        return evolve(
            made,
            order_id=key[4],
            trade_id=dice.choice((0, self.trade_ids)),
            reference=dice.choice((key[3], key[3], key[3], self.trade_ids - 2)),
            price=self.price(),
            quantity=dice.randrange(6),
            fee=dice.choice((0, 2)),
            flags=dice.choice((0, int(ExecutionFlag.RESTORES))),
        )

    def repeat(self) -> Body | None:
        """Something said before, once more."""
        if not self.said:
            return None
        return self.said[-1 - self.dice.randrange(min(len(self.said), 20))]

    # --- status reports --------------------------------------------------------------------------

    def status_report(self, state: State) -> Body | None:
        """An answer to a status query: agreeing, ahead of us, behind, or that nobody knows."""
        dice = self.dice
        found = self.asked(state) if dice.randrange(3) else None
        found = found if found is not None else self.chosen(state)
        if found is None:
            return None
        order_id, ticket = found
        now_ns = state.control.clock.now_ns
        order = ticket.order
        done = order_life.executed(order)
        total = order_life.total(order)
        asked = [each for each in order.doubts if each.kind == CommandKind.REPLACE]
        terms = [(total, order.price)] * 3 + [(each.total, each.price) for each in asked] * 3
        terms.append((total + 2, self.price()))
        lots, price = dice.choice(terms)
        lives = (Life.WORKING, Life.WORKING, order.life, Life.CANCELED, Life.EXPIRED)
        life = int(dice.choice((*lives, Life.REJECTED, Life.HELD)))
        return StatusReport(
            ticket.account,
            ticket.instrument,
            order_id,
            order.legs[-1].venue_order_id if order.legs else 0,
            int(dice.randrange(3) > 0),
            life,
            max(dice.choice((done, done, done + 1, done + 3, done - 1, 0, lots)), 0),
            max(lots, done),
            price,
            self.price(),
            dice.choice((0, 3)),
            0,
            max(now_ns + dice.choice((0, 0, 0, -1, -400)), 0),
            max(now_ns + dice.choice((0, 0, 0, 1, -1, -900)), 0),
        )

    # --- hostile ---------------------------------------------------------------------------------

    def hostile(self, state: State) -> Body:
        """Evidence with wrong ids, wrong answers, unknown orders, accounts and instruments."""
        dice = self.dice
        configured = self.configuration
        if dice.randrange(8) == 0:
            return self.hostile_query(state)
        found = self.chosen(state)
        known = 0 if found is None else found[0]
        key = dice.randrange(1, 30)
        strategy = dice.randrange(len(configured.strategies) + 1)
        order_id = dice.choice((0, 0, known, strategy * ORDER_KEY_LIMIT + key, -key, 2**62))
        requests = state.execution.intents + 3
        account = dice.choice((0, 0, 1, 1, 7, -1))
        instrument = dice.choice((0, 1, 1, 2, 7, -1))
        waiting = [each for each in sorted(state.execution.queue.items()) if each[1].kind == 1]
        if waiting and dice.randrange(2):
            # The venue knows an order before it was sent: somebody else used its id.
            order_id, queued = dice.choice(waiting)
            account, instrument = queued.account, queued.instrument
        return Execution(
            dice.randrange(int(EventKind.ACCEPTED), int(EventKind.STATUS_REPORT)),
            account,
            instrument,
            order_id,
            dice.choice((0, dice.randrange(1, requests + 1))),
            dice.choice((0, dice.randrange(1, 40), self.venue_ids)),
            leg=dice.choice((0, 1, -1)),
            trade_id=dice.randrange(0, self.trade_ids + 3),
            reference=dice.randrange(0, self.trade_ids + 3),
            side=dice.choice((-1, 0, 1)),
            price=dice.choice((0, self.price())),
            quantity=dice.randrange(5),
            total=dice.choice((NOT_CARRIED, 0, 4)),
            leaves=dice.choice((NOT_CARRIED, 0, 4)),
            reason=dice.choice((0, 1, 2, 99)),
            flags=dice.randrange(4),
        )

    def early(self, state: State) -> Execution | None:
        """The venue accepts an order before it was sent: somebody else used its id."""
        waiting = [each for each in sorted(state.execution.queue.items()) if each[1].kind == 1]
        if not waiting:
            return None
        order_id, queued = self.dice.choice(waiting)
        self.venue_ids += 1
        return Execution(
            int(EventKind.ACCEPTED),
            queued.account,
            queued.instrument,
            order_id,
            0,
            self.venue_ids,
            side=queued.side,
            price=queued.price,
            total=queued.quantity,
        )

    def hostile_query(self, state: State) -> StatusReport:
        """A status report about nothing anybody asked for."""
        dice = self.dice
        now_ns = state.control.clock.now_ns
        order_id = dice.choice((0, 5, -3, ORDER_KEY_LIMIT + dice.randrange(9)))
        return StatusReport(
            dice.choice((0, 1, 9)),
            dice.choice((0, 1, 9)),
            order_id,
            dice.randrange(30),
            1,
            dice.randrange(9),
            dice.randrange(8),
            dice.randrange(8),
            self.price(),
            self.price(),
            0,
            0,
            now_ns,
            now_ns,
        )

    # --- account ---------------------------------------------------------------------------------

    def account(self, state: State) -> Body:
        """What a venue says of money: agreeing, disagreeing, and of what is not configured."""
        dice = self.dice
        configured = self.configuration
        account = dice.randrange(len(configured.accounts))
        asset = dice.randrange(len(configured.assets))
        instrument = dice.randrange(len(configured.instruments))
        if dice.randrange(10) == 0:
            account, asset, instrument = dice.choice(((9, 0, 0), (0, 9, 9), (-1, -1, -1)))
        books = state.execution.ledger
        held = balance_of(books, account, asset).total
        position = position_of(books, account, instrument).quantity
        made: tuple[Body, ...] = (
            BalanceSnapshot(account, asset, held + dice.choice((0, 3, -3))),
            Transfer(account, asset, dice.choice((0, 500, -300, -50_000))),
            FundingPaid(account, instrument, asset, dice.choice((0, 12, -12))),
            Settlement(account, instrument, self.price()),
            Liquidation(
                account,
                instrument,
                self.price(),
                dice.choice((position, 1, -2)),
                dice.choice((0, 4)),
                dice.randrange(len(configured.assets)),
            ),
            FeeAdjusted(account, asset, dice.choice((0, 6, -6)), 0),
        )
        return dice.choice(made)

    # --- control ---------------------------------------------------------------------------------

    def control(self, state: State) -> Body:
        """Session, trading state, connections, operator, restart, time."""
        dice = self.dice
        now_ns = state.control.clock.now_ns
        found = self.chosen(state)
        order_id = 4 if found is None else found[0]
        asked = self.asked(state)
        asked_id = 3 if asked is None else asked[0]
        running: tuple[Body, ...] = (SessionResumed(1), SessionStarted(1), SessionPaused(1))
        paused: tuple[Body, ...] = (SessionResumed(1),) * 4 + (SessionPaused(1), SessionStarted(1))
        session = running if dice.randrange(2) else paused
        if dice.randrange(60 if self.sequence < LATE else 6) == 0:
            session = (SessionStopped(1),)
        if state.control.session in TERMINAL_SESSION_STATES and dice.randrange(2):
            session = (SessionStarted(1), SessionPaused(1), SessionResumed(1), SessionStopped(1))
            return dice.choice(session)
        trading = dice.choice((0, 0, 0, 1, 2))
        made: tuple[Body, ...] = (
            dice.choice(session),
            dice.choice(session),
            TradingStateChanged(trading),
            TradingStateChanged(trading),
            TradingStateChanged(0),
            ConfigurationChanged(dice.randrange(5)),
            OperatorDisposition(dice.choice((order_id, asked_id, 3)), dice.randrange(2)),
            Restarted(state.control.restarts + 1),
            Checkpoint(1),
            ControlTime(max(now_ns + dice.choice((0, -5, 1, 90)), 0)),
            ControlTime(dice.choice((now_ns, now_ns + 10**7))),
        )
        return dice.choice(made)

    def connection(self, state: State) -> ConnectionChanged:
        """A connection goes on, breaks down or skips a stage; few are closed for good."""
        dice = self.dice
        venue = dice.choice((0, 0, 0, 0, 1, 1, 2))
        now = state.control.connections.get(venue, int(ConnectionState.DISCONNECTED))
        onward = min(now + 1, int(ConnectionState.DEGRADED))
        any_stage = dice.randrange(len(ConnectionState))
        if now < ConnectionState.SYNCING:
            return ConnectionChanged(venue, dice.choice((onward, onward, onward, any_stage)))
        return ConnectionChanged(venue, dice.choice((onward, any_stage, any_stage, any_stage)))
