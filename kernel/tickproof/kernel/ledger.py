"""The ledger on flat integer columns: the same double entry as `tickproof.spec.ledger` [A1 to A7].

What it decides: nothing of its own. It is the spec's ledger without an object per balance or per
posting: one list of totals and one of locks, indexed by holder row and asset; five lists of
position fields, indexed by account, instrument and bucket. Equality with the spec, posting for
posting, is tested side by side and its arithmetic is proved.

Where it is compiled, what is asked for with every order is computed in C integers, and again in
Python's where it passes 64 bits (`OverflowError`); Python's own never raise.

Postings go to a list the caller owns, as five integers each: asset, holder from, holder to,
amount (positive), reason code. Money is unbounded `int`: a total or a posting may pass 64 bits
even where prices and quantities do not, so these columns are never typed narrower.

Ids are trusted here: the caller has checked them (`knows_account`, `knows_asset`) and refused
what is unknown. `overdrawn` and `equity_known` are output registers of the last call, not State.

Sections: arithmetic, columns, postings, fills, account events, locks, worth, conversion.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.spec import fees
from tickproof.spec.instrument import FEE_SCALE, Instrument, InstrumentKind
from tickproof.spec.ledger import (
    DIFFERENCE,
    EXTERNAL,
    HOUSE,
    VENUE,
    Balance,
    Ledger,
    Position,
    PostingReason,
    canonical,
)

BUY = 1
SELL = -1

SPOT = int(InstrumentKind.SPOT)
LINEAR = int(InstrumentKind.LINEAR)

NOTIONAL = int(PostingReason.NOTIONAL)
DELIVERY = int(PostingReason.DELIVERY)
REALISED = int(PostingReason.REALISED)
FEE = int(PostingReason.FEE)
NOTIONAL_REVERSED = int(PostingReason.NOTIONAL_REVERSED)
DELIVERY_REVERSED = int(PostingReason.DELIVERY_REVERSED)
REALISED_REVERSED = int(PostingReason.REALISED_REVERSED)
FEE_REVERSED = int(PostingReason.FEE_REVERSED)
REBASED = int(PostingReason.REBASED)
TRANSFER = int(PostingReason.TRANSFER)
RECONCILIATION = int(PostingReason.RECONCILIATION)
FUNDING = int(PostingReason.FUNDING)
SETTLEMENT = int(PostingReason.SETTLEMENT)
LIQUIDATION = int(PostingReason.LIQUIDATION)
FEE_ADJUSTMENT = int(PostingReason.FEE_ADJUSTMENT)

RESERVED_ROWS = 3
"""Rows after the accounts': HOUSE, VENUE, DIFFERENCE."""

BUCKETS = 3
"""NET, LONG, SHORT."""

UNMARKED = -1
"""Mark price of an instrument that has none."""

NO_PRICE = -(1 << 62)
"""Below every price."""

# --- arithmetic ----------------------------------------------------------------------------------


