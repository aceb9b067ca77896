"""From an Intent to a Request: Risk on the effective command, dominance, Queue Processing [5, 7].

Decides nothing of its own: it gathers the facts each rule needs from State, asks the rule, and
writes the answer down. R1: there is no way to the queue but through Risk, the kernel's own
cancels excepted; they come from a good-till date the venue does not honour [T8].

Sections: facts about orders, locks, risk facts, intents, queue processing, dispatch.
"""

from __future__ import annotations

from attrs import evolve

from tickproof.spec import ledger, order_life, order_list, queue_processing, risk
from tickproof.spec.commands import (
    AUCTION_TIMES,
    CONDITIONAL_TYPES,
    ORDER_KEY_LIMIT,
    UNPRICED_TYPES,
    CommandKind,
    Intent,
    OrderType,
    SetTimer,
    TimeInForce,
    key_of,
    order_id_of,
    strategy_of,
)
from tickproof.spec.configuration import Configuration
from tickproof.spec.dominance import UNTOUCHED, Pending, Target, dominate
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import Side
from tickproof.spec.instructions import (
    PLAIN,
    TRAILING_SCALE,
    Instructions,
    Prevention,
    Trigger,
    instruction_values,
)
from tickproof.spec.intent_life import IntentState
from tickproof.spec.ledger import PositionBucket
from tickproof.spec.market import reference_price, touch_of
from tickproof.spec.order_life import ABSENT_ORDER, OrderEvent, Report
from tickproof.spec.order_list import OrderListKind, leg_count
from tickproof.spec.outputs import (
    IntentOutcome,
    Record,
    RecordKind,
    RefusalSource,
    SurfacedReason,
)
from tickproof.spec.queue_processing import Mode, Processed, Standing, Work
from tickproof.spec.quote_quantity import lots_bound, price_per_lot
from tickproof.spec.session import SessionState
from tickproof.spec.state import EquityTrack, ExecutionState, State, Ticket

MARKET_PROTECTION_E8 = 5_000_000
"""How far beyond the reference a MARKET order is locked where no collar is configured: 5 %."""

OUTCOME_OF_STATE = {
    int(IntentState.SUPERSEDED): IntentOutcome.SUPERSEDED,
    int(IntentState.MERGED): IntentOutcome.MERGED,
    int(IntentState.ANNIHILATED): IntentOutcome.ANNIHILATED,
}

# --- facts about orders --------------------------------------------------------------------------


def target_of(execution: ExecutionState, order_id: int) -> int:
    """What the venue knows of an order."""
    ticket = execution.orders.get(order_id)
    if ticket is None:
        return int(Target.NEVER_SENT)
    return int(Target.DEAD if order_life.is_dead(ticket.order.life) else Target.ALIVE)


def terms_of(execution: ExecutionState, order_id: int) -> tuple[tuple[int, int], ...]:
    """(price, total) terms an order may stand under: current, asked for, doubted, queued [OL8]."""
    found: tuple[tuple[int, int], ...] = ()
    ticket = execution.orders.get(order_id)
    if ticket is not None:
        order = ticket.order
        if order_life.is_alive(order.life):
            # What may still fill is what counts, so voided or prevented lots are left out.
            found += ((order.price, order_life.executed(order) + order_life.leaves(order)),)
        asked = order.doubts if order.pending is None else (*order.doubts, order.pending)
        for request in asked:
            if request.kind != CommandKind.CANCEL and not order_life.is_dead(order.life):
                found += ((request.price, request.total),)
    queued = execution.queue.get(order_id)
    if queued is not None and queued.kind != CommandKind.CANCEL:
        found += ((queued.price, queued.quantity),)
    return found


def executed_of(execution: ExecutionState, order_id: int) -> int:
    """Lots filled of an order, 0 before it is sent."""
    ticket = execution.orders.get(order_id)
    return 0 if ticket is None else order_life.executed(ticket.order)


def worst_open_of(execution: ExecutionState, order_id: int) -> int:
    """Most lots of an order that may still fill."""
    totals = (total for _, total in terms_of(execution, order_id))
    return risk.worst_open(totals, executed_of(execution, order_id))


def instructions_on(execution: ExecutionState, order_id: int) -> Instructions:
    """What a sent or queued order asks of the venue."""
    ticket = execution.orders.get(order_id)
    return execution.queue[order_id].instructions if ticket is None else ticket.instructions


