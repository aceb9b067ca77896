"""Proofs over unbounded integers: the ledger conserves, prices exactly, locks enough [A1 to A7].

Each is one step from any sound state. A lock covers a fill of any size at its limit or better, and
what stays locked is what the rest needs, so by induction it covers any split of the order. Fee
rates, which Z3 cannot multiply by symbolic amounts, are fixed per proof (`RATES_E8`): a rebate,
none, odd and round ones, all of it.
"""

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.kernel import ledger as flat
from tickproof.spec import ledger as spec
from tickproof.spec.instrument import FEE_SCALE, FeeAsset, Instrument, InstrumentKind, fee
from tickproof.spec.ledger import (
    DIFFERENCE,
    EXTERNAL,
    HOUSE,
    VENUE,
    Balance,
    Ledger,
    Position,
    PositionBucket,
)

BASE, QUOTE = 0, 1
SPOT = Instrument(0, "S", 0, InstrumentKind.SPOT, BASE, QUOTE, 0, 0, 3, 7)
LINEAR = Instrument(0, "L", 0, InstrumentKind.LINEAR, BASE, QUOTE, 0, 0, 3, 7)
RATES_E8 = (-7_500, 0, 1, 12_345, 100_000, FEE_SCALE)
MARGINS_E8 = (0, 1, 3_333_333, 12_500_001, FEE_SCALE)

SIDE_NAMES = {1: "buy", -1: "sell"}
HELD_NAMES = {1: "long", 0: "flat", -1: "short"}
CASES = tuple((side, sign) for side in SIDE_NAMES for sign in HELD_NAMES)
"""Every side against every sign of the position held: the cases of the larger proofs."""


def case(side: int, sign: int) -> str:
    """Name of a case."""
    return f"{SIDE_NAMES[side]}_{HELD_NAMES[sign]}"


def side_of(buying: int) -> int:
    """A concrete side: CrossHair splits here instead of in every product."""
    return 1 if buying > 0 else -1


def sound(quantity: int, cost: int, realised: int = 0, fees: int = 0) -> Position:
    """Any sound position: the cost of a flat one is 0, else its sign is the quantity's."""
    if quantity == 0:
        return Position(0, 0, realised, fees, 0)
    return Position(quantity, cost if (cost >= 0) == (quantity > 0) else -cost, realised, fees, 0)


def sums(ledger: Ledger) -> tuple[int, int]:
    """Units of base and quote over all holders."""
    return spec.sum_of(ledger, BASE), spec.sum_of(ledger, QUOTE)


def holding(sign: int, lots: int, cost: int) -> Position:
    """A position of concrete sign, from magnitudes: fewer paths than `sound`."""
    return Position(sign * lots, sign * cost) if sign else Position()


def any_ledger(base: int, quote: int, venue: int, house: int, position: Position) -> Ledger:
    """A ledger whose transfers are what its holders have."""
    return Ledger(
        {
            (0, BASE): Balance(base),
            (0, QUOTE): Balance(quote),
            (VENUE, QUOTE): Balance(venue),
            (HOUSE, QUOTE): Balance(house),
        },
        {(0, 0, PositionBucket.NET): position},
        {BASE: base, QUOTE: quote + venue + house},
    )


# --- conservation --------------------------------------------------------------------------------


def p_spot_fill_conserves(
    base: int, quote: int, venue: int, house: int, buying: int, price: int, quantity: int, paid: int
) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    ledger = any_ledger(base, quote, venue, house, Position())
    side = side_of(buying)
    after = spec.post_fill(ledger, SPOT, 0, side, price, quantity, paid, QUOTE).ledger
    return sums(after) == sums(ledger)


def p_spot_fill_with_base_fee_conserves(
    base: int, quote: int, buying: int, price: int, quantity: int, paid: int
) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    ledger = any_ledger(base, quote, 0, 0, Position())
    side = side_of(buying)
    after = spec.post_fill(ledger, SPOT, 0, side, price, quantity, paid, BASE).ledger
    return sums(after) == sums(ledger)


