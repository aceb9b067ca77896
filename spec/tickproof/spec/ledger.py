"""The ledger: double entry per asset, with locks, and integer positions beside it [A1 to A7].

What it decides: which amounts move between which holders when something happens to money, what
a position costs, what an open order locks, and what an account is worth. Every amount is an
integer in units of its asset; nothing is ever refused here: a venue event that takes an account
below zero is booked and flagged `overdrawn` [A4], because a fill is money whether it suits or not.

Holders are account ids (0 and up) and three reserved ones: `HOUSE` receives fees, `VENUE` is the
counterparty of fills and funding, `DIFFERENCE` takes what a balance snapshot disagrees on. Every
posting moves a positive amount between two holders. Only a transfer's other end is `EXTERNAL`,
which holds nothing: so per asset the holders' sum changes by transfers alone, and `transferred`
says to what [A2]. Initial balances are transfers. Accounts belong to one venue each and positions
to one instrument, so every key carries its coordinates.

Positions are apart from balances [A1]: a spot fee taken in base changes the balance, not the
position. A position's key is (account, instrument, bucket): bucket `NET`, or `LONG` and `SHORT`
where an account is in hedge mode [A7].

Roundings, each with its direction and where the residue stays [A5]:

* a fee is rounded up to the unit of its asset, once per fill, against the account (`fill_fee`,
  which is `tickproof.spec.fees`);
* a partial close releases floor(|cost| x closed / |position|); what it rounds off stays in the
  cost of what is still open and is released with the last lot;
* a lock is rounded up per lot, so a lock covers an order's fills however they are split;
* a base balance is valued downwards.

Identity that holds after any sequence of fills and reversals, and which the proofs use: realised
minus cost equals the sum of what the effective fills brought in (sells) less what they took
(buys). A flat position therefore has realised exactly what it earned.

API. Operations return `Posted(ledger, postings, realised, overdrawn)`: `transfer`, `post_fill`,
`reverse_fill`, `settle`, `liquidate`, `pay_funding`, `adjust_fee`, `reconcile_balance`,
`set_locked`. Locks: `lock_per_lot`, `lock_for`, `worst_lock`, `locked_total`, `locking_price`.
Worth: `unrealised`, `position_margin`, `closing_loss`, `free_balance`, `equity`. Predicates: `inv`,
`uncovered`. `tickproof.kernel.ledger` refines this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from attrs import evolve, field, frozen

from tickproof.spec import fees
from tickproof.spec.events import Side
from tickproof.spec.instrument import (
    FEE_SCALE,
    Instrument,
    InstrumentKind,
    ceiling_ratio,
    notional,
)

# --- state ---------------------------------------------------------------------------------------

HOUSE = -1
"""Holder of fees paid."""

VENUE = -2
"""Holder on the other side of fills, funding, settlements and liquidations."""

DIFFERENCE = -3
"""Holder of what balance snapshots found to differ [A6]."""

EXTERNAL = -4
"""Other end of a transfer; holds nothing."""

RESERVED_HOLDERS = (HOUSE, VENUE, DIFFERENCE)


class PositionBucket(IntEnum):
    """NET for netting accounts; LONG and SHORT apart for hedge mode [A7]."""

    NET = 0
    LONG = 1
    SHORT = 2


class PostingReason(IntEnum):
    """Why an amount moved."""

    NOTIONAL = 1
    DELIVERY = 2
    REALISED = 3
    FEE = 4
    NOTIONAL_REVERSED = 5
    DELIVERY_REVERSED = 6
    REALISED_REVERSED = 7
    FEE_REVERSED = 8
    REBASED = 9
    TRANSFER = 10
    RECONCILIATION = 11
    FUNDING = 12
    SETTLEMENT = 13
    LIQUIDATION = 14
    FEE_ADJUSTMENT = 15


@frozen
class Balance:
    """`total` units held, of which `locked` are spoken for by open orders."""

    total: int = 0
    locked: int = 0

    @property
    def available(self) -> int:
        """What is neither locked nor gone; negative when overdrawn."""
        return self.total - self.locked


@frozen
class Position:
    """Signed `quantity` in lots; money in quote asset units.

    `cost` is what the open quantity cost, signed like it (negative: what a short brought in).
    `realised` is trading profit before fees. `fees_quote` and `fees_base` are fees of the fills
    of this position, in units of those assets; a fee in a third asset shows in postings alone.
    """

    quantity: int = 0
    cost: int = 0
    realised: int = 0
    fees_quote: int = 0
    fees_base: int = 0


@frozen
class Posting:
    """`amount` (positive) units of `asset` moved from one holder to another."""

    asset: int
    holder_from: int
    holder_to: int
    amount: int
    reason: int


@frozen
class Ledger:
    """Balances by (holder, asset), positions by (account, instrument, bucket), sums by asset."""

    balances: Mapping[tuple[int, int], Balance] = field(factory=dict)
    positions: Mapping[tuple[int, int, int], Position] = field(factory=dict)
    transferred: Mapping[int, int] = field(factory=dict)


@frozen
class Posted:
    """What an operation gives: the new ledger, its postings in order, and two facts about it.

    `realised`: profit the operation realised; `reverse_fill` wants it back. `overdrawn` 1: it
    left a touched balance of the account below zero, or locks more than there is [A4].
    """

    ledger: Ledger
    postings: tuple[Posting, ...] = ()
    realised: int = 0
    overdrawn: int = 0


def balance_of(ledger: Ledger, holder: int, asset: int) -> Balance:
    """A holder's balance of an asset; empty when there never was one."""
    return ledger.balances.get((holder, asset), Balance())


