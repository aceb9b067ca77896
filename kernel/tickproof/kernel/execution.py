"""The Execution domain in place: orders, fills, ledger and what open orders tie up.

What it decides: nothing of its own; it is `spec.execution` without copying, and the locks and open
quantities of `spec.execution_control` kept up to date order by order instead of recomputed. Every
change of an order ends in `refresh`, which moves the sums by the difference [A3].

Sections: columns, sums, reports, fills, inferred fills, status reports, account events.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.kernel.chain import KernelChain
from tickproof.kernel.intent_queue import IntentQueue
from tickproof.kernel.keys import Keys
from tickproof.kernel.ledger import KernelLedger, rounded_up
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import (
    KernelOrder,
    KernelReport,
    from_ticket,
    leaves,
    over,
    step,
    total,
)
from tickproof.kernel.tape import Evidence, evidence_about
from tickproof.spec.commands import ORDER_KEY_LIMIT, CommandKind
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import EventKind, ExecutionFlag
from tickproof.spec.execution import (
    CONTRADICTIONS,
    END_EVENTS,
    EXTERNAL_STRATEGY,
    LAST_LEG,
    OUTCOME_OF_EVENT,
    check_fee,
    may_be_own,
)
from tickproof.spec.execution_control import MARKET_PROTECTION_E8
from tickproof.spec.fill_life import TABLE as FILL_TABLE
from tickproof.spec.fill_life import FillEvent, FillLife
from tickproof.spec.instructions import INSTRUCTION_FIELDS
from tickproof.spec.order_life import EVENT_KIND_OFFSET, Life, OrderEvent, OrderRefusal
from tickproof.spec.order_list import sibling_of
from tickproof.spec.outputs import (
    AccountRefusal,
    IntentOutcome,
    RecordKind,
    RefusalSource,
    SurfacedReason,
)
from tickproof.spec.quote_quantity import price_per_lot
from tickproof.spec.state import Coordinates, ExecutionState, FillKey, FillRecord
from tickproof.spec.table import Row

NEW = int(CommandKind.NEW)
REPLACE = int(CommandKind.REPLACE)
CANCEL = int(CommandKind.CANCEL)
SUBMITTED = int(Life.SUBMITTED)
DONE_FOR_DAY = int(Life.DONE_FOR_DAY)
CANCELED = int(Life.CANCELED)
EVENT_OFFSET = int(EVENT_KIND_OFFSET)

FILLED = int(EventKind.FILLED)
FILL_VOIDED = int(EventKind.FILL_VOIDED)
FILL_CORRECTED = int(EventKind.FILL_CORRECTED)
REPLACED = int(EventKind.REPLACED)

FILL_LIVES = len(FillLife)
FILL_TARGETS = [
    rule.target if isinstance(rule, Row) else int(FillLife.ABSENT)
    for event in FillEvent
    for life in FillLife
    for rule in FILL_TABLE.cells[life][event]
]
"""Fill life after an event, by event x lives + life; ABSENT, to which none leads, if refused."""

INFERRED_FLAG = int(ExecutionFlag.INFERRED)
EFFECTIVE = int(FillLife.EFFECTIVE)
VOIDED = int(FillLife.VOIDED)

RECORD_REFUSED = int(RecordKind.REFUSED)
RECORD_SURFACED = int(RecordKind.SURFACED)
RECORD_POSTING = int(RecordKind.POSTING)
RECORD_FILL = int(RecordKind.FILL)
RECORD_CLOSED = int(RecordKind.INTENT_CLOSED)

SOURCE_ORDER = int(RefusalSource.ORDER_LIFE)
SOURCE_FILL = int(RefusalSource.FILL_LIFE)
SOURCE_STATUS = int(RefusalSource.STATUS_REPORT)

ANSWERED = int(IntentOutcome.ANSWERED)
OUTCOMES = [int(OUTCOME_OF_EVENT.get(int(event), ANSWERED)) for event in OrderEvent]

POSITION_KINDS = (
    int(EventKind.FUNDING_PAID),
    int(EventKind.SETTLEMENT),
    int(EventKind.LIQUIDATION),
)
"""Account Events about an instrument."""

TRIGGER_PRICE = INSTRUCTION_FIELDS.index("trigger_price")
LIST_ID = INSTRUCTION_FIELDS.index("list_id")
LIST_KIND = INSTRUCTION_FIELDS.index("list_kind")
LIST_LEG = INSTRUCTION_FIELDS.index("list_leg")
QUOTE_QUANTITY = INSTRUCTION_FIELDS.index("quote_quantity")
BUY = 1
SELL = -1

# Fields of a fill: as in `spec.state.FillRecord`.
LIFE, LEG, SIDE, PRICE, QUANTITY, FEE, FEE_ASSET, REALISED, INFERRED = range(9)


class KernelExecution:
    """Orders by id, fills by identity, the ledger, and sums over what is open.

    `chain`: where the step's decision records go. `touched`: the order the step changed last; it
    knows the one before. `contradicted` 1: evidence contradicted a reported death.
    `shadows`: queued NEWs that have no order yet. `legs`: order ids by (strategy, list, leg).
    `unfinished`: orders and shadows that may still fill. `unfiled`: orders whose venue ids
    `by_venue_id` does not know yet.
    `open_lots`: worst open lots by (account, instrument) cell
    and side; `open_orders`: orders that may still fill, by account. `open_prices`: side x price of
    every order open at a price, by cell, ascending, so the best is the last.
    `most_open`, `most_locked`, `open_price`, `other_prices`: of the terms looked at last.
    """

    __slots__ = (
        "aliases",
        "by_venue_id",
        "chain",
        "configuration",
        "contradicted",
        "externals",
        "fills",
        "inferred",
        "instrument_count",
        "ledger",
        "legs",
        "lowest_trade_ids",
        "markets",
        "most_locked",
        "most_open",
        "open_lots",
        "open_orders",
        "open_price",
        "open_prices",
        "orders",
        "other_prices",
        "postings",
        "protected_base",
        "protection",
        "protection_e8",
        "queue",
        "refused",
        "report",
        "shadows",
        "surfaced",
        "touched",
        "unfiled",
        "unfinished",
        "venues",
    )

    orders: dict[int, KernelOrder]
    shadows: dict[int, KernelOrder]
    legs: dict[tuple[int, int, int], int]
    fills: dict[FillKey, list[int]]
    aliases: dict[FillKey, int]
    inferred: dict[int, list[FillKey]]
    by_venue_id: dict[Coordinates, int]
    externals: dict[Coordinates, int]
    lowest_trade_ids: dict[int, int]
    protected_base: int
    protection: int
    most_locked: int
    most_open: int
    open_price: int
    other_prices: tuple[int, ...]
    open_lots: list[int]
    open_orders: list[int]
    open_prices: list[Keys]
    unfinished: dict[int, KernelOrder]
    refused: int
    surfaced: int
    contradicted: int
    touched: KernelOrder | None
    unfiled: list[KernelOrder]

    def __init__(
        self,
        configuration: Configuration,
        markets: list[KernelMarket],
        queue: IntentQueue,
        chain: KernelChain,
    ) -> None:
        self.configuration = configuration
        self.markets = markets
        self.queue = queue
        self.chain = chain
        self.instrument_count = len(configuration.instruments)
        accounts = len(configuration.accounts)
        self.ledger = KernelLedger(accounts, len(configuration.assets), configuration.instruments)
        self.venues = [instrument.venue for instrument in configuration.instruments]
        self.protection_e8 = configuration.risk.price_collar_e8 or MARKET_PROTECTION_E8
        # How far the price asked for last is moved against an order.
        self.protected_base = self.protection = 0
        self.orders = {}
        self.shadows = {}
        self.legs = {}
        self.fills = {}
        self.aliases = {}
        self.inferred = {}
        self.by_venue_id = {}
        self.externals = {}
        self.lowest_trade_ids = {}
        cells = accounts * self.instrument_count * 2
        self.open_lots = [0] * cells
        self.open_prices = [Keys() for _ in range(cells)]
        self.open_orders = [0] * accounts
        self.most_open = self.most_locked = self.open_price = 0
        self.other_prices = ()
        self.unfinished = {}
        self.postings: list[int] = []
        self.report = KernelReport()
        self.refused = 0
        self.surfaced = 0
        self.contradicted = 0
        self.touched = None
        self.unfiled = []

    # --- sums ------------------------------------------------------------------------------------

    def cell_of(self, account: int, instrument: int, side: int) -> int:
        """Index of a side's sums."""
        return (account * self.instrument_count + instrument) * 2 + (side < 0)

    def refresh(self, order: KernelOrder) -> None:
        """Bring the sums and locks up to date with one order and its queued command."""
        self._look_at_terms(order)
        worst = self.most_open
        if worst != order.worst_open:
            if order.side:
                cell = self.cell_of(order.account, order.instrument, order.side)
                self.open_lots[cell] += worst - order.worst_open
            if worst == 0:
                self.open_orders[order.account] -= 1
                del self.unfinished[order.order_id]
            elif order.worst_open == 0:
                self.open_orders[order.account] += 1
                self.unfinished[order.order_id] = order
            order.worst_open = worst
        lock = self.most_locked
        if order.tied:
            self._lock_together(order, lock)
        elif lock != order.lock_amount:
            self.ledger.add_locked(order.account, order.lock_asset, lock - order.lock_amount)
            order.lock_amount = lock
        if not order.side:
            return
        # More prices than one are rare, and shown anew each time.
        if self.open_price != order.shown_price or self.other_prices or order.shown:
            self._show(order)

    def tie(self, order: KernelOrder) -> None:
        """A leg of an order list is found by its list from now on."""
        if order.instructions and order.instructions[LIST_ID]:
            leg = order.instructions[LIST_LEG]
            key = (order.order_id // ORDER_KEY_LIMIT, order.instructions[LIST_ID], leg)
            self.legs[key] = order.order_id
            order.tied = int(sibling_of(order.instructions[LIST_KIND], leg) >= 0)

    def leg_of(self, strategy: int, list_id: int, leg: int) -> KernelOrder | None:
        """A strategy's order that is this leg, sent or queued."""
        order_id = self.legs.get((strategy, list_id, leg), 0)
        order = self.orders.get(order_id)
        if order is None:
            order = self.shadows.get(order_id)
        if order is None or not order.instructions:
            return None
        asked = order.instructions
        return order if asked[LIST_ID] == list_id and asked[LIST_LEG] == leg else None

    def shadow_of(self, order_id: int) -> KernelOrder | None:
        """The queued NEW that has no order yet; most often none is."""
        return self.shadows.get(order_id) if self.shadows else None

    def sibling_of(self, order_id: int, asked: tuple[int, ...]) -> KernelOrder | None:
        """The order of the leg that excludes this one; see `spec` sibling_of."""
        leg = sibling_of(asked[LIST_KIND], asked[LIST_LEG])
        # Kept is no leg of no list, and none that nothing excludes.
        return self.leg_of(order_id // ORDER_KEY_LIMIT, asked[LIST_ID], leg)

    def counted_need(self, order: KernelOrder) -> int:
        """What an order locks by itself: nothing where the leg that excludes it has executed."""
        if order.tied and order.executed == 0:
            sibling = self.sibling_of(order.order_id, order.instructions)
            if sibling is not None and sibling.executed > 0:
                return 0
        return order.lock_amount

    def _lock_together(self, order: KernelOrder, need: int) -> None:
        """A leg and the one that excludes it lock the larger need, once [A3]; see `spec` tied."""
        order.lock_amount = need
        sibling = self.sibling_of(order.order_id, order.instructions)
        if sibling is None:
            self._count_lock(order, need)
            return
        mine, other = need, sibling.lock_amount
        if order.executed == 0 and sibling.executed == 0:
            if order.lock_asset == sibling.lock_asset:
                mine, other = (mine, 0) if mine >= other else (0, other)
        elif order.executed == 0:
            mine = 0
        elif sibling.executed == 0:
            other = 0
        self._count_lock(sibling, other)
        self._count_lock(order, mine)

    def _count_lock(self, order: KernelOrder, amount: int) -> None:
        if amount != order.lock_counted:
            self.ledger.add_locked(order.account, order.lock_asset, amount - order.lock_counted)
            order.lock_counted = amount

    def follow_market(self) -> None:
        """What a waiting MARKET order or LINEAR sell locks follows the market."""
        for waiting in self.shadows.values():
            self.refresh(waiting)

    def _look_at_terms(self, order: KernelOrder) -> None:
        """Every term the order may stand under [OL8]; see `spec` terms_of.

        Leaves the most it may fill, the most it may lock and its prices in `most_open`,
        `most_locked`, `open_price` and `other_prices`.
        """
        self.most_open = 0
        self.most_locked = 0
        self.open_price = 0
        self.other_prices = ()
        if order.life < CANCELED:
            stands = -1
            if order.life != 0:
                stands = order.executed + leaves(order)
                self._consider(order, order.price, stands)
            if order.pending_kind == NEW or order.pending_kind == REPLACE:
                asked, price = order.pending_total, order.pending_price
                # What was sent and not answered is most often what the order stands under.
                if stands != asked or order.price != price:
                    self._consider(order, price, asked)
            for doubt in order.doubts:
                if doubt[0] != CANCEL:
                    self._consider(order, doubt[3], doubt[2])
        if self.queue.entries:
            entry = self.queue.entries.get(order.order_id)
            if entry is not None and entry.kind != CANCEL:
                self._consider(order, entry.price, entry.quantity)

    def _consider(self, order: KernelOrder, price: int, lots: int) -> None:
        """One (price, total) the order may stand under."""
        open_now = lots - order.executed
        if open_now <= 0:
            return
        if open_now > self.most_open:
            self.most_open = open_now
        if not self.open_price:
            self.open_price = price
        elif price and price != self.open_price and price not in self.other_prices:
            self.other_prices += (price,)
        if order.order_id > 0 and order.origin == 0:
            lock = self._lock_of(order, price, open_now)
            if lock > self.most_locked:
                self.most_locked = lock

    def _lock_of(self, order: KernelOrder, price: int, lots: int) -> int:
        """What open lots at a price lock."""
        instrument, side = order.instrument, order.side
        kind = self.ledger.kinds[instrument]
        if price == 0 or (side == SELL and kind != 0):
            reference = order.reference_price
            if order.life == 0:
                quantity = 0
                if order.instructions:
                    quantity = self.queue.entries[order.order_id].quantity
                asked = order.instructions
                reference = self.unpriced_reference(instrument, side, asked, quantity)
            price = reference if price == 0 else max(price, reference)
        if price != order.locked_price or lots != order.locked_lots:
            order.locked = self.ledger.lock_for(instrument, side, price, lots)
            order.locked_price, order.locked_lots = price, lots
        return order.locked

    def _show(self, order: KernelOrder) -> None:
        """Keep the prices at which an order is open, which self-trade prevention asks for."""
        side = order.side
        prices = self.open_prices[self.cell_of(order.account, order.instrument, side)]
        if order.shown_price:
            prices.drop(side * order.shown_price)
        for price in order.shown:
            prices.drop(side * price)
        order.shown_price, order.shown = self.open_price, self.other_prices
        if order.shown_price:
            prices.add(side * order.shown_price)
        for price in order.shown:
            prices.add(side * price)

    def best_open_price(self, account: int, instrument: int, side: int) -> int:
        """The best price at which a side of an account is open, 0 where it is not."""
        prices = self.open_prices[self.cell_of(account, instrument, side)]
        return side * prices.high if prices.count else 0

    def unpriced_reference(
        self, instrument: int, side: int, asked: tuple[int, ...], quantity: int
    ) -> int:
        """What an order that names no price is locked at: money it spends, or a MARKET's price."""
        if not asked:
            return self.protected_reference(instrument, side)
        if asked[QUOTE_QUANTITY] != 0 and side == BUY:
            per_lot = self.ledger.money_per_price_lot[instrument]
            return price_per_lot(asked[QUOTE_QUANTITY], quantity, per_lot)
        return self.protected_reference(instrument, side, asked[TRIGGER_PRICE])

    def protected_reference(self, instrument: int, side: int, trigger_price: int = 0) -> int:
        """What a MARKET order is locked at: reference, touch or trigger, moved against it."""
        market = self.markets[instrument]
        base = market.reference_price()
        if side == BUY:
            base = max(base, market.book.ask_price, trigger_price)
        elif trigger_price != 0:
            base = min(base, trigger_price)
        if base != self.protected_base:
            self.protected_base = base
            self.protection = rounded_up(base, self.protection_e8)
        return base + self.protection if side == BUY else base - self.protection

    # --- records ---------------------------------------------------------------------------------

    def refuse(self, strategy: int, instrument: int, order_id: int, source: int, code: int) -> None:
        """Record and count a refusal."""
        self.refused += 1
        self.chain.note_6(RECORD_REFUSED, strategy, instrument, order_id, source, code)

    def surface(self, reason: int, instrument: int, order_id: int, detail: int = 0) -> None:
        """Record and count what a person must see."""
        self.surfaced += 1
        self.chain.note_5(RECORD_SURFACED, int(reason), instrument, order_id, detail)

    def _booked(self, account: int, instrument: int, order_id: int) -> None:
        """Record the ledger's postings, and an overdraft [A4]."""
        flat = self.postings
        for index in range(0, len(flat), 5):
            try:
                self.chain.note_6(
                    RECORD_POSTING,
                    flat[index],
                    flat[index + 1],
                    flat[index + 2],
                    flat[index + 3],
                    flat[index + 4],
                )
            except OverflowError:
                # Where it is compiled: money is unbounded.
                self.chain.note((RECORD_POSTING, *flat[index : index + 5]))
        flat.clear()
        if self.ledger.overdrawn:
            self.surface(SurfacedReason.OVERDRAWN, instrument, order_id, account)

    # --- reports ---------------------------------------------------------------------------------

    def order_of(self, order_id: int, account: int, instrument: int, side: int) -> KernelOrder:
        """The order, or an external one about to be adopted (not yet kept)."""
        order = self.orders.get(order_id)
        if order is not None:
            return order
        made = KernelOrder(order_id, EXTERNAL_STRATEGY, account, instrument, side, 1, 1, 0, 0)
        made.lock_asset = 0
        return made

    def resolve(self, order_id: int, coordinates: Coordinates) -> int:
        """The order evidence is about: by our id, by the venue's, else a new external one."""
        named = self.orders.get(order_id)
        if named is None:
            if may_be_own(self.configuration, order_id, coordinates[0]):
                return order_id
        elif named.account == coordinates[0] and named.instrument == coordinates[1]:
            return order_id
        self._file()
        found = self.by_venue_id.get(coordinates)
        if found is None:
            found = self.externals.get(coordinates, -len(self.externals) - 1)
        return found

    def _keep(self, order: KernelOrder) -> None:
        """An order that exists now is found by id, and by venue id once one is asked for."""
        legs = len(order.legs)
        last_id = 0
        if legs:
            last = order.legs[legs - 1]
            last_id = last.venue_order_id
            if legs == order.kept_legs and last_id == order.kept_id:
                return
        if order.order_id not in self.orders:
            self.orders[order.order_id] = order
            if self.shadows:
                shadow = self.shadows.pop(order.order_id, None)
                if shadow is not None:
                    self._forget(shadow)
        self.unfiled.append(order)
        order.kept_legs = legs
        order.kept_id = last_id

    def _file(self) -> None:
        """Orders are found by each of their venue ids; of several under one id, the oldest."""
        while self.unfiled:
            order = self.unfiled.pop()
            for leg in order.legs:
                if leg.venue_order_id != 0:
                    key = (order.account, order.instrument, leg.venue_order_id)
                    known = self.by_venue_id.get(key)
                    if known is None or order.order_id < known:
                        self.by_venue_id[key] = order.order_id

    def _forget(self, shadow: KernelOrder) -> None:
        """A queued NEW whose order turned up at the venue: the order counts from now on."""
        entry = self.queue.entries.pop(shadow.order_id)
        self.refresh(shadow)
        self.queue.entries[shadow.order_id] = entry

    def apply_report(
        self, order: KernelOrder, as_of_ns: int, absorbed: int = 0, absorbed_over: int = 0
    ) -> int:
        """`self.report` through the order-life table, with its records; the refusal code or 0.

        `absorbed`, `absorbed_over`: lots that were taken out of the order for this report, and
        how much further it was filled beyond its total with them.
        """
        report = self.report
        before_life = order.life
        before_executed = order.executed + absorbed
        before_over = over(order) + absorbed_over
        before_inferred = order.inferred
        before_pending = order.pending_id if order.pending_kind else 0
        before_doubts = _ids(order.doubts) if order.doubts else None
        code = step(order, report)
        if code:
            self.refuse(order.strategy, order.instrument, order.order_id, SOURCE_ORDER, code)
            if code in CONTRADICTIONS:
                self.surface(SurfacedReason.CONTRADICTION, order.instrument, order.order_id, code)
                self.contradicted = 1
            return code
        if order.life == 0:
            return 0
        order.as_of_ns = max(order.as_of_ns, as_of_ns)
        self._keep(order)
        self._close_settled(order, before_pending, before_doubts, report.event)
        if before_life == 0 and order.origin == 1:
            self.surface(SurfacedReason.ADOPTED, order.instrument, order.order_id)
        now_over = over(order)
        if now_over > before_over:
            self.surface(SurfacedReason.OVERFILLED, order.instrument, order.order_id, now_over)
        if order.executed > before_executed and before_life >= CANCELED:
            self.surface(SurfacedReason.LATE_FILL, order.instrument, order.order_id)
        if order.inferred > before_inferred:
            self.surface(SurfacedReason.INFERRED_DEATH, order.instrument, order.order_id)
        self.refresh(order)
        self.touch(order)
        return 0

    def touch(self, order: KernelOrder) -> None:
        """The step changed an order."""
        if not order.touched:
            order.touched = 1
            order.touched_before = self.touched
            self.touched = order

    def concerns(self, strategy: int) -> bool:
        """Whether the step changed an order of this strategy."""
        order = self.touched
        while order is not None and order.strategy != strategy:
            order = order.touched_before
        return order is not None

    def _close_settled(
        self, order: KernelOrder, pending: int, doubts: list[int] | None, event: int
    ) -> None:
        """INTENT_CLOSED for every Request that the event settled, by id."""
        if doubts is None:
            if pending == 0 or (order.pending_kind and order.pending_id == pending):
                return
            if not order.doubts:
                self._close(order, pending, event)
                return
            settled = [each for each in (pending,) if each not in _ids(order.doubts)]
        else:
            still_open = _ids(order.doubts)
            if order.pending_kind:
                still_open.append(order.pending_id)
            settled = [each for each in doubts if each not in still_open]
            if pending and pending not in still_open:
                settled.append(pending)
            settled.sort()
        for request_id in settled:
            self._close(order, request_id, event)

    def _close(self, order: KernelOrder, request_id: int, event: int) -> None:
        self.chain.note_5(
            RECORD_CLOSED, order.strategy, request_id, order.order_id, OUTCOMES[event]
        )

    def _fill_report(
        self, said: Evidence, order: KernelOrder, fill: list[int] | None, now_ns: int
    ) -> None:
        """`self.report` of an execution payload; see `spec.execution.report_of`."""
        report = self.report
        venue_order_id = said.venue_order_id
        bound = False
        last = len(order.legs) - 1
        leg = said.leg if 0 <= said.leg <= last else max(last, 0)
        current = 0
        for index in range(last + 1):
            one = order.legs[index]
            current = one.venue_order_id
            if current == venue_order_id:
                if venue_order_id != 0 and not bound:
                    leg = index
                bound = True
        report.event = said.kind - EVENT_OFFSET
        report.request_id = said.request_id
        report.venue_order_id = venue_order_id
        report.leg = leg
        report.price = said.price
        report.quantity = said.quantity
        report.effective = 0
        report.fill_life = 0
        if fill is not None:
            report.effective = fill[QUANTITY]
            report.fill_life = fill[LIFE]
            if fill[LIFE] == EFFECTIVE:
                report.leg = fill[LEG]
        report.total = said.total
        report.leaves = said.leaves
        report.reason = said.reason
        report.restores = said.flags % 2
        report.active = (said.flags // 2) % 2
        report.new_leg = 0
        if said.kind == REPLACED and venue_order_id != 0 and current != 0 and not bound:
            report.new_leg = 1
        report.stopped = 0
        report.settled = 0
        report.now_ns = now_ns

    def apply_evidence(self, said: Evidence, as_of_ns: int, now_ns: int) -> None:
        """One execution event, kinds ACCEPTED to OUTCOME_UNKNOWN."""
        account, instrument, order_id = said.account, said.instrument, said.order_id
        if not self.ledger.knows_account(account) or not 0 <= instrument < self.instrument_count:
            code = int(OrderRefusal.UNKNOWN_ORDER)
            self.refuse(EXTERNAL_STRATEGY, instrument, order_id, SOURCE_ORDER, code)
            return
        if said.fee != 0:
            check_fee(self.configuration, said.fee, said.fee_asset)
        order = self.orders.get(order_id)
        if order is None or order.account != account or order.instrument != instrument:
            order_id = self.resolve(order_id, (account, instrument, said.venue_order_id))
            order = self.order_of(order_id, account, instrument, said.side)
        if FILLED <= said.kind <= FILL_CORRECTED:
            code = self._apply_fill(said, order, as_of_ns, now_ns)
        else:
            self._fill_report(said, order, None, now_ns)
            code = self.apply_report(order, as_of_ns)
        if code == 0 and -order_id > len(self.externals):
            self.externals[account, instrument, said.venue_order_id] = order_id

    # --- fills -----------------------------------------------------------------------------------

    def _apply_fill(self, said: Evidence, order: KernelOrder, as_of_ns: int, now_ns: int) -> int:
        """By the fill-life table, then the order-life table; the refusal code or 0."""
        kind, account, instrument = said.kind, said.account, said.instrument
        order_id = order.order_id
        venue = self.venues[instrument]
        own_key = (venue, account, instrument, said.trade_id, order_id)
        key = own_key
        repeated = False
        if kind != FILLED:
            key = (venue, account, instrument, said.reference, order_id)
            root = self.aliases.get(key)
            if root is not None:
                key = (venue, account, instrument, root, order_id)
            repeated = said.trade_id != 0 and (own_key in self.aliases or own_key in self.fills)
        fill = self.fills.get(key)
        life = 0 if fill is None else fill[LIFE]
        target = FILL_TARGETS[(kind - FILLED) * FILL_LIVES + life]
        if repeated or not target:
            code = int(OrderRefusal.DUPLICATE_FILL)
            self.refuse(order.strategy, order.instrument, order_id, SOURCE_FILL, code)
            return code
        absorbed = 0
        absorbed_over = 0
        is_real = (said.flags // INFERRED_FLAG) % 2 == 0
        if kind != FILL_VOIDED and life == 0 and is_real and order_id in self.inferred:
            absorbed = min(said.quantity, self.inferred_pool(order_id))
            if absorbed:
                absorbed_over = over(order)
                self._absorb(order, absorbed)
                absorbed_over -= over(order)
        self._fill_report(said, order, fill, now_ns)
        leg = self.report.leg
        code = self.apply_report(order, as_of_ns, absorbed, absorbed_over)
        if code == 0:
            self._book_fill(said, order, key, own_key, leg, target)
        return code

    def _book_fill(
        self,
        said: Evidence,
        order: KernelOrder,
        key: FillKey,
        own_key: FillKey,
        leg: int,
        target: int,
    ) -> None:
        """Reverse what was booked, post what counts now; see `spec.execution.book_fill`."""
        fill = self.fills.get(key)
        if fill is not None and fill[LIFE] == EFFECTIVE:
            self._reverse(order, fill)
        if said.kind != FILL_VOIDED and target == EFFECTIVE:
            side = order.side if order.side != 0 else said.side
            inferred = (said.flags // INFERRED_FLAG) % 2
            fill = [
                target,
                leg,
                side,
                said.price,
                said.quantity,
                said.fee,
                said.fee_asset,
                0,
                inferred,
            ]
            self._post(order, fill)
            self.chain.note_13(
                RECORD_FILL,
                order.strategy,
                order.account,
                order.instrument,
                order.order_id,
                said.trade_id,
                side,
                said.price,
                said.quantity,
                said.fee,
                said.fee_asset,
                said.liquidity,
                said.cause,
            )
            if inferred:
                self.inferred.setdefault(order.order_id, []).append(key)
        elif fill is None:
            fill = [target, 0, 0, 0, 0, 0, 0, 0, 0]
        else:
            fill[LIFE] = target
        self.fills[key] = fill
        if key[3] < self.lowest_trade_ids.get(key[4], 0):
            self.lowest_trade_ids[key[4]] = key[3]
        if own_key != key and own_key[3] != 0:
            self.aliases[own_key] = key[3]

    def _post(self, order: KernelOrder, fill: list[int]) -> None:
        fill[REALISED] = self.ledger.post_fill(
            self.postings,
            order.instrument,
            order.account,
            fill[SIDE],
            fill[PRICE],
            fill[QUANTITY],
            fill[FEE],
            fill[FEE_ASSET],
        )
        self._booked(order.account, order.instrument, order.order_id)

    def _reverse(self, order: KernelOrder, fill: list[int]) -> None:
        self.ledger.reverse_fill(
            self.postings,
            order.instrument,
            order.account,
            fill[SIDE],
            fill[PRICE],
            fill[QUANTITY],
            fill[FEE],
            fill[FEE_ASSET],
            fill[REALISED],
        )
        self._booked(order.account, order.instrument, order.order_id)

    # --- inferred fills --------------------------------------------------------------------------

    def inferred_fills(self, order_id: int) -> list[FillKey]:
        """Effective inferred fills of an order, oldest first."""
        keys = [
            key
            for key in dict.fromkeys(self.inferred.get(order_id, ()))
            if self.fills[key][INFERRED] and self.fills[key][LIFE] == EFFECTIVE
        ]
        keys.sort(key=_trade_id_down)
        return keys

    def inferred_pool(self, order_id: int) -> int:
        """Lots that were concluded and wait for their real fills [OL9]."""
        return sum(self.fills[key][QUANTITY] for key in self.inferred_fills(order_id))

    def _absorb(self, order: KernelOrder, quantity: int) -> None:
        """Inferred lots make room for the real fill that follows, oldest first."""
        for key in self.inferred_fills(order.order_id):
            fill = self.fills[key]
            taken = min(fill[QUANTITY], quantity)
            if taken == 0:
                break
            self._reverse(order, fill)
            left = fill[QUANTITY] - taken
            kept = list(fill)
            kept[QUANTITY] = left
            kept[FEE] = fill[FEE] * left // fill[QUANTITY]
            kept[LIFE] = EFFECTIVE if left else VOIDED
            self.fills[key] = kept
            if left:
                self._post(order, kept)
            report = self.report
            report.clear(int(OrderEvent.FILL_VOIDED), 0)
            report.leg = fill[LEG]
            report.effective = taken
            report.fill_life = EFFECTIVE
            report.restores = 1
            step(order, report)
            quantity -= taken

    # --- status reports --------------------------------------------------------------------------

    def apply_status_report(self, values: Sequence[int], now_ns: int) -> None:
        """Expand a status report into ordinary evidence [OL9]; `values` is its payload."""
        order_id = self.resolve(values[2], (values[0], values[1], values[3]))
        order = self.orders.get(order_id)
        if order is None:
            code = int(OrderRefusal.UNKNOWN_ORDER)
            self.refuse(EXTERNAL_STRATEGY, values[1], values[2], SOURCE_STATUS, code)
            return
        found, as_of_ns, query_sent_ns = values[4], values[12], values[13]
        stale = found != 0 and as_of_ns < order.as_of_ns
        for doubt in order.doubts:
            stale = stale or query_sent_ns <= doubt[4]
        if stale:
            code = int(OrderRefusal.STALE)
            self.refuse(order.strategy, order.instrument, order_id, SOURCE_STATUS, code)
            return
        if not found:
            self._not_found(order, as_of_ns, now_ns)
            return
        check_fee(self.configuration, values[10], values[11])
        for evidence in (self._acceptance, self._missing_fills, self._terms_now, self._end):
            for made in evidence(order, values):
                self.apply_evidence(made, as_of_ns, now_ns)

    def _not_found(self, order: KernelOrder, as_of_ns: int, now_ns: int) -> None:
        settling_ns = self.configuration.timing.settling_ns
        settled = True
        for doubt in order.doubts:
            settled = settled and doubt[4] + settling_ns <= now_ns
        self.report.clear(int(OrderEvent.NOT_FOUND), now_ns)
        self.report.settled = int(settled)
        self.apply_report(order, as_of_ns)

    def _made(
        self, kind: EventKind, order: KernelOrder, values: Sequence[int], request_id: int
    ) -> Evidence:
        """Inferred evidence."""
        made = evidence_about(int(kind), values[0], values[1], order.order_id)
        made.request_id = request_id
        made.venue_order_id = values[3]
        made.leg = LAST_LEG
        made.flags = INFERRED_FLAG
        return made

    def _doubted(self, order: KernelOrder, kind: int) -> list[int]:
        """Ids of the doubted Requests of a kind; of NEW and REPLACE there is at most one [EC5]."""
        return [doubt[1] for doubt in order.doubts if doubt[0] == kind]

    def _acceptance(self, order: KernelOrder, values: Sequence[int]) -> list[Evidence]:
        asked = sum(self._doubted(order, NEW))
        alive = SUBMITTED <= values[5] <= DONE_FOR_DAY
        revoked = order.inferred == 1 and alive
        if asked == 0 and order.life != SUBMITTED and not revoked:
            return []
        if values[5] == int(Life.REJECTED):
            return []
        kind = EventKind.HELD if values[5] == int(Life.HELD) else EventKind.ACCEPTED
        return [self._made(kind, order, values, asked)]

    def _missing_fills(self, order: KernelOrder, values: Sequence[int]) -> list[Evidence]:
        missing = values[6] - order.executed
        if missing > 0:
            made = self._made(EventKind.FILLED, order, values, 0)
            made.trade_id = self.lowest_trade_ids.get(order.order_id, 0) - 1
            made.side = order.side
            made.price, made.quantity = values[9], missing
            made.fee, made.fee_asset = values[10], values[11]
            return [made]
        found: list[Evidence] = []
        surplus = -missing
        for key in reversed(self.inferred_fills(order.order_id)):
            if surplus == 0:
                break
            fill = self.fills[key]
            taken = min(fill[QUANTITY], surplus)
            found.append(self._less_inferred(order, values, key, fill, taken))
            surplus -= taken
        return found

    def _less_inferred(
        self, order: KernelOrder, values: Sequence[int], key: FillKey, fill: list[int], taken: int
    ) -> Evidence:
        """Take lots off an inferred fill: a void when nothing is left of it, else a correction."""
        left = fill[QUANTITY] - taken
        reported = EventKind.FILL_CORRECTED if left else EventKind.FILL_VOIDED
        made = self._made(reported, order, values, 0)
        made.reference, made.side = key[3], fill[SIDE]
        made.price, made.quantity = fill[PRICE], left
        made.fee, made.fee_asset = fill[FEE] * left // fill[QUANTITY], fill[FEE_ASSET]
        made.flags += int(ExecutionFlag.RESTORES)
        return made

    def _terms_now(self, order: KernelOrder, values: Sequence[int]) -> list[Evidence]:
        asked = sum(self._doubted(order, REPLACE))
        same = max(values[7], order.executed) == total(order)
        same = same and values[8] in (0, order.price)
        if same or order.life >= CANCELED:
            if asked:
                return [self._made(EventKind.REPLACE_REJECTED, order, values, asked)]
            return []
        kind = EventKind.REPLACED if asked else EventKind.RESTATED
        made = self._made(kind, order, values, asked)
        made.price, made.total = values[8], values[7]
        return [made]

    def _end(self, order: KernelOrder, values: Sequence[int]) -> list[Evidence]:
        cancels = self._doubted(order, CANCEL)
        rejection = EventKind.CANCEL_REJECTED
        refused = [self._made(rejection, order, values, each) for each in cancels]
        if values[5] not in END_EVENTS:
            return refused
        is_final = order.life >= CANCELED and order.inferred == 0
        kind = END_EVENTS[values[5]]
        if kind == EventKind.REJECTED:
            asked = sum(self._doubted(order, NEW))
            if is_final and not asked:
                return refused
            return [self._made(kind, order, values, asked), *refused]
        if cancels or is_final:
            return [self._made(kind, order, values, each) for each in cancels]
        return [self._made(kind, order, values, 0)]

    # --- account events --------------------------------------------------------------------------

    def apply_account(self, kind: int, values: Sequence[int]) -> None:
        """Balances and positions change by what the venue reports [A2, A6]."""
        ledger, made = self.ledger, self.postings
        account, second = values[0], values[1]
        instrument = -1
        code = self._unknown_to(kind, values)
        if code:
            is_position = kind in POSITION_KINDS
            where = second if is_position else -1
            self.refuse(EXTERNAL_STRATEGY, where, 0, int(RefusalSource.ACCOUNT), code)
            return
        if kind == EventKind.BALANCE_SNAPSHOT:
            ledger.reconcile_balance(made, account, second, values[2])
        elif kind == EventKind.TRANSFER:
            ledger.transfer(made, account, second, values[2])
        elif kind == EventKind.FEE_ADJUSTED:
            ledger.adjust_fee(made, account, second, values[2])
        else:
            instrument = second
            if kind == EventKind.FUNDING_PAID:
                ledger.pay_funding(made, account, values[2], values[3])
            elif kind == EventKind.SETTLEMENT:
                ledger.settle(made, instrument, account, values[2])
            elif kind == EventKind.LIQUIDATION:
                check_fee(self.configuration, values[4], values[5])
                ledger.liquidate(
                    made, instrument, account, values[2], values[3], values[4], values[5]
                )
        self._booked(account, instrument, 0)

    def _unknown_to(self, kind: int, values: Sequence[int]) -> int:
        """Which of an account Event's ids is not configured: an `AccountRefusal`, or 0."""
        ledger = self.ledger
        if not ledger.knows_account(values[0]):
            return int(AccountRefusal.UNKNOWN_ACCOUNT)
        if kind not in POSITION_KINDS:
            return 0 if ledger.knows_asset(values[1]) else int(AccountRefusal.UNKNOWN_ASSET)
        if kind == EventKind.FUNDING_PAID and not ledger.knows_asset(values[2]):
            return int(AccountRefusal.UNKNOWN_ASSET)
        known = 0 <= values[1] < self.instrument_count
        return 0 if known else int(AccountRefusal.UNKNOWN_INSTRUMENT)

    # --- conversion ------------------------------------------------------------------------------

    def load(self, source: ExecutionState) -> None:
        """Take over orders, fills and ledger of a State; sums and locks follow from the orders."""
        self.ledger = KernelLedger.from_spec(
            source.ledger,
            self.ledger.account_count,
            self.ledger.asset_count,
            self.configuration.instruments,
        )
        # Locks follow from orders and are added again as those are refreshed [A3].
        self.ledger.locked = [0] * len(self.ledger.locked)
        self.fills = {key: _flat_fill(fill) for key, fill in source.fills.items()}
        for key, fill in source.fills.items():
            if fill.inferred:
                self.inferred.setdefault(key[4], []).append(key)
            self.lowest_trade_ids[key[4]] = min(self.lowest_trade_ids.get(key[4], 0), key[3])
        self.aliases = dict(source.aliases)
        self.externals = dict(source.externals)
        self.refused = source.refused
        self.surfaced = source.surfaced
        for order_id, ticket in source.orders.items():
            order = from_ticket(order_id, ticket)
            order.lock_asset = self.ledger.lock_asset(order.instrument, order.side)
            self.tie(order)
            self._keep(order)
            self.refresh(order)

    def fills_to_spec(self) -> dict[FillKey, FillRecord]:
        """Fills in the specification's form."""
        return {key: FillRecord(*fill) for key, fill in self.fills.items()}


def _flat_fill(fill: FillRecord) -> list[int]:
    """Fields in the order of the indices above."""
    return [
        int(fill.life),
        fill.leg,
        int(fill.side),
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_asset,
        fill.realised,
        fill.inferred,
    ]


def _ids(doubts: tuple[tuple[int, ...], ...]) -> list[int]:
    return [doubt[1] for doubt in doubts]


def _trade_id_down(key: FillKey) -> int:
    return -key[3]