def p_transfer_changes_the_sum_by_its_amount(base: int, quote: int, amount: int) -> bool:
    """
    post: _
    """
    ledger = any_ledger(base, quote, 0, 0, Position())
    after = spec.transfer(ledger, 0, QUOTE, amount).ledger
    return (
        sums(after) == (base, quote + amount)
        and after.transferred == {BASE: base, QUOTE: quote + amount}
        and (EXTERNAL, QUOTE) not in after.balances
    )


def p_reconciliation_takes_the_venue_s_word_and_conserves(quote: int, total: int) -> bool:
    """
    post: _
    """
    ledger = any_ledger(0, quote, 0, 0, Position())
    after = spec.reconcile_balance(ledger, 0, QUOTE, total).ledger
    return (
        sums(after) == sums(ledger)
        and spec.balance_of(after, 0, QUOTE).total == total
        and spec.balance_of(after, DIFFERENCE, QUOTE).total == quote - total
    )


def linear_fill_conserves(side: int, sign: int) -> Proof:
    def proof(
        quote: int, venue: int, lots: int, cost: int, price: int, quantity: int, paid: int
    ) -> bool:
        """
        pre: price >= 0 and quantity > 0 and lots > 0 and cost >= 0
        post: _
        """
        ledger = any_ledger(0, quote, venue, 0, holding(sign, lots, cost))
        after = spec.post_fill(ledger, LINEAR, 0, side, price, quantity, paid, QUOTE).ledger
        return sums(after) == sums(ledger)

    return named(f"p_linear_fill_conserves_{case(side, sign)}", proof)


def spot_reversal_conserves(side: int) -> Proof:
    def proof(base: int, quote: int, price: int, quantity: int, paid: int) -> bool:
        """
        pre: price >= 0 and quantity > 0
        post: _
        """
        ledger = any_ledger(base, quote, 0, 0, Position())
        after = spec.reverse_fill(ledger, SPOT, 0, side, price, quantity, paid, QUOTE, 0).ledger
        return sums(after) == sums(ledger)

    return named(f"p_spot_reversal_conserves_{SIDE_NAMES[side]}", proof)


def linear_reversal_conserves(side: int, sign: int) -> Proof:
    def proof(
        quote: int, lots: int, cost: int, price: int, quantity: int, paid: int, gain: int
    ) -> bool:
        """
        pre: price >= 0 and quantity > 0 and lots > 0 and cost >= 0
        post: _
        """
        ledger = any_ledger(0, quote, 0, 0, holding(sign, lots, cost))
        after = spec.reverse_fill(
            ledger, LINEAR, 0, side, price, quantity, paid, QUOTE, gain
        ).ledger
        return sums(after) == sums(ledger)

    return named(f"p_linear_reversal_conserves_{case(side, sign)}", proof)


# --- positions -----------------------------------------------------------------------------------


def p_fill_then_reversal_is_identity(
    held: int, cost: int, realised: int, buying: int, value: int, quantity: int
) -> bool:
    """
    pre: value >= 0 and quantity > 0
    post: _
    """
    before = sound(held, cost, realised)
    side = side_of(buying)
    after = spec.filled_position(before, side, value, quantity)
    gain = after.realised - before.realised
    return spec.reversed_position(after, side, value, quantity, gain) == before


def balances_return_on_reversal(side: int, sign: int) -> Proof:
    def proof(quote: int, lots: int, cost: int, price: int, quantity: int, paid: int) -> bool:
        """
        pre: price >= 0 and quantity > 0 and lots > 0 and cost >= 0
        post: _
        """
        ledger = any_ledger(0, quote, 0, 0, holding(sign, lots, cost))
        filled = spec.post_fill(ledger, LINEAR, 0, side, price, quantity, paid, QUOTE)
        back = spec.reverse_fill(
            filled.ledger, LINEAR, 0, side, price, quantity, paid, QUOTE, filled.realised
        )
        return back.ledger == ledger and back.realised == -filled.realised

    return named(f"p_balances_return_on_reversal_{case(side, sign)}", proof)