def position_of(
    ledger: Ledger, account: int, instrument: int, bucket: int = PositionBucket.NET
) -> Position:
    """An account's position in an instrument; flat when there never was one."""
    return ledger.positions.get((account, instrument, int(bucket)), Position())


def bucket_for(hedge_mode: int, side: int, reduce_only: int) -> int:
    """Which bucket an order's fills go to [A7]: in hedge mode what opens long closes short."""
    if not hedge_mode:
        return PositionBucket.NET
    opens_long = (side == Side.BUY) != (reduce_only == 1)
    return PositionBucket.LONG if opens_long else PositionBucket.SHORT


# --- predicates ----------------------------------------------------------------------------------


def inv_position(position: Position) -> bool:
    """A flat position costs nothing, and cost never has the other sign than quantity [A5]."""
    if position.quantity == 0:
        return position.cost == 0
    if position.quantity > 0:
        return position.cost >= 0
    return position.cost <= 0


def sum_of(ledger: Ledger, asset: int) -> int:
    """Units of `asset` over all holders, reserved ones included."""
    return sum(balance.total for key, balance in ledger.balances.items() if key[1] == asset)


def inv(ledger: Ledger) -> bool:
    """Sums equal transfers, locks are never negative and accounts' only, positions are sound."""
    assets = {key[1] for key in ledger.balances} | {*ledger.transferred}
    return (
        all(sum_of(ledger, asset) == ledger.transferred.get(asset, 0) for asset in sorted(assets))
        and all(balance.locked >= 0 for balance in ledger.balances.values())
        and all(
            balance.locked == 0
            for key, balance in ledger.balances.items()
            if key[0] in RESERVED_HOLDERS
        )
        and all(inv_position(position) for position in ledger.positions.values())
    )


def uncovered(ledger: Ledger) -> tuple[tuple[int, int], ...]:
    """The (account, asset) balances that are below zero or below their locks: to be surfaced."""
    return tuple(
        key
        for key, balance in sorted(ledger.balances.items())
        if key[0] >= 0 and balance.available < 0
    )


def canonical(ledger: Ledger) -> Ledger:
    """The same ledger in key order, without entries that say nothing; for comparison."""
    return Ledger(
        {key: value for key, value in sorted(ledger.balances.items()) if value != Balance()},
        {key: value for key, value in sorted(ledger.positions.items()) if value != Position()},
        {key: value for key, value in sorted(ledger.transferred.items()) if value != 0},
    )


# --- postings ------------------------------------------------------------------------------------


def move(asset: int, holder_from: int, holder_to: int, amount: int, reason: int) -> Posting:
    """A posting of `amount`, turned round when it is negative."""
    if amount < 0:
        return Posting(asset, holder_to, holder_from, -amount, int(reason))
    return Posting(asset, holder_from, holder_to, amount, int(reason))


def _moved(
    balances: Mapping[tuple[int, int], Balance], holder: int, asset: int, amount: int
) -> Mapping[tuple[int, int], Balance]:
    """`balances` with `amount` more of `asset` for `holder`; nothing is held outside."""
    if holder == EXTERNAL:
        return balances
    before = balances.get((holder, asset), Balance())
    return {**balances, (holder, asset): Balance(before.total + amount, before.locked)}