def rounded_up(amount: int, rate: int) -> int:
    """amount x rate in parts of FEE_SCALE, rounded towards plus infinity."""
    try:
        narrow, rate_e8 = amount, rate
        if rate_e8 == FEE_SCALE:
            return amount
        return -((-narrow * rate_e8) // FEE_SCALE)
    except OverflowError:
        return -((-amount * rate) // FEE_SCALE)


def closed_lots(held: int, side: int, quantity: int) -> int:
    """Lots of a fill that close what is held."""
    if held > 0 and side < 0:
        return min(held, quantity)
    if held < 0 and side > 0:
        return min(-held, quantity)
    return 0


def cost_released(cost: int, held: int, closed: int) -> int:
    """Magnitude of cost that leaves with `closed` lots, floored."""
    if closed == 0:
        return 0
    try:
        narrow, lots, whole = cost, closed, held
        return max(narrow, -narrow) * lots // max(whole, -whole)
    except OverflowError:
        return abs(cost) * closed // abs(held)


def profit_of(side: int, closed: int, released: int, value_per_lot: int) -> int:
    """What closing `closed` lots for `released` cost realises."""
    try:
        narrow, per_lot, lots = released, value_per_lot, closed
        return side * (narrow - per_lot * lots)
    except OverflowError:
        return side * (released - value_per_lot * closed)


def residue_left(remaining: int, cost: int) -> int:
    """Cost that no open quantity can carry after a reversal."""
    if remaining > 0:
        return min(0, cost)
    if remaining < 0:
        return max(0, cost)
    return cost


# --- columns -------------------------------------------------------------------------------------


class KernelLedger:
    """Balances and positions of `account_count` accounts over the given assets and instruments.

    `instruments`: every instrument, ids dense from 0.
    """

    __slots__ = (
        "account_count",
        "asset_count",
        "instrument_count",
        "house_row",
        "venue_row",
        "difference_row",
        "kinds",
        "bases",
        "quotes",
        "money_per_price_lot",
        "base_per_lot",
        "lock_rates_e8",
        "lock_lot_fees",
        "initial_margins_e8",
        "lock_prices",
        "locks_per_lot",
        "margin_costs",
        "margins",
        "totals",
        "locked",
        "transferred",
        "quantities",
        "costs",
        "realised",
        "fees_quote",
        "fees_base",
        "overdrawn",
        "equity_known",
    )

    account_count: int
    asset_count: int
    instrument_count: int
    house_row: int
    venue_row: int
    difference_row: int
    overdrawn: int
    equity_known: int

    def __init__(
        self, account_count: int, asset_count: int, instruments: Sequence[Instrument]
    ) -> None:
        self.account_count = account_count
        self.asset_count = asset_count
        self.instrument_count = len(instruments)
        self.house_row = account_count * asset_count
        self.venue_row = self.house_row + asset_count
        self.difference_row = self.venue_row + asset_count
        self.kinds: list[int] = [int(i.kind) for i in instruments]
        self.bases: list[int] = [i.base for i in instruments]
        self.quotes: list[int] = [i.quote for i in instruments]
        self.money_per_price_lot: list[int] = [i.money_per_price_lot for i in instruments]
        self.base_per_lot: list[int] = [i.base_per_lot for i in instruments]
        # What a buy locks for its fee is taken from what it brings in, or is the worst there is.
        from_base = [fees.is_from_base(each, BUY) for each in instruments]
        self.lock_rates_e8: list[int] = [
            0 if taken else fees.worst_rate(each)
            for each, taken in zip(instruments, from_base, strict=True)
        ]
        self.lock_lot_fees: list[int] = [
            0 if taken else each.fees.per_lot
            for each, taken in zip(instruments, from_base, strict=True)
        ]
        self.initial_margins_e8: list[int] = [i.initial_margin_e8 for i in instruments]
        # What a lot locks at the price a side asked for last, and a position's margin at its cost.
        self.lock_prices: list[int] = [NO_PRICE] * (2 * len(instruments))
        self.locks_per_lot: list[int] = [0] * (2 * len(instruments))
        self.totals: list[int] = [0] * ((account_count + RESERVED_ROWS) * asset_count)
        self.locked: list[int] = [0] * (account_count * asset_count)
        self.transferred: list[int] = [0] * asset_count
        cells = account_count * len(instruments) * BUCKETS
        self.quantities: list[int] = [0] * cells
        self.costs: list[int] = [0] * cells
        self.margin_costs: list[int] = [0] * cells
        self.margins: list[int] = [0] * cells
        self.realised: list[int] = [0] * cells
        self.fees_quote: list[int] = [0] * cells
        self.fees_base: list[int] = [0] * cells
        self.overdrawn = 0
        self.equity_known = 0

    def knows_account(self, account: int) -> bool:
        """Whether there is such an account."""
        return 0 <= account < self.account_count

    def knows_asset(self, asset: int) -> bool:
        """Whether there is such an asset."""
        return 0 <= asset < self.asset_count

    def row_of(self, holder: int) -> int:
        """Index of a holder's first total."""
        if holder >= 0:
            return holder * self.asset_count
        if holder == HOUSE:
            return self.house_row
        return self.venue_row if holder == VENUE else self.difference_row

    def cell_of(self, account: int, instrument: int, bucket: int = 0) -> int:
        """Index of a position's fields."""
        return (account * self.instrument_count + instrument) * BUCKETS + bucket

    def total_of(self, holder: int, asset: int) -> int:
        """Units of an asset a holder has."""
        return self.totals[self.row_of(holder) + asset]

    def locked_of(self, account: int, asset: int) -> int:
        """Units of an asset that open orders lock."""
        return self.locked[account * self.asset_count + asset]

    def available_of(self, account: int, asset: int) -> int:
        """Total less locked; negative when overdrawn."""
        index = account * self.asset_count + asset
        return self.totals[index] - self.locked[index]

    def quantity_of(self, account: int, instrument: int, bucket: int = 0) -> int:
        """Signed position in lots."""
        return self.quantities[self.cell_of(account, instrument, bucket)]

    # --- postings --------------------------------------------------------------------------------

    def _move(
        self,
        records: list[int],
        asset: int,
        account: int,
        holder: int,
        holder_row: int,
        amount: int,
        reason: int,
    ) -> None:
        """Move `amount` from an account to a reserved holder, or back when it is negative."""
        if amount == 0:
            return
        index = account * self.asset_count + asset
        total = self.totals[index] - amount
        self.totals[index] = total
        self.totals[holder_row + asset] += amount
        if amount > 0:
            records.extend((asset, account, holder, amount, reason))
        else:
            records.extend((asset, holder, account, -amount, reason))

    def _below_zero(self, records: list[int], start: int, account: int) -> int:
        """Whether a balance of the account that the postings since `start` touched is negative."""
        row = account * self.asset_count
        for position in range(start, len(records), 5):
            if self.totals[row + records[position]] < 0:
                return 1
        return 0

    # --- fills -----------------------------------------------------------------------------------

    def _exchange(
        self,
        records: list[int],
        instrument: int,
        account: int,
        signed_quantity: int,
        price: int,
        notional_reason: int,
        delivery_reason: int,
    ) -> None:
        """Quote against base with VENUE; a negative quantity gives base."""
        value = price * signed_quantity * self.money_per_price_lot[instrument]
        delivered = signed_quantity * self.base_per_lot[instrument]
        row = self.venue_row
        self._move(records, self.quotes[instrument], account, VENUE, row, value, notional_reason)
        self._move(
            records, self.bases[instrument], account, VENUE, row, -delivered, delivery_reason
        )

    def _add_fee(self, cell: int, instrument: int, asset: int, amount: int) -> None:
        """Remember a fee with the position, where the asset is one of the instrument's."""
        if asset == self.quotes[instrument]:
            self.fees_quote[cell] += amount
        elif asset == self.bases[instrument]:
            self.fees_base[cell] += amount

    def _book(
        self,
        records: list[int],
        instrument: int,
        account: int,
        side: int,
        price: int,
        quantity: int,
        fee_amount: int,
        fee_asset: int,
        bucket: int,
        closing_reason: int,
    ) -> int:
        """Book a fill; `closing_reason` 0 for an ordinary one. Gives what it realised."""
        start = len(records)
        cell = (account * self.instrument_count + instrument) * BUCKETS + bucket
        held = self.quantities[cell]
        cost = self.costs[cell]
        value_per_lot = price * self.money_per_price_lot[instrument]
        closed = closed_lots(held, side, quantity)
        released = cost_released(cost, held, closed)
        profit = profit_of(side, closed, released, value_per_lot)
        self.quantities[cell] = held + side * quantity
        self.costs[cell] = cost + side * (released + value_per_lot * (quantity - closed))
        self.realised[cell] += profit
        if self.kinds[instrument] == SPOT:
            self._exchange(
                records,
                instrument,
                account,
                side * quantity,
                price,
                closing_reason or NOTIONAL,
                closing_reason or DELIVERY,
            )
        else:
            self._move(
                records,
                self.quotes[instrument],
                account,
                VENUE,
                self.venue_row,
                -profit,
                closing_reason or REALISED,
            )
        if fee_amount != 0:
            self._move(records, fee_asset, account, HOUSE, self.house_row, fee_amount, FEE)
            self._add_fee(cell, instrument, fee_asset, fee_amount)
        self.overdrawn = self._below_zero(records, start, account)
        return profit

    def post_fill(
        self,
        records: list[int],
        instrument: int,
        account: int,
        side: int,
        price: int,
        quantity: int,
        fee_amount: int,
        fee_asset: int,
        bucket: int = 0,
    ) -> int:
        """Book a fill; gives what it realised, which `reverse_fill` wants back [A1, OL3]."""
        return self._book(
            records, instrument, account, side, price, quantity, fee_amount, fee_asset, bucket, 0
        )

    def reverse_fill(
        self,
        records: list[int],
        instrument: int,
        account: int,
        side: int,
        price: int,
        quantity: int,
        fee_amount: int,
        fee_asset: int,
        realised: int,
        bucket: int = 0,
    ) -> int:
        """Take a booked fill back with exactly its amounts [A6]; gives what this realised."""
        start = len(records)
        cell = (account * self.instrument_count + instrument) * BUCKETS + bucket
        quote = self.quotes[instrument]
        row = self.venue_row
        value_per_lot = price * self.money_per_price_lot[instrument]
        remaining = self.quantities[cell] - side * quantity
        cost = self.costs[cell] - realised - side * value_per_lot * quantity
        residue = residue_left(remaining, cost)
        self.quantities[cell] = remaining
        self.costs[cell] = cost - residue
        self.realised[cell] -= realised + residue
        if self.kinds[instrument] == SPOT:
            self._exchange(
                records,
                instrument,
                account,
                -side * quantity,
                price,
                NOTIONAL_REVERSED,
                DELIVERY_REVERSED,
            )
        else:
            self._move(records, quote, account, VENUE, row, realised, REALISED_REVERSED)
            self._move(records, quote, account, VENUE, row, residue, REBASED)
        self._move(records, fee_asset, account, HOUSE, self.house_row, -fee_amount, FEE_REVERSED)
        self._add_fee(cell, instrument, fee_asset, -fee_amount)
        self.overdrawn = self._below_zero(records, start, account)
        return -realised - residue

    def settle(
        self, records: list[int], instrument: int, account: int, price: int, bucket: int = 0
    ) -> int:
        """Close one bucket of a position at the settlement price; gives what it realised."""
        held = self.quantities[self.cell_of(account, instrument, bucket)]
        quote = self.quotes[instrument]
        return self._close(records, instrument, account, price, held, 0, quote, bucket, SETTLEMENT)

    def liquidate(
        self,
        records: list[int],
        instrument: int,
        account: int,
        price: int,
        quantity: int,
        fee_amount: int,
        fee_asset: int,
        bucket: int = 0,
    ) -> int:
        """The venue closes `quantity` lots, signed like the position; gives what it realised."""
        return self._close(
            records,
            instrument,
            account,
            price,
            quantity,
            fee_amount,
            fee_asset,
            bucket,
            LIQUIDATION,
        )

    def _close(
        self,
        records: list[int],
        instrument: int,
        account: int,
        price: int,
        quantity: int,
        fee_amount: int,
        fee_asset: int,
        bucket: int,
        reason: int,
    ) -> int:
        """Book what takes `quantity` signed lots away."""
        side = SELL if quantity > 0 else BUY
        return self._book(
            records,
            instrument,
            account,
            side,
            price,
            abs(quantity),
            fee_amount,
            fee_asset,
            bucket,
            reason,
        )

    # --- account events --------------------------------------------------------------------------

    def transfer(self, records: list[int], account: int, asset: int, amount: int) -> None:
        """Deposit (positive) or withdrawal (negative) [A2]."""
        self.overdrawn = 0
        if amount == 0:
            return
        index = account * self.asset_count + asset
        self.transferred[asset] += amount
        self.totals[index] += amount
        if amount > 0:
            records.extend((asset, EXTERNAL, account, amount, TRANSFER))
        else:
            records.extend((asset, account, EXTERNAL, -amount, TRANSFER))
        self.overdrawn = 1 if self.totals[index] < 0 else 0

    def reconcile_balance(self, records: list[int], account: int, asset: int, total: int) -> None:
        """The venue's balance holds; the difference goes against DIFFERENCE [A6]."""
        excess = self.totals[account * self.asset_count + asset] - total
        self._simple(
            records, asset, account, DIFFERENCE, self.difference_row, excess, RECONCILIATION
        )

    def pay_funding(self, records: list[int], account: int, asset: int, amount: int) -> None:
        """Funding received (positive) or paid (negative)."""
        self._simple(records, asset, account, VENUE, self.venue_row, -amount, FUNDING)

    def adjust_fee(self, records: list[int], account: int, asset: int, amount: int) -> None:
        """A charge (positive) or rebate (negative) after the fact."""
        self._simple(records, asset, account, HOUSE, self.house_row, amount, FEE_ADJUSTMENT)

    def _simple(
        self,
        records: list[int],
        asset: int,
        account: int,
        holder: int,
        holder_row: int,
        amount: int,
        reason: int,
    ) -> None:
        """An operation that is one posting."""
        start = len(records)
        self._move(records, asset, account, holder, holder_row, amount, reason)
        self.overdrawn = self._below_zero(records, start, account)

    # --- locks -----------------------------------------------------------------------------------

    def set_locked(self, account: int, asset: int, amount: int) -> None:
        """Lock `amount` in all of an account's asset [A3]."""
        self.add_locked(account, asset, amount - self.locked_of(account, asset))

    def add_locked(self, account: int, asset: int, change: int) -> None:
        """Lock `change` more, or less when negative [A3]."""
        index = account * self.asset_count + asset
        amount = self.locked[index] + change
        self.locked[index] = amount
        total = self.totals[index]
        self.overdrawn = 1 if amount > max(0, total) else 0

    def lock_asset(self, instrument: int, side: int) -> int:
        """The asset an order locks."""
        kind = self.kinds[instrument]
        if side == SELL and kind == SPOT:
            return self.bases[instrument]
        return self.quotes[instrument]

    def lock_per_lot(self, instrument: int, side: int, price: int) -> int:
        """What one open lot locks, fee included, in units of `lock_asset`."""
        kind = self.kinds[instrument]
        if kind == SPOT and side == SELL:
            return self.base_per_lot[instrument]
        # A side of evidence may be any number: all but BUY share a cell, and none has another's.
        place = instrument * 2 + (side == BUY)
        kept = self.lock_prices[place]
        if price != kept:
            value = price * self.money_per_price_lot[instrument]
            fee_amount = rounded_up(value, self.lock_rates_e8[instrument])
            fee_amount += self.lock_lot_fees[instrument]
            if kind != SPOT:
                value = rounded_up(value, self.initial_margins_e8[instrument])
            self.lock_prices[place] = price
            self.locks_per_lot[place] = value + fee_amount
        return self.locks_per_lot[place]

    def lock_for(
        self, instrument: int, side: int, price: int, quantity: int, executed: int = 0
    ) -> int:
        """What an order of total `quantity` locks while `executed` lots are filled [A3]."""
        if quantity <= executed:
            return 0
        per_lot = self.lock_per_lot(instrument, side, price)
        try:
            narrow = per_lot
            return narrow * (quantity - executed)
        except OverflowError:
            return per_lot * (quantity - executed)

    # --- worth -----------------------------------------------------------------------------------

    def unrealised(self, account: int, instrument: int, mark_price: int, bucket: int = 0) -> int:
        """What closing at `mark_price` would realise, in quote units."""
        cell = self.cell_of(account, instrument, bucket)
        try:
            narrow, held = self.money_per_price_lot[instrument], self.quantities[cell]
            cost = self.costs[cell]
            return narrow * mark_price * held - cost
        except OverflowError:
            value_per_lot = self.money_per_price_lot[instrument] * mark_price
            return value_per_lot * self.quantities[cell] - self.costs[cell]

    def position_margin(self, account: int, instrument: int, bucket: int = 0) -> int:
        """Margin a LINEAR position ties up, rounded up; SPOT ties up none."""
        kind = self.kinds[instrument]
        if kind == SPOT:
            return 0
        cell = self.cell_of(account, instrument, bucket)
        cost = self.costs[cell]
        if cost != self.margin_costs[cell]:
            self.margin_costs[cell] = cost
            self.margins[cell] = rounded_up(abs(cost), self.initial_margins_e8[instrument])
        return self.margins[cell]

    def closing_loss(
        self, account: int, instrument: int, side: int, price: int, quantity: int, bucket: int = 0
    ) -> int:
        """What an order would lose at `price` on the part of a LINEAR position it closes; or 0."""
        kind = self.kinds[instrument]
        if kind == SPOT:
            return 0
        cell = self.cell_of(account, instrument, bucket)
        held = self.quantities[cell]
        closed = closed_lots(held, side, quantity)
        if closed == 0:
            return 0
        released = cost_released(self.costs[cell], held, closed)
        value_per_lot = price * self.money_per_price_lot[instrument]
        profit = profit_of(side, closed, released, value_per_lot)
        return max(-profit, 0)

    def equity(self, account: int, asset: int, marks: Sequence[int]) -> int:
        """Worth of an account in `asset` at `marks` (by instrument, `UNMARKED` where none) [A5].

        Sets `equity_known` to 0 when what is open or held has no mark; the result is then not
        to be used.
        """
        row = account * self.asset_count
        amount = self.totals[row + asset]
        self.equity_known = 1
        valued = [0] * self.asset_count
        valued[asset] = 1
        for instrument in range(self.instrument_count):
            if self.quotes[instrument] != asset:
                continue
            mark = marks[instrument]
            base = self.bases[instrument]
            if self.kinds[instrument] == SPOT:
                if valued[base]:
                    continue
                valued[base] = 1
                held = self.totals[row + base]
                if held != 0 and mark == UNMARKED:
                    self.equity_known = 0
                elif held != 0:
                    value = mark * held * self.money_per_price_lot[instrument]
                    amount += value // self.base_per_lot[instrument]
            else:
                amount += self._linear_worth(account, instrument, mark)
        return amount

    def _linear_worth(self, account: int, instrument: int, mark: int) -> int:
        """Unrealised over all buckets; clears `equity_known` when open without a mark."""
        worth = 0
        for bucket in range(BUCKETS):
            if self.quantities[self.cell_of(account, instrument, bucket)] == 0:
                continue
            if mark == UNMARKED:
                self.equity_known = 0
            else:
                worth += self.unrealised(account, instrument, mark, bucket)
        return worth

    # --- conversion ------------------------------------------------------------------------------

    def flat_state(self) -> list[int]:
        """All State of the ledger as integers, in a fixed order, for digests and snapshots."""
        return [
            *self.totals,
            *self.locked,
            *self.transferred,
            *self.quantities,
            *self.costs,
            *self.realised,
            *self.fees_quote,
            *self.fees_base,
        ]

    def load_flat_state(self, values: Sequence[int]) -> None:
        """Take State over from `flat_state` of a ledger with the same counts.

        Raises ValueError when the length is another.
        """
        columns = (
            self.totals,
            self.locked,
            self.transferred,
            self.quantities,
            self.costs,
            self.realised,
            self.fees_quote,
            self.fees_base,
        )
        expected = sum(len(column) for column in columns)
        if len(values) != expected:
            raise ValueError(f"ledger state: {len(values)} integers, expected {expected}")
        start = 0
        for column in columns:
            column[:] = values[start : start + len(column)]
            start += len(column)

    def to_spec(self) -> Ledger:
        """The same ledger as the spec writes it, canonical."""
        balances: dict[tuple[int, int], Balance] = {}
        for holder in (*range(self.account_count), HOUSE, VENUE, DIFFERENCE):
            for asset in range(self.asset_count):
                locked = self.locked_of(holder, asset) if holder >= 0 else 0
                balances[(holder, asset)] = Balance(self.total_of(holder, asset), locked)
        positions: dict[tuple[int, int, int], Position] = {}
        for account in range(self.account_count):
            for instrument in range(self.instrument_count):
                for bucket in range(BUCKETS):
                    cell = self.cell_of(account, instrument, bucket)
                    positions[(account, instrument, bucket)] = Position(
                        self.quantities[cell],
                        self.costs[cell],
                        self.realised[cell],
                        self.fees_quote[cell],
                        self.fees_base[cell],
                    )
        return canonical(Ledger(balances, positions, dict(enumerate(self.transferred))))

    @classmethod
    def from_spec(
        cls,
        ledger: Ledger,
        account_count: int,
        asset_count: int,
        instruments: Sequence[Instrument],
    ) -> KernelLedger:
        """The flat form of a spec ledger whose ids are within the counts."""
        made = cls(account_count, asset_count, instruments)
        for (holder, asset), balance in ledger.balances.items():
            made.totals[made.row_of(holder) + asset] = balance.total
            if holder >= 0:
                made.locked[holder * asset_count + asset] = balance.locked
        for (account, instrument, bucket), position in ledger.positions.items():
            cell = made.cell_of(account, instrument, bucket)
            made.quantities[cell] = position.quantity
            made.costs[cell] = position.cost
            made.realised[cell] = position.realised
            made.fees_quote[cell] = position.fees_quote
            made.fees_base[cell] = position.fees_base
        for asset, amount in ledger.transferred.items():
            made.transferred[asset] = amount
        return made