def p_fill_keeps_realised_less_cost_the_flow(
    held: int, cost: int, buying: int, value: int, quantity: int
) -> bool:
    """
    pre: value >= 0 and quantity > 0
    post: _
    """
    before = sound(held, cost)
    side = side_of(buying)
    after = spec.filled_position(before, side, value, quantity)
    flow = (after.realised - after.cost) - (before.realised - before.cost)
    return flow == -side * value * quantity and after.quantity == held + side * quantity


def p_reversal_keeps_realised_less_cost_the_flow(
    held: int, cost: int, buying: int, value: int, quantity: int, gain: int
) -> bool:
    """
    pre: value >= 0 and quantity > 0
    post: _
    """
    before = sound(held, cost)
    side = side_of(buying)
    after = spec.reversed_position(before, side, value, quantity, gain)
    flow = (after.realised - after.cost) - (before.realised - before.cost)
    return (
        flow == side * value * quantity
        and after.quantity == held - side * quantity
        and spec.inv_position(after)
    )


def p_cost_is_released_by_floor(held: int, cost: int, closed: int) -> bool:
    """
    pre: held != 0 and 0 < closed <= abs(held)
    post: _
    """
    position = sound(held, cost)
    released = spec.released_cost(position, closed)
    exact = abs(position.cost) * closed
    return released * abs(held) <= exact < (released + 1) * abs(held)


def p_a_full_close_costs_nothing_more(held: int, cost: int, value: int) -> bool:
    """
    pre: held != 0 and value >= 0
    post: _
    """
    side = -1 if held > 0 else 1
    after = spec.filled_position(sound(held, cost), side, value, abs(held))
    return after.quantity == 0 and after.cost == 0


def p_a_flip_closes_all_then_opens(held: int, cost: int, value: int, beyond: int) -> bool:
    """
    pre: held != 0 and value >= 0 and beyond > 0
    post: _
    """
    before = sound(held, cost)
    side = -1 if held > 0 else 1
    after = spec.filled_position(before, side, value, abs(held) + beyond)
    return (
        after.quantity == side * beyond
        and after.cost == side * value * beyond
        and after.realised == value * held - before.cost
    )


def p_a_fill_keeps_the_position_sound(
    held: int, cost: int, buying: int, value: int, quantity: int
) -> bool:
    """
    pre: value >= 0 and quantity > 0
    post: _
    """
    after = spec.filled_position(sound(held, cost), side_of(buying), value, quantity)
    return spec.inv_position(after)


# --- fees and locks ------------------------------------------------------------------------------


def fee_is_rounded_up(rate_e8: int) -> Proof:
    def proof(amount: int) -> bool:
        """
        post: _
        """
        charged = fee(amount, rate_e8)
        return charged * FEE_SCALE >= amount * rate_e8 > (charged - 1) * FEE_SCALE

    return named(f"p_fee_is_rounded_up_once_{RATES_E8.index(rate_e8)}", proof)


def fee_of_a_whole(rate_e8: int) -> Proof:
    def proof(first: int, second: int) -> bool:
        """
        post: _
        """
        return fee(first + second, rate_e8) <= fee(first, rate_e8) + fee(second, rate_e8)

    return named(f"p_fee_of_a_whole_is_at_most_that_of_its_parts_{RATES_E8.index(rate_e8)}", proof)