def post(ledger: Ledger, account: int, postings: tuple[Posting, ...], realised: int = 0) -> Posted:
    """Book `postings`, leaving out empty ones; `overdrawn` looks at `account`'s assets."""
    balances = ledger.balances
    kept = tuple(posting for posting in postings if posting.amount != 0)
    for posting in kept:
        balances = _moved(balances, posting.holder_from, posting.asset, -posting.amount)
        balances = _moved(balances, posting.holder_to, posting.asset, posting.amount)
    after = evolve(ledger, balances=balances)
    below_zero = any(balance_of(after, account, posting.asset).total < 0 for posting in kept)
    return Posted(after, kept, realised, int(below_zero))


def _with_position(
    ledger: Ledger, account: int, instrument: int, bucket: int, position: Position
) -> Ledger:
    """`ledger` with that position."""
    key = (account, instrument, int(bucket))
    return evolve(ledger, positions={**ledger.positions, key: position})


def _with_fee(position: Position, instrument: Instrument, amount: int, asset: int) -> Position:
    """`position` with a fee recorded, where the asset is one of the instrument's."""
    if asset == instrument.quote:
        return evolve(position, fees_quote=position.fees_quote + amount)
    if asset == instrument.base:
        return evolve(position, fees_base=position.fees_base + amount)
    return position


# --- positions -----------------------------------------------------------------------------------


def closed_quantity(quantity_held: int, side: int, quantity: int) -> int:
    """How many lots of a fill close what is held; the others open."""
    if quantity_held * side >= 0:
        return 0
    return min(quantity, abs(quantity_held))


def released_cost(position: Position, closed: int) -> int:
    """Cost, as a magnitude, that leaves with `closed` lots: floored pro rata, all at the end."""
    if closed == 0:
        return 0
    return abs(position.cost) * closed // abs(position.quantity)


def filled_position(position: Position, side: int, value_per_lot: int, quantity: int) -> Position:
    """`position` after a fill: what closes is closed first, what is over opens [A5].

    `value_per_lot`: price times money per price unit and lot, in quote units.
    """
    closed = closed_quantity(position.quantity, side, quantity)
    released = released_cost(position, closed)
    opened_value = value_per_lot * (quantity - closed)
    return evolve(
        position,
        quantity=position.quantity + side * quantity,
        cost=position.cost + side * released + side * opened_value,
        realised=position.realised + side * released - side * value_per_lot * closed,
    )


def residue_of(quantity: int, cost: int) -> int:
    """Cost a reversal leaves without the open quantity it could belong to; else 0."""
    return cost if quantity * cost < 0 or quantity == 0 else 0


def reversed_position(
    position: Position, side: int, value_per_lot: int, quantity: int, realised: int
) -> Position:
    """`position` with a fill taken out that realised `realised` when it was booked [A6].

    Taking out an earlier fill may leave a cost that no open quantity can carry (a flat position,
    or the other sign): that residue is realised at once, so the position stays sound and the sum
    of realised and unrealised is exactly that of the remaining fills.
    """
    remaining = position.quantity - side * quantity
    cost = position.cost - realised - side * value_per_lot * quantity
    residue = residue_of(remaining, cost)
    return evolve(
        position,
        quantity=remaining,
        cost=cost - residue,
        realised=position.realised - realised - residue,
    )


# --- fills ---------------------------------------------------------------------------------------


@frozen
class _Reasons:
    """Reason codes of the parts of a fill."""

    notional: int
    delivery: int
    realised: int
    fee: int


_BOOKED = _Reasons(
    PostingReason.NOTIONAL, PostingReason.DELIVERY, PostingReason.REALISED, PostingReason.FEE
)
_REVERSED = _Reasons(
    PostingReason.NOTIONAL_REVERSED,
    PostingReason.DELIVERY_REVERSED,
    PostingReason.REALISED_REVERSED,
    PostingReason.FEE_REVERSED,
)
_SETTLED = _Reasons(*[PostingReason.SETTLEMENT] * 4)
_LIQUIDATED = _Reasons(
    PostingReason.LIQUIDATION,
    PostingReason.LIQUIDATION,
    PostingReason.LIQUIDATION,
    PostingReason.FEE,
)