def asked_of(execution: ExecutionState, command: Pending) -> Instructions:
    """The instructions of what a NEW or REPLACE is about; a REPLACE does not change them."""
    ticket = execution.orders.get(command.order_id)
    return command.instructions if ticket is None else ticket.instructions


def subject_of(execution: ExecutionState, order_id: int) -> tuple[int, int, int, int]:
    """(account, instrument, side, reference price) of a sent or queued order."""
    ticket = execution.orders.get(order_id)
    if ticket is not None:
        return ticket.account, ticket.instrument, ticket.side, ticket.reference_price
    queued = execution.queue[order_id]
    return queued.account, queued.instrument, queued.side, 0


def order_ids(execution: ExecutionState) -> tuple[int, ...]:
    """Every order that was sent or is queued, in order."""
    return tuple(sorted({*execution.orders, *execution.queue}))


def open_lots(execution: ExecutionState, account: int, instrument: int, side: int, but: int) -> int:
    """Worst open lots of an account's other orders on one side of an instrument."""
    found = 0
    for order_id in order_ids(execution):
        if order_id != but and subject_of(execution, order_id)[:3] == (account, instrument, side):
            found += worst_open_of(execution, order_id)
    return found


# --- locks ---------------------------------------------------------------------------------------


def protected_reference(
    configuration: Configuration, state: State, instrument: int, side: int, trigger_price: int = 0
) -> int:
    """What a MARKET order is locked at: the worst of reference and touch, moved against it.

    Of an order that becomes MARKET at `trigger_price` (0: none) that price too, where it is worse.
    """
    market = state.market.instruments[instrument]
    now = touch_of(market)
    base = reference_price(market)
    if side == Side.BUY:
        base = max(base, now.ask_price, trigger_price)
    elif trigger_price != 0:
        base = min(base, trigger_price)
    margin = configuration.risk.price_collar_e8 or MARKET_PROTECTION_E8
    return ledger.protected_price(side, base, margin)


def unpriced_reference(
    configuration: Configuration, state: State, about: tuple[int, int, int], asked: Instructions
) -> int:
    """What an order that names no price is locked at; `about`: instrument, side, quantity.

    One that spends money locks that money: the price that makes its lots worth it, rounded up.
    """
    instrument, side, quantity = about
    if asked.quote_quantity != 0 and side == Side.BUY:
        per_lot = configuration.instruments[instrument].money_per_price_lot
        return price_per_lot(asked.quote_quantity, quantity, per_lot)
    return protected_reference(configuration, state, instrument, side, asked.trigger_price)


def sibling_of(execution: ExecutionState, order_id: int, asked: Instructions) -> int:
    """The order of the leg that excludes this one, 0 where none does or it is not known."""
    leg = order_list.sibling_of(asked.list_kind, asked.list_leg)
    if asked.list_id == 0 or leg < 0:
        return 0
    for other in order_ids(execution):
        its = instructions_on(execution, other)
        if (strategy_of(other), its.list_id, its.list_leg) == (
            strategy_of(order_id),
            asked.list_id,
            leg,
        ):
            return other
    return 0


def is_list_used(execution: ExecutionState, strategy: int, list_id: int) -> bool:
    """Whether a strategy has sent or queued a leg of a list of that id."""
    return any(
        strategy_of(order_id) == strategy
        and instructions_on(execution, order_id).list_id == list_id
        for order_id in order_ids(execution)
    )


def tied(execution: ExecutionState, need: ledger.Lock, order_id: int, sibling: int) -> ledger.Lock:
    """What an order locks beside the leg that excludes it; the larger of the two, once [A3].

    Once one of them has executed the other cannot: its need is nobody's any more.
    """
    if sibling == 0 or executed_of(execution, order_id) > 0:
        return need
    if executed_of(execution, sibling) > 0:
        return ledger.Lock(need.asset, 0)
    return evolve(need, group=min(order_id, sibling))


def lock_of(
    configuration: Configuration, state: State, execution: ExecutionState, order_id: int
) -> ledger.Lock:
    """What one sent or queued order locks [A3]."""
    need = need_of(configuration, state, execution, order_id)
    sibling = sibling_of(execution, order_id, instructions_on(execution, order_id))
    return tied(execution, need, order_id, sibling)