def lock_covers_a_fill(rate_e8: int) -> Proof:
    instrument = Instrument(
        0, "S", 0, InstrumentKind.SPOT, BASE, QUOTE, 0, 0, 3, 7,
        maker_fee_e8=-7_500, taker_fee_e8=rate_e8,
    )  # fmt: skip

    def proof(limit: int, price: int, quantity: int, executed: int, filled: int) -> bool:
        """
        pre: 0 <= price <= limit and 0 <= executed and 0 < filled and executed + filled <= quantity
        post: _
        """
        before = spec.lock_for(instrument, 1, limit, quantity, executed)[1]
        after = spec.lock_for(instrument, 1, limit, quantity, executed + filled)[1]
        maker = spec.fill_fee(instrument, 1, price, filled, 1)[1]
        taker = spec.fill_fee(instrument, 1, price, filled, 2)[1]
        return before - after >= price * filled * 3 + max(maker, taker) and after >= 0

    return named(f"p_lock_covers_a_fill_{RATES_E8.index(rate_e8)}", proof)


def linear_lock_covers(part: str, number: int) -> Proof:
    # Z3 takes one rounded product at a time; a lock is the sum of the two (`p_linear_lock_adds`).
    instrument = Instrument(
        0, "L", 0, InstrumentKind.LINEAR, BASE, QUOTE, 0, 0, 3, 7,
        taker_fee_e8=RATES_E8[number] if part == "fee" else 0,
        initial_margin_e8=MARGINS_E8[number] if part == "margin" else 0,
    )  # fmt: skip

    def proof(limit: int, price: int, quantity: int, filled: int) -> bool:
        """
        pre: 0 <= price <= limit and 0 < filled <= quantity
        post: _
        """
        before = spec.lock_for(instrument, 1, limit, quantity)[1]
        after = spec.lock_for(instrument, 1, limit, quantity, filled)[1]
        taker = spec.fill_fee(instrument, 1, price, filled, 2)[1]
        opened = spec.filled_position(Position(), 1, price * 3, filled)
        return before - after >= spec.position_margin(opened, instrument) + taker

    return named(f"p_linear_lock_covers_{part}_{number}", proof)


def p_linear_lock_adds(price: int, quantity: int) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    margin = Instrument(
        0, "L", 0, InstrumentKind.LINEAR, BASE, QUOTE, 0, 0, 3, 7, initial_margin_e8=12_345
    )
    cost = evolve(margin, initial_margin_e8=0, taker_fee_e8=54_321)
    both = evolve(margin, taker_fee_e8=54_321)
    parts = (
        spec.lock_for(margin, 1, price, quantity)[1] + spec.lock_for(cost, 1, price, quantity)[1]
    )
    return spec.lock_for(both, 1, price, quantity)[1] == parts


def fee_from_proceeds(rate_e8: int) -> Proof:
    instrument = Instrument(
        0, "S", 0, InstrumentKind.SPOT, BASE, QUOTE, 0, 0, 3, 7,
        taker_fee_e8=rate_e8, fee_asset=FeeAsset.RECEIVED,
    )  # fmt: skip

    def proof(price: int, quantity: int) -> bool:
        """
        pre: price >= 0 and quantity > 0
        post: _
        """
        sold = spec.fill_fee(instrument, -1, price, quantity, 2)
        bought = spec.fill_fee(instrument, 1, price, quantity, 2)
        return (
            sold[0] == QUOTE
            and sold[1] <= price * quantity * 3
            and bought[0] == BASE
            and bought[1] <= quantity * 7
        )

    return named(f"p_fee_from_proceeds_is_at_most_them_{RATES_E8.index(rate_e8)}", proof)


def p_a_spot_sell_unlocks_what_it_delivers(
    price: int, quantity: int, executed: int, filled: int
) -> bool:
    """
    pre: price > 0 and 0 <= executed and filled > 0 and executed + filled <= quantity
    post: _
    """
    before = spec.lock_for(SPOT, -1, price, quantity, executed)[1]
    after = spec.lock_for(SPOT, -1, price, quantity, executed + filled)[1]
    return before - after == filled * SPOT.base_per_lot and after >= 0