def _exchange(
    instrument: Instrument, account: int, side: int, price: int, quantity: int, reasons: _Reasons
) -> tuple[Posting, ...]:
    """Spot: quote against base, the account giving one and taking the other."""
    value = notional(instrument, price, quantity)
    base = quantity * instrument.base_per_lot
    return (
        move(instrument.quote, account, VENUE, side * value, reasons.notional),
        move(instrument.base, VENUE, account, side * base, reasons.delivery),
    )


def _book_fill(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    side: int,
    price: int,
    quantity: int,
    fee_amount: int,
    fee_asset: int,
    bucket: int,
    reasons: _Reasons,
) -> Posted:
    """A fill with its postings under the given reasons."""
    before = position_of(ledger, account, instrument.id, bucket)
    after = filled_position(before, side, price * instrument.money_per_price_lot, quantity)
    realised = after.realised - before.realised
    if instrument.kind == InstrumentKind.SPOT:
        value = _exchange(instrument, account, side, price, quantity, reasons)
    else:
        value = (move(instrument.quote, VENUE, account, realised, reasons.realised),)
    paid = move(fee_asset, account, HOUSE, fee_amount, reasons.fee)
    with_fee = _with_fee(after, instrument, fee_amount, fee_asset)
    moved = _with_position(ledger, account, instrument.id, bucket, with_fee)
    return post(moved, account, (*value, paid), realised)


def post_fill(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    side: int,
    price: int,
    quantity: int,
    fee_amount: int,
    fee_asset: int,
    bucket: int = PositionBucket.NET,
) -> Posted:
    """Book a fill of `quantity` lots at `price` [A1, A2, OL3].

    SPOT exchanges quote for base with VENUE; LINEAR moves the profit realised by what the fill
    closes. `fee_amount` units of `fee_asset` go to HOUSE (a rebate is negative and comes back).
    """
    return _book_fill(
        ledger,
        instrument,
        account,
        side,
        price,
        quantity,
        fee_amount,
        fee_asset,
        bucket,
        _BOOKED,
    )


def reverse_fill(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    side: int,
    price: int,
    quantity: int,
    fee_amount: int,
    fee_asset: int,
    realised: int,
    bucket: int = PositionBucket.NET,
) -> Posted:
    """Take a booked fill back, with exactly its amounts, at the position of its void [A6, OL5].

    All arguments are the fill's own; `realised` is what `post_fill` gave for it. A correction is
    this, then `post_fill` of what it should have been. For LINEAR a residue (see
    `reversed_position`) is a posting of its own. `realised` of the result is what was realised
    in all, usually the negative of the argument.
    """
    before = position_of(ledger, account, instrument.id, bucket)
    value_per_lot = price * instrument.money_per_price_lot
    after = reversed_position(before, side, value_per_lot, quantity, realised)
    change = after.realised - before.realised
    if instrument.kind == InstrumentKind.SPOT:
        value = _exchange(instrument, account, -side, price, quantity, _REVERSED)
    else:
        value = (
            move(instrument.quote, account, VENUE, realised, _REVERSED.realised),
            move(instrument.quote, VENUE, account, change + realised, PostingReason.REBASED),
        )
    returned = move(fee_asset, HOUSE, account, fee_amount, _REVERSED.fee)
    with_fee = _with_fee(after, instrument, -fee_amount, fee_asset)
    moved = _with_position(ledger, account, instrument.id, bucket, with_fee)
    return post(moved, account, (*value, returned), change)


def settle(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    price: int,
    bucket: int = PositionBucket.NET,
) -> Posted:
    """Close one bucket of a position at the venue's settlement price, without a fee."""
    held = position_of(ledger, account, instrument.id, bucket).quantity
    return _close(ledger, instrument, account, price, held, 0, instrument.quote, bucket, _SETTLED)


def liquidate(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    price: int,
    quantity: int,
    fee_amount: int,
    fee_asset: int,
    bucket: int = PositionBucket.NET,
) -> Posted:
    """The venue closes `quantity` lots, signed like the position, at `price` and for a fee.

    It is booked as the venue says, even where it is more than the position.
    """
    return _close(
        ledger,
        instrument,
        account,
        price,
        quantity,
        fee_amount,
        fee_asset,
        bucket,
        _LIQUIDATED,
    )


def _close(
    ledger: Ledger,
    instrument: Instrument,
    account: int,
    price: int,
    quantity: int,
    fee_amount: int,
    fee_asset: int,
    bucket: int,
    reasons: _Reasons,
) -> Posted:
    """Book what takes `quantity` signed lots away."""
    side = Side.SELL if quantity > 0 else Side.BUY
    return _book_fill(
        ledger,
        instrument,
        account,
        int(side),
        price,
        abs(quantity),
        fee_amount,
        fee_asset,
        bucket,
        reasons,
    )