def need_of(
    configuration: Configuration, state: State, execution: ExecutionState, order_id: int
) -> ledger.Lock:
    """What one sent or queued order needs by itself, at the worst of its terms."""
    _account, instrument_id, side, reference = subject_of(execution, order_id)
    if not 0 <= instrument_id < len(configuration.instruments):
        return ledger.Lock(0, 0)
    instrument = configuration.instruments[instrument_id]
    if order_id not in execution.orders:
        asked = instructions_on(execution, order_id)
        about = (instrument_id, side, execution.queue[order_id].quantity)
        reference = unpriced_reference(configuration, state, about, asked)
    terms = tuple(
        (ledger.locking_price(instrument, side, price, reference), total)
        for price, total in terms_of(execution, order_id)
    )
    asset = ledger.lock_per_lot(instrument, side, 0)[0]
    amount = ledger.worst_lock(instrument, side, terms, executed_of(execution, order_id))
    return ledger.Lock(asset, amount)


def is_own(execution: ExecutionState, order_id: int) -> bool:
    """Whether an order is this run's; adopted ones have no terms of ours to lock for."""
    return order_id > 0 and (
        order_id not in execution.orders
        or execution.orders[order_id].order.origin == order_life.Origin.OWN
    )


def relocked(configuration: Configuration, state: State) -> State:
    """Locked amounts recomputed from open and queued orders, per account and asset [A3]."""
    execution = state.execution
    books = execution.ledger
    for account in configuration.accounts:
        locks = [
            lock_of(configuration, state, execution, order_id)
            for order_id in order_ids(execution)
            if is_own(execution, order_id) and subject_of(execution, order_id)[0] == account.id
        ]
        totals = ledger.locked_total(locks)
        for asset in configuration.assets:
            needed = totals.get(asset.id, 0)
            if needed != ledger.balance_of(books, account.id, asset.id).locked:
                books = ledger.set_locked(books, account.id, asset.id, needed).ledger
    return evolve(state, execution=evolve(execution, ledger=ledger.canonical(books)))


# --- risk facts ----------------------------------------------------------------------------------


def needed_lock(
    configuration: Configuration, state: State, command: Pending, reference: int
) -> int:
    """What the command would lock beyond what its order locks already, in the same asset.

    A NEW may take the place of a queued one of another side or instrument, whose lock is in another
    asset: that is no part of what it needs.
    """
    instrument = configuration.instruments[command.instrument]
    price = ledger.locking_price(instrument, command.side, command.price, reference)
    executed = executed_of(state.execution, command.order_id)
    asset, amount = ledger.lock_for(instrument, command.side, price, command.quantity, executed)
    # A closing order of a LINEAR position must also be able to pay the loss it realises.
    position = ledger.position_of(state.execution.ledger, command.account, command.instrument)
    amount += ledger.closing_loss(
        position, instrument, command.side, price, max(command.quantity - executed, 0)
    )
    execution = state.execution
    known = command.order_id in execution.orders or command.order_id in execution.queue
    before: tuple[ledger.Lock, ...] = ()
    if known and is_own(execution, command.order_id):
        before = (lock_of(configuration, state, execution, command.order_id),)
    sibling = sibling_of(execution, command.order_id, asked_of(execution, command))
    after: tuple[ledger.Lock, ...] = (
        tied(execution, ledger.Lock(asset, amount), command.order_id, sibling),
    )
    if sibling != 0:
        its_need = need_of(configuration, state, execution, sibling)
        other = tied(execution, its_need, sibling, command.order_id)
        before, after = (*before, other), (*after, other)
    needed = ledger.locked_total(after).get(asset, 0) - ledger.locked_total(before).get(asset, 0)
    return max(needed, 0)


def marks(state: State) -> dict[int, int]:
    """Recorded mark price of every instrument that has one."""
    found = {}
    for index, market in enumerate(state.market.instruments):
        price = reference_price(market)
        if price > 0:
            found[index] = price
    return found


def free_balance(configuration: Configuration, state: State, account: int, asset: int) -> int:
    """What may back new orders: available less position margin, losses counted, gains not."""
    books = state.execution.ledger
    known = marks(state)
    margin = 0
    revaluation = 0
    for instrument in configuration.instruments:
        if instrument.quote != asset:
            continue
        position = ledger.position_of(books, account, instrument.id)
        margin += ledger.position_margin(position, instrument)
        if instrument.kind != 0 and instrument.id in known:
            revaluation += min(ledger.unrealised(position, instrument, known[instrument.id]), 0)
    return ledger.free_balance(ledger.balance_of(books, account, asset), margin, revaluation)