def p_locking_more_than_there_is_is_flagged(total: int, amount: int) -> bool:
    """
    pre: amount >= 0
    post: _
    """
    ledger = Ledger({(0, QUOTE): Balance(total)}, {}, {QUOTE: total})
    posted = spec.set_locked(ledger, 0, QUOTE, amount)
    return posted.overdrawn == (1 if amount > total and amount > 0 else 0) and (
        posted.ledger.balances[(0, QUOTE)] == Balance(total, amount)
    )


# --- the flat ledger refines the spec ------------------------------------------------------------


def p_flat_closing_equals_the_spec(
    held: int, cost: int, buying: int, quantity: int, value: int
) -> bool:
    """
    pre: quantity > 0
    post: _
    """
    side = side_of(buying)
    position = sound(held, cost)
    closed = flat.closed_lots(held, side, quantity)
    released = flat.cost_released(position.cost, held, closed)
    after = spec.filled_position(position, side, value, quantity)
    return (
        closed == spec.closed_quantity(held, side, quantity)
        and released == spec.released_cost(position, closed)
        and flat.profit_of(side, closed, released, value) == after.realised
        and flat.residue_left(held, cost) == spec.residue_of(held, cost)
    )


def flat_ledger(
    instrument: Instrument, base: int, quote: int, venue: int, position: Position
) -> tuple[flat.KernelLedger, Ledger]:
    """The same small ledger twice."""
    fast = flat.KernelLedger(1, 2, (instrument,))
    fast.totals[BASE] = base
    fast.totals[QUOTE] = quote
    fast.totals[fast.venue_row + QUOTE] = venue
    fast.quantities[0] = position.quantity
    fast.costs[0] = position.cost
    fast.realised[0] = position.realised
    fast.fees_quote[0] = position.fees_quote
    fast.transferred[BASE] = base
    fast.transferred[QUOTE] = quote + venue
    return fast, any_ledger(base, quote, venue, 0, position)


def equal(fast: flat.KernelLedger, naive: Ledger) -> bool:
    """Whether every field is the same."""
    position = spec.position_of(naive, 0, 0)
    return (
        all(
            fast.total_of(holder, asset) == spec.balance_of(naive, holder, asset).total
            for holder in (0, HOUSE, VENUE, DIFFERENCE)
            for asset in (BASE, QUOTE)
        )
        and fast.quantities[0] == position.quantity
        and fast.costs[0] == position.cost
        and fast.realised[0] == position.realised
        and fast.fees_quote[0] == position.fees_quote
        and fast.fees_base[0] == position.fees_base
    )


def flat_postings(posted: spec.Posted) -> list[int]:
    """Postings as the flat ledger records them."""
    records: list[int] = []
    for posting in posted.postings:
        records.extend(
            (posting.asset, posting.holder_from, posting.holder_to, posting.amount, posting.reason)
        )
    return records


def flat_fill_equals_the_spec(instrument: Instrument, side: int, sign: int) -> Proof:
    def proof(quote: int, lots: int, cost: int, price: int, quantity: int, paid: int) -> bool:
        """
        pre: price >= 0 and quantity > 0 and lots > 0 and cost >= 0
        post: _
        """
        fast, naive = flat_ledger(instrument, 0, quote, 0, holding(sign, lots, cost))
        records: list[int] = []
        gain = fast.post_fill(records, 0, 0, side, price, quantity, paid, QUOTE)
        posted = spec.post_fill(naive, instrument, 0, side, price, quantity, paid, QUOTE)
        return (
            gain == posted.realised
            and fast.overdrawn == posted.overdrawn
            and records == flat_postings(posted)
            and equal(fast, posted.ledger)
        )

    kind = InstrumentKind(instrument.kind).name.lower()
    return named(f"p_flat_{kind}_fill_equals_the_spec_{case(side, sign)}", proof)