# --- account events ------------------------------------------------------------------------------


def transfer(ledger: Ledger, account: int, asset: int, amount: int) -> Posted:
    """Deposit (positive) or withdrawal (negative): the only change of an asset's sum [A2]."""
    total = ledger.transferred.get(asset, 0) + amount
    moved = evolve(ledger, transferred={**ledger.transferred, asset: total})
    posting = move(asset, EXTERNAL, account, amount, PostingReason.TRANSFER)
    return post(moved, account, (posting,))


def reconcile_balance(ledger: Ledger, account: int, asset: int, total: int) -> Posted:
    """The venue's balance holds; the difference goes against DIFFERENCE [A6]."""
    missing = total - balance_of(ledger, account, asset).total
    posting = move(asset, DIFFERENCE, account, missing, PostingReason.RECONCILIATION)
    return post(ledger, account, (posting,))


def pay_funding(ledger: Ledger, account: int, asset: int, amount: int) -> Posted:
    """Funding received (positive) or paid (negative)."""
    posting = move(asset, VENUE, account, amount, PostingReason.FUNDING)
    return post(ledger, account, (posting,))


def adjust_fee(ledger: Ledger, account: int, asset: int, amount: int) -> Posted:
    """A charge (positive) or rebate (negative) after the fact; no position's fees change."""
    posting = move(asset, account, HOUSE, amount, PostingReason.FEE_ADJUSTMENT)
    return post(ledger, account, (posting,))


def set_locked(ledger: Ledger, account: int, asset: int, amount: int) -> Posted:
    """Lock `amount` in all of an account's asset; no posting, the total stays [A3].

    Locked is what open orders need, so it is set, not added to. `overdrawn` 1: more than held.
    """
    total = balance_of(ledger, account, asset).total
    balances = {**ledger.balances, (account, asset): Balance(total, amount)}
    return Posted(evolve(ledger, balances=balances), overdrawn=int(amount > max(total, 0)))


# --- fees and locks ------------------------------------------------------------------------------


def fill_fee(
    instrument: Instrument,
    side: int,
    price: int,
    quantity: int,
    liquidity: int,
) -> tuple[int, int]:
    """(asset, amount) a first fill costs, rounded once, up; see `tickproof.spec.fees.charge`."""
    return fees.charge(instrument, side, price, quantity, liquidity)


def fee_lock_per_lot(instrument: Instrument, side: int, price: int) -> int:
    """Quote units a lot must lock for its fee: the worst there may be, a rebate none."""
    return fees.lock_per_lot(instrument, side, price)


def lock_per_lot(instrument: Instrument, side: int, price: int) -> tuple[int, int]:
    """(asset, amount) one open lot locks.

    SPOT buys lock quote and fee, SPOT sells base, LINEAR orders initial margin and fee in quote.
    """
    if instrument.kind == InstrumentKind.SPOT and side == Side.SELL:
        return instrument.base, instrument.base_per_lot
    value = price * instrument.money_per_price_lot
    if instrument.kind == InstrumentKind.LINEAR:
        value = ceiling_ratio(value, instrument.initial_margin_e8, FEE_SCALE)
    return instrument.quote, value + fee_lock_per_lot(instrument, side, price)


def lock_for(
    instrument: Instrument, side: int, price: int, quantity: int, executed: int = 0
) -> tuple[int, int]:
    """(asset, amount) an order of total `quantity` locks while `executed` lots are filled [A3].

    `price`: see `locking_price`. Linear in the open quantity: each fill of a SPOT order at its
    limit or better spends at most what it unlocks, whatever the split, so no admitted SPOT
    request overdraws [A4].
    """
    asset, amount = lock_per_lot(instrument, side, price)
    return asset, amount * max(quantity - executed, 0)


def worst_lock(
    instrument: Instrument, side: int, terms: Iterable[tuple[int, int]], executed: int
) -> int:
    """The most an order's (price, total) terms need: current, pending and doubted ones [OL8]."""
    return max(
        (lock_for(instrument, side, price, total, executed)[1] for price, total in terms),
        default=0,
    )


def protected_price(side: int, reference: int, margin_e8: int) -> int:
    """`reference` moved against the taker by `margin_e8` parts of FEE_SCALE, rounded against."""
    if side == Side.BUY:
        return reference + ceiling_ratio(reference, margin_e8, FEE_SCALE)
    return reference - ceiling_ratio(reference, margin_e8, FEE_SCALE)