def own_opposite(execution: ExecutionState, command: Pending) -> tuple[int, int]:
    """(known, price) of the account's best open order on the other side [M5]."""
    best = 0
    known = 0
    for order_id in order_ids(execution):
        subject = subject_of(execution, order_id)
        if subject[:3] != (command.account, command.instrument, -command.side):
            continue
        for price, total in terms_of(execution, order_id):
            if total <= executed_of(execution, order_id) or price == 0:
                continue
            # The order closest to the command: the lowest sell for a buy, the highest bid.
            if not known or (best - price) * command.side > 0:
                best, known = price, 1
    return known, best


def exposure_of_others(
    configuration: Configuration, state: State, command: Pending
) -> tuple[int, int, int, int]:
    """(known, gross, net high, net low) of the account's other instruments, same quote asset."""
    quote = configuration.instruments[command.instrument].quote
    known, gross, high, low = 1, 0, 0, 0
    prices = marks(state)
    for instrument in configuration.instruments:
        if instrument.id == command.instrument or instrument.quote != quote:
            continue
        books = state.execution
        held = ledger.position_of(books.ledger, command.account, instrument.id).quantity
        buys = open_lots(books, command.account, instrument.id, Side.BUY, 0)
        sells = open_lots(books, command.account, instrument.id, Side.SELL, 0)
        if (held or buys or sells) and instrument.id not in prices:
            known = 0
        per_lot = prices.get(instrument.id, 0) * instrument.money_per_price_lot
        gross += max(abs(held + buys), abs(held - sells)) * per_lot
        high += (held + buys) * per_lot
        low += (held - sells) * per_lot
    return known, gross, high, low


def equity_of(
    configuration: Configuration, state: State, account: int, asset: int
) -> ledger.Equity:
    """Worth of an account in one quote asset."""
    return ledger.equity(
        state.execution.ledger, account, asset, configuration.instruments, marks(state)
    )


def with_equity_seen(
    configuration: Configuration, state: State, command: Pending
) -> tuple[State, ledger.Equity]:
    """Equity as risk sees it now, the first and the highest value remembered."""
    limits = configuration.risk
    known = 0 <= command.instrument < len(configuration.instruments)
    if not known or (limits.maximum_loss == 0 and limits.maximum_drawdown == 0):
        return state, ledger.Equity(0, 0)
    asset = configuration.instruments[command.instrument].quote
    now = equity_of(configuration, state, command.account, asset)
    if not now.known:
        return state, now
    key = (command.account, asset)
    seen = state.execution.equity.get(key, EquityTrack(now.amount, now.amount))
    track = EquityTrack(seen.initial, max(seen.peak, now.amount))
    equity = {**state.execution.equity, key: track}
    return evolve(state, execution=evolve(state.execution, equity=equity)), now


def risk_facts(
    configuration: Configuration,
    state: State,
    command: Pending,
    equity: ledger.Equity,
    list_used: bool = False,
) -> risk.RiskFacts:
    """Everything Risk needs to judge one NEW or REPLACE."""
    execution = state.execution
    limits = configuration.risk
    facts = risk.RiskFacts(
        kind=command.kind,
        key=key_of(command.order_id),
        order_type=command.order_type,
        side=command.side,
        price=command.price,
        quantity=command.quantity,
        reduce_only=command.reduce_only,
        at_auction=int(command.time_in_force in AUCTION_TIMES),
        executed=executed_of(execution, command.order_id),
        held=worst_open_of(execution, command.order_id),
        key_used=int(command.order_id in execution.orders),
        account_known=int(0 <= command.account < len(configuration.accounts)),
        instrument_known=int(0 <= command.instrument < len(configuration.instruments)),
        trading_state=state.control.trading_state,
        limit_price_collar_e8=limits.price_collar_e8,
        limit_quantity=limits.maximum_quantity,
        limit_notional=limits.maximum_notional,
        limit_position=limits.maximum_position,
        limit_open_orders=limits.maximum_open_orders,
        limit_gross=limits.maximum_gross,
        limit_net=limits.maximum_net,
        limit_loss=limits.maximum_loss,
        limit_drawdown=limits.maximum_drawdown,
        self_trade_refused=limits.self_trade_refused,
        equity_known=equity.known,
        equity=equity.amount,
        trigger_price=asked_of(execution, command).trigger_price,
        quote_quantity=asked_of(execution, command).quote_quantity,
        list_used=int(list_used),
    )
    if not facts.account_known or not facts.instrument_known:
        return facts
    return with_instrument_facts(configuration, state, command, facts)