def flat_reversal_equals_the_spec(instrument: Instrument, side: int, sign: int) -> Proof:
    def proof(
        quote: int, lots: int, cost: int, price: int, quantity: int, paid: int, gain: int
    ) -> bool:
        """
        pre: price >= 0 and quantity > 0 and lots > 0 and cost >= 0 and paid > 0
        post: _
        """
        fast, naive = flat_ledger(instrument, 0, quote, 0, holding(sign, lots, cost))
        records: list[int] = []
        change = fast.reverse_fill(records, 0, 0, side, price, quantity, paid, QUOTE, gain)
        posted = spec.reverse_fill(naive, instrument, 0, side, price, quantity, paid, QUOTE, gain)
        return (
            change == posted.realised
            and fast.overdrawn == posted.overdrawn
            and records == flat_postings(posted)
            and equal(fast, posted.ledger)
        )

    kind = InstrumentKind(instrument.kind).name.lower()
    return named(f"p_flat_{kind}_reversal_equals_the_spec_{case(side, sign)}", proof)


# --- planted bugs --------------------------------------------------------------------------------


def canary_fee_leaves_the_account_and_reaches_nobody(quote: int, paid: int) -> bool:
    """
    post: _
    """
    ledger = any_ledger(0, quote, 0, 0, Position())
    after = spec.post(ledger, 0, (spec.move(QUOTE, 0, EXTERNAL, paid, 0),)).ledger
    return sums(after) == sums(ledger)


def canary_reversal_keeps_the_fee(quote: int, price: int, quantity: int, paid: int) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    ledger = any_ledger(0, quote, 0, 0, Position())
    filled = spec.post_fill(ledger, LINEAR, 0, 1, price, quantity, paid, QUOTE).ledger
    back = spec.reverse_fill(filled, LINEAR, 0, 1, price, quantity, 0, QUOTE, 0).ledger
    return spec.balance_of(back, 0, QUOTE) == spec.balance_of(ledger, 0, QUOTE)


def canary_reversal_leaves_a_cost_without_a_position(
    held: int, cost: int, value: int, quantity: int
) -> bool:
    """
    pre: value >= 0 and quantity > 0
    post: _
    """
    before = sound(held, cost)
    after = Position(before.quantity - quantity, before.cost - value * quantity)
    return spec.inv_position(after)