def locking_price(instrument: Instrument, side: int, price: int, reference: int) -> int:
    """The price an order is locked at; `price` 0 for MARKET, whose `reference` is protected.

    A LINEAR sell may fill above its limit, on a higher value, so it locks at the higher of the
    two. The caller keeps the result with the order's terms: a lock is recomputed, not guessed.
    """
    if price == 0:
        return reference
    if instrument.kind == InstrumentKind.LINEAR and side == Side.SELL:
        return max(price, reference)
    return price


@frozen
class Lock:
    """What one order locks; orders of one `group` (not 0) exclude each other, as OCO legs do."""

    asset: int
    amount: int
    group: int = 0


def locked_total(locks: Iterable[Lock]) -> Mapping[int, int]:
    """Locked amount per asset over open orders; a group locks its largest leg once [A3]."""
    totals: dict[int, int] = {}
    largest: dict[tuple[int, int], int] = {}
    for lock in locks:
        counted = 0
        if lock.group != 0:
            counted = largest.get((lock.group, lock.asset), 0)
            largest[(lock.group, lock.asset)] = max(counted, lock.amount)
        totals[lock.asset] = totals.get(lock.asset, 0) + max(lock.amount - counted, 0)
    return totals


# --- worth ---------------------------------------------------------------------------------------


def unrealised(position: Position, instrument: Instrument, mark_price: int) -> int:
    """What closing at `mark_price` would realise, in quote units: the revaluation [A5].

    Derived, never posted: revaluation is an account of its own and touches no balance.
    """
    return notional(instrument, mark_price, position.quantity) - position.cost


def position_margin(position: Position, instrument: Instrument) -> int:
    """Margin a LINEAR position ties up, on what it cost, rounded up; SPOT ties up none."""
    if instrument.kind == InstrumentKind.SPOT:
        return 0
    return ceiling_ratio(abs(position.cost), instrument.initial_margin_e8, FEE_SCALE)


def closing_loss(
    position: Position, instrument: Instrument, side: int, price: int, quantity: int
) -> int:
    """What an order would lose, at `price`, on the part of a LINEAR position it closes; or 0.

    Risk adds it to what the order needs, so that a closing order cannot overdraw unseen.
    """
    if instrument.kind == InstrumentKind.SPOT:
        return 0
    value_per_lot = price * instrument.money_per_price_lot
    after = filled_position(position, side, value_per_lot, quantity)
    return max(position.realised - after.realised, 0)


def free_balance(balance: Balance, margin: int, revaluation: int) -> int:
    """What may back new orders: available less position margin, losses counted, gains not."""
    return balance.available - margin + min(revaluation, 0)


@frozen
class Equity:
    """Worth of an account in units of one quote asset; `known` 0 when a mark is missing."""

    known: int
    amount: int


def base_value(instrument: Instrument, base_amount: int, mark_price: int) -> int:
    """Base units at `mark_price` in quote units, rounded down."""
    return notional(instrument, mark_price, base_amount) // instrument.base_per_lot


def equity(
    ledger: Ledger,
    account: int,
    asset: int,
    instruments: Iterable[Instrument],
    marks: Mapping[int, int],
) -> Equity:
    """Balance in `asset`, plus base holdings and LINEAR positions quoted in it, at `marks` [A5].

    `marks`: recorded mark price by instrument id. A base asset is valued once, by the first SPOT
    instrument that quotes it. What is open or held without a mark makes the result unknown.
    """
    amount = balance_of(ledger, account, asset).total
    known = 1
    valued = {asset}
    for instrument in instruments:
        if instrument.quote != asset:
            continue
        exposed, worth = 0, 0
        mark = marks.get(instrument.id, 0)
        if instrument.kind == InstrumentKind.LINEAR:
            for bucket in PositionBucket:
                position = position_of(ledger, account, instrument.id, bucket)
                exposed |= int(position.quantity != 0)
                worth += unrealised(position, instrument, mark)
        elif instrument.base not in valued:
            valued.add(instrument.base)
            held = balance_of(ledger, account, instrument.base).total
            exposed = int(held != 0)
            worth = base_value(instrument, held, mark)
        if exposed and instrument.id not in marks:
            known = 0
        elif exposed:
            amount += worth
    return Equity(known, amount)