def with_instrument_facts(
    configuration: Configuration, state: State, command: Pending, facts: risk.RiskFacts
) -> risk.RiskFacts:
    """The facts that need a known instrument and account."""
    execution = state.execution
    instrument = configuration.instruments[command.instrument]
    market = state.market.instruments[command.instrument]
    filters = market.filters
    reference = reference_price(market)
    protected = unpriced_reference(
        configuration,
        state,
        (command.instrument, command.side, command.quantity),
        asked_of(execution, command),
    )
    asset = ledger.lock_per_lot(instrument, command.side, 0)[0]
    track = execution.equity.get((command.account, instrument.quote), EquityTrack(0, 0))
    known, gross, high, low = exposure_of_others(configuration, state, command)
    opposite_known, opposite = own_opposite(execution, command)
    return evolve(
        facts,
        instrument_state=market.status,
        tick=filters.tick,
        lot_step=filters.lot_step,
        minimum_quantity=filters.minimum_quantity,
        maximum_quantity=filters.maximum_quantity,
        minimum_notional=filters.minimum_notional,
        money_per_price_lot=instrument.money_per_price_lot,
        reference_known=int(reference > 0),
        reference_price=reference,
        balance_known=1,
        free_balance=free_balance(configuration, state, command.account, asset),
        needed_lock=needed_lock(configuration, state, command, protected),
        position_known=1,
        position=ledger.position_of(
            execution.ledger, command.account, command.instrument, PositionBucket.NET
        ).quantity,
        open_buy=open_lots(
            execution, command.account, command.instrument, Side.BUY, command.order_id
        ),
        open_sell=open_lots(
            execution, command.account, command.instrument, Side.SELL, command.order_id
        ),
        open_orders=open_orders(execution, command),
        exposure_known=known,
        gross_others=gross,
        net_high_others=high,
        net_low_others=low,
        peak_equity=track.peak,
        initial_equity=track.initial,
        own_opposite_known=opposite_known,
        own_opposite_price=opposite,
    )


def open_orders(execution: ExecutionState, command: Pending) -> int:
    """Orders of the command's account that may still fill, the command's own apart."""
    return sum(
        1
        for order_id in order_ids(execution)
        if order_id != command.order_id
        and subject_of(execution, order_id)[0] == command.account
        and worst_open_of(execution, order_id) > 0
    )


# --- intents -------------------------------------------------------------------------------------


def command_of(
    configuration: Configuration, state: State, strategy: int, intent: Intent, intent_id: int
) -> Pending:
    """An Intent with every term resolved: REPLACE and CANCEL take the order's own."""
    order_id = order_id_of(strategy, intent.key)
    account = configuration.strategies[strategy].account
    now_ns = state.control.clock.now_ns
    command = Pending(
        intent.kind,
        order_id,
        intent_id,
        strategy,
        account,
        intent.instrument,
        intent.side,
        intent.order_type,
        intent.time_in_force,
        intent.price,
        intent.quantity,
        intent.good_till_ns,
        intent.reduce_only,
        now_ns,
        instructions=intent.instructions if intent.kind == CommandKind.NEW else PLAIN,
    )
    if intent.kind == CommandKind.NEW:
        return with_lots(configuration, state, command)
    ticket = state.execution.orders.get(order_id)
    queued = state.execution.queue.get(order_id)
    known: Ticket | Pending | None = ticket if ticket is not None else queued
    if known is not None:
        command = evolve(
            command,
            instrument=known.instrument,
            side=known.side,
            order_type=known.order_type,
            time_in_force=known.time_in_force,
            good_till_ns=known.good_till_ns,
            reduce_only=known.reduce_only,
        )
    if intent.kind == CommandKind.CANCEL:
        return evolve(command, price=0, quantity=0)
    return command