def canary_cost_is_released_by_ceiling(held: int, cost: int, closed: int) -> bool:
    """
    pre: held != 0 and 0 < closed <= abs(held)
    post: _
    """
    position = sound(held, cost)
    released = -((-abs(position.cost) * closed) // abs(held))
    return released == spec.released_cost(position, closed)


def canary_a_flip_carries_the_old_cost(held: int, cost: int, value: int, beyond: int) -> bool:
    """
    pre: held > 0 and value >= 0 and beyond > 0
    post: _
    """
    position = sound(held, cost)
    after = position.cost - value * (held + beyond)
    return after == spec.filled_position(position, -1, value, held + beyond).cost


def canary_fee_rounded_down(amount: int) -> bool:
    """
    post: _
    """
    charged = amount * 12_345 // FEE_SCALE
    return charged * FEE_SCALE >= amount * 12_345


def canary_lock_rounded_once_for_the_whole_order(limit: int, quantity: int) -> bool:
    """
    pre: limit >= 0 and quantity > 1
    post: _
    """
    before = limit * quantity + fee(limit * quantity, 100_000)
    after = limit * (quantity - 1) + fee(limit * (quantity - 1), 100_000)
    return before - after >= limit + fee(limit, 100_000)


def canary_flat_closing_forgets_the_bound(held: int, quantity: int) -> bool:
    """
    pre: held > 0 and quantity > 0
    post: _
    """
    return quantity == spec.closed_quantity(held, -1, quantity)


def canary_vacuous_a_flat_position_with_a_cost(quantity: int, cost: int) -> bool:
    """
    pre: spec.inv_position(Position(quantity, cost))
    pre: quantity == 0 and cost != 0
    post: _
    """
    return spec.residue_of(quantity, cost) == 0


def generated() -> list[Proof]:
    """One proof per rate, and per side and sign of the position held."""
    made: list[Proof] = []
    for rate_e8 in RATES_E8:
        made += [
            fee_is_rounded_up(rate_e8),
            fee_of_a_whole(rate_e8),
            lock_covers_a_fill(rate_e8),
            fee_from_proceeds(rate_e8),
        ]
    for number in range(len(RATES_E8)):
        made.append(linear_lock_covers("fee", number))
    for number in range(len(MARGINS_E8)):
        made.append(linear_lock_covers("margin", number))
    for side in SIDE_NAMES:
        made.append(spot_reversal_conserves(side))
    for side, sign in CASES:
        made += [
            linear_fill_conserves(side, sign),
            linear_reversal_conserves(side, sign),
            balances_return_on_reversal(side, sign),
            flat_fill_equals_the_spec(SPOT, side, sign),
            flat_fill_equals_the_spec(LINEAR, side, sign),
            flat_reversal_equals_the_spec(SPOT, side, sign),
            flat_reversal_equals_the_spec(LINEAR, side, sign),
        ]
    return made


PROOFS = (
    "p_spot_fill_conserves",
    "p_spot_fill_with_base_fee_conserves",
    *(f"p_spot_reversal_conserves_{side}" for side in SIDE_NAMES.values()),
    *(f"p_linear_fill_conserves_{case(*which)}" for which in CASES),
    *(f"p_linear_reversal_conserves_{case(*which)}" for which in CASES),
    "p_transfer_changes_the_sum_by_its_amount",
    "p_reconciliation_takes_the_venue_s_word_and_conserves",
    "p_fill_then_reversal_is_identity",
    *(f"p_balances_return_on_reversal_{case(*which)}" for which in CASES),
    "p_fill_keeps_realised_less_cost_the_flow",
    "p_reversal_keeps_realised_less_cost_the_flow",
    "p_cost_is_released_by_floor",
    "p_a_full_close_costs_nothing_more",
    "p_a_flip_closes_all_then_opens",
    "p_a_fill_keeps_the_position_sound",
    *(f"p_fee_is_rounded_up_once_{i}" for i in range(len(RATES_E8))),
    *(f"p_fee_of_a_whole_is_at_most_that_of_its_parts_{i}" for i in range(len(RATES_E8))),
    *(f"p_lock_covers_a_fill_{i}" for i in range(len(RATES_E8))),
    *(f"p_linear_lock_covers_fee_{i}" for i in range(len(RATES_E8))),
    *(f"p_linear_lock_covers_margin_{i}" for i in range(len(MARGINS_E8))),
    "p_linear_lock_adds",
    *(f"p_fee_from_proceeds_is_at_most_them_{i}" for i in range(len(RATES_E8))),
    "p_a_spot_sell_unlocks_what_it_delivers",
    "p_locking_more_than_there_is_is_flagged",
    "p_flat_closing_equals_the_spec",
    *(f"p_flat_spot_fill_equals_the_spec_{case(*which)}" for which in CASES),
    *(f"p_flat_linear_fill_equals_the_spec_{case(*which)}" for which in CASES),
    *(f"p_flat_spot_reversal_equals_the_spec_{case(*which)}" for which in CASES),
    *(f"p_flat_linear_reversal_equals_the_spec_{case(*which)}" for which in CASES),
)

CANARIES = (
    "canary_fee_leaves_the_account_and_reaches_nobody",
    "canary_reversal_keeps_the_fee",
    "canary_reversal_leaves_a_cost_without_a_position",
    "canary_cost_is_released_by_ceiling",
    "canary_a_flip_carries_the_old_cost",
    "canary_fee_rounded_down",
    "canary_lock_rounded_once_for_the_whole_order",
    "canary_flat_closing_forgets_the_bound",
    "canary_vacuous_a_flat_position_with_a_cost",
)