def with_lots(configuration: Configuration, state: State, command: Pending) -> Pending:
    """A NEW that asks for money in place of a quantity: the most lots it can come to.

    Judged at the reference moved down as for a MARKET sell: below that the money would go further.
    """
    money = command.instructions.quote_quantity
    if money == 0 or not 0 <= command.instrument < len(configuration.instruments):
        return command
    price = protected_reference(configuration, state, command.instrument, Side.SELL)
    per_lot = configuration.instruments[command.instrument].money_per_price_lot
    step = state.market.instruments[command.instrument].filters.lot_step
    return evolve(command, quantity=lots_bound(money, price, per_lot, step))


def is_well_formed(intent: Intent) -> bool:
    """Kind and key name an order at all; a NEW has a time in force and flags that exist."""
    if not CommandKind.NEW <= intent.kind <= CommandKind.CANCEL:
        return False
    if not 1 <= intent.key < ORDER_KEY_LIMIT:
        return False
    if intent.kind != CommandKind.NEW:
        return intent.instructions == PLAIN
    return (
        TimeInForce.GTC <= intent.time_in_force <= TimeInForce.AT_CLOSE
        and intent.good_till_ns >= 0
        and 0 <= intent.reduce_only <= 1
        and make_sense(intent)
    )


NEVER_RESTING_TYPES = (OrderType.MARKET, OrderType.STOP, OrderType.TAKE_PROFIT)
NEVER_RESTING_TIMES = (TimeInForce.IOC, TimeInForce.FOK)


def make_sense(intent: Intent) -> bool:
    """Whether the instructions of a NEW go together, and with its type and quantity."""
    asked = intent.instructions
    if asked == PLAIN:
        return intent.order_type not in CONDITIONAL_TYPES
    return (
        all(value >= 0 for value in instruction_values(asked))
        and is_trigger_sensible(intent.order_type, asked)
        and is_display_sensible(intent)
        and is_money_sensible(intent)
        and asked.prevention <= Prevention.DECREMENT
        and is_list_sensible(asked)
    )


def is_trigger_sensible(order_type: int, asked: Instructions) -> bool:
    """Types that wait have something to wait for, others have not.

    A trailing order needs no trigger price: without one it trails from the start.
    """
    if order_type not in CONDITIONAL_TYPES:
        return asked.trigger_price == asked.trigger_on == asked.trailing_e4 == 0
    return (
        asked.trigger_on <= Trigger.TOUCH
        and asked.trailing_e4 < TRAILING_SCALE
        and (asked.trigger_price > 0 or asked.trailing_e4 > 0)
    )


def is_display_sensible(intent: Intent) -> bool:
    """Only what may rest shows part of itself, and no more than all of it."""
    display = intent.instructions.display
    rests = (
        intent.order_type not in NEVER_RESTING_TYPES
        and intent.time_in_force not in NEVER_RESTING_TIMES
    )
    return display == 0 or (rests and display <= intent.quantity)


def is_money_sensible(intent: Intent) -> bool:
    """Money in place of a quantity, for MARKET orders only."""
    if intent.instructions.quote_quantity == 0:
        return True
    return intent.order_type == OrderType.MARKET and intent.quantity == 0


def is_list_sensible(asked: Instructions) -> bool:
    """The leg of a list says which list and of what kind; an order of none says nothing."""
    if asked.list_id == 0:
        return asked.list_kind == asked.list_leg == 0
    known = asked.list_kind <= OrderListKind.OTOCO
    return known and asked.list_leg < leg_count(asked.list_kind)


def handle_intent(
    configuration: Configuration, state: State, strategy: int, intent: Intent
) -> tuple[State, tuple[Record, ...]]:
    """Risk, then dominance, for one Intent [R1]. Nothing is sent here.

    A leg that comes without the others of its list is malformed.
    """
    intent_id = state.execution.intents + 1
    state = evolve(state, execution=evolve(state.execution, intents=intent_id))
    order_id = order_id_of(strategy, intent.key)
    said = intent_record(strategy, intent_id, intent)
    if not is_well_formed(intent) or intent.instructions.list_id != 0:
        return denied(state, strategy, intent_id, intent.instrument, 0, 1, (said,))
    command = command_of(configuration, state, strategy, intent, intent_id)
    pending = state.execution.queue.get(order_id)
    outcome = dominate(pending, target_of(state.execution, order_id), command)
    if outcome.code:
        source = int(RefusalSource.DOMINANCE)
        refused: Record = (
            int(RecordKind.REFUSED),
            strategy,
            command.instrument,
            order_id,
            source,
            outcome.code,
        )
        execution = evolve(state.execution, refused=state.execution.refused + 1)
        return evolve(state, execution=execution), (said, refused)
    effective = outcome.pending
    if effective is not None and effective.kind != CommandKind.CANCEL:
        state, equity = with_equity_seen(configuration, state, effective)
        code = risk.decide(risk_facts(configuration, state, effective, equity))
        if code:
            about = (command.instrument, order_id)
            return denied(state, strategy, intent_id, *about, code, (said,))
    queue = {key: each for key, each in state.execution.queue.items() if key != order_id}
    if effective is not None:
        queue[order_id] = effective
    state = evolve(state, execution=evolve(state.execution, queue=queue))
    state = with_last_key(state, strategy, intent.key)
    ended: tuple[Record, ...] = ()
    if pending is not None and outcome.old_outcome != UNTOUCHED:
        ended += (closed(strategy, pending.intent_id, order_id, outcome.old_outcome),)
    if outcome.new_outcome != IntentState.PENDING:
        ended += (closed(strategy, intent_id, order_id, outcome.new_outcome),)
    return state, (said, *ended)


def intent_record(strategy: int, intent_id: int, intent: Intent) -> Record:
    """What was decided, as it is recorded."""
    order_id = order_id_of(strategy, intent.key)
    terms = (*intent[2:-1], *instruction_values(intent.instructions))
    return (int(RecordKind.INTENT), strategy, intent_id, intent.kind, order_id, *terms)


def with_last_key(state: State, strategy: int, key: int) -> State:
    """The strategy has used `key`."""
    strategies = state.execution.strategies
    changed = evolve(strategies[strategy], last_key=max(strategies[strategy].last_key, key))
    kept = (*strategies[:strategy], changed, *strategies[strategy + 1 :])
    return evolve(state, execution=evolve(state.execution, strategies=kept))


def denied(
    state: State,
    strategy: int,
    intent_id: int,
    instrument: int,
    order_id: int,
    code: int,
    said: tuple[Record, ...],
) -> tuple[State, tuple[Record, ...]]:
    """The Intent ends here, with Risk's code."""
    execution = evolve(state.execution, denied=state.execution.denied + 1)
    record: Record = (int(RecordKind.DENIED), strategy, intent_id, instrument, order_id, code)
    return evolve(state, execution=execution), (*said, record)


def closed(strategy: int, intent_id: int, order_id: int, ended_as: int) -> Record:
    """INTENT_CLOSED for an end by dominance."""
    outcome = int(OUTCOME_OF_STATE[ended_as])
    return (int(RecordKind.INTENT_CLOSED), strategy, intent_id, order_id, outcome)


def set_timer(state: State, strategy: int, timer: SetTimer) -> tuple[State, tuple[Record, ...]]:
    """The strategy's timer; one that is due already is due at once."""
    strategies = state.execution.strategies
    changed = evolve(strategies[strategy], timer_ns=timer.at_ns)
    kept = (*strategies[:strategy], changed, *strategies[strategy + 1 :])
    record: Record = (int(RecordKind.TIMER), strategy, timer.at_ns)
    return evolve(state, execution=evolve(state.execution, strategies=kept)), (record,)


# --- queue processing ----------------------------------------------------------------------------


def standing_of(state: State, command: Pending) -> Standing:
    """What State says of the order a queued command is for."""
    execution = state.execution
    books = execution.ledger
    position = ledger.position_of(books, command.account, command.instrument).quantity
    same_side = open_lots(
        execution, command.account, command.instrument, command.side, command.order_id
    )
    reducible = max(-position * command.side - same_side, 0)
    ticket = execution.orders.get(command.order_id)
    if ticket is None:
        return Standing(int(Target.NEVER_SENT), reducible=reducible)
    order = ticket.order
    return Standing(
        target_of(execution, command.order_id),
        int(CommandKind.NONE) if order.pending is None else order.pending.kind,
        len(order.doubts),
        order_life.total(order),
        order_life.executed(order),
        order_life.leaves(order),
        reducible,
    )


def mode_of(configuration: Configuration, state: State) -> Mode:
    """What holds for all queued work."""
    return Mode(
        state.control.trading_state,
        int(state.control.session != SessionState.RUNNING),
        configuration.timing.cancel_deadline_ns,
    )


def processed(configuration: Configuration, state: State) -> Processed:
    """Queue Processing on the State as it is, nothing changed."""
    execution = state.execution
    work = tuple(Work(command, standing_of(state, command)) for command in execution.queue.values())
    return queue_processing.process(
        work,
        configuration.buckets,
        execution.buckets,
        state.control.clock.now_ns,
        mode_of(configuration, state),
    )


def work_queue(configuration: Configuration, state: State) -> tuple[State, tuple[Record, ...]]:
    """Queue Processing, then dispatch in its order [EC2, R3]."""
    if not state.execution.queue:
        return state, ()
    result = processed(configuration, state)
    records: tuple[Record, ...] = ()
    for command, _code in result.withdrawn:
        outcome = int(IntentOutcome.WITHDRAWN)
        about = (command.strategy, command.intent_id, command.order_id)
        records += ((int(RecordKind.INTENT_CLOSED), *about, outcome),)
    for command in result.surfaced:
        reason = int(SurfacedReason.CANCEL_OVERDUE)
        about = (command.instrument, command.order_id, command.intent_id)
        records += ((int(RecordKind.SURFACED), reason, *about),)
    kept = {command.order_id: command for command in sorted(result.kept, key=_by_order)}
    execution = evolve(
        state.execution,
        queue=kept,
        buckets=result.buckets,
        surfaced=state.execution.surfaced + len(result.surfaced),
    )
    state = evolve(state, execution=execution)
    for command in result.sendable:
        state = dispatched(configuration, state, command)
        records += (request_record(command),)
    return state, records


def _by_order(command: Pending) -> int:
    return command.order_id


# --- dispatch ------------------------------------------------------------------------------------

REQUEST_EVENTS = {
    int(CommandKind.NEW): OrderEvent.REQUEST_NEW,
    int(CommandKind.REPLACE): OrderEvent.REQUEST_REPLACE,
    int(CommandKind.CANCEL): OrderEvent.REQUEST_CANCEL,
}


def dispatched(configuration: Configuration, state: State, command: Pending) -> State:
    """The Order after its Request left: new ones begin at SUBMITTED [L3]."""
    execution = state.execution
    ticket = execution.orders.get(command.order_id)
    if ticket is None:
        ticket = Ticket(
            ABSENT_ORDER,
            command.strategy,
            command.account,
            command.instrument,
            command.side,
            command.order_type,
            command.time_in_force,
            command.good_till_ns,
            command.reduce_only,
            instructions=command.instructions,
        )
    report = Report(
        int(REQUEST_EVENTS[command.kind]),
        request_id=command.intent_id,
        total=command.quantity,
        price=command.price,
        now_ns=state.control.clock.now_ns,
    )
    order, code = order_life.step(ticket.order, report)
    if code:
        raise InvariantBroken("EC5: Queue Processing let a Request through that its order refuses")
    ticket = evolve(ticket, order=order)
    if command.kind != CommandKind.CANCEL:
        about = (command.instrument, command.side, command.quantity)
        reference = unpriced_reference(configuration, state, about, ticket.instructions)
        reference = reference if needs_reference(configuration, command) else 0
        ticket = evolve(ticket, reference_price=max(ticket.reference_price, reference))
    orders = {**execution.orders, command.order_id: ticket}
    return evolve(state, execution=evolve(execution, orders=orders))


def needs_reference(configuration: Configuration, command: Pending) -> bool:
    """Whether a command's own price does not say what to lock: none, and that of LINEAR sells."""
    is_linear = configuration.instruments[command.instrument].kind != 0
    return command.order_type in UNPRICED_TYPES or (is_linear and command.side == Side.SELL)


def request_record(command: Pending) -> Record:
    """The REQUEST record of a dispatched command."""
    return (
        int(RecordKind.REQUEST),
        command.intent_id,
        command.kind,
        command.strategy,
        command.account,
        command.order_id,
        command.instrument,
        command.side,
        command.order_type,
        command.time_in_force,
        command.price,
        command.quantity,
        command.good_till_ns,
        command.reduce_only,
        *instruction_values(command.instructions),
    )
