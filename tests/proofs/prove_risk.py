"""Proofs over unbounded integers: risk is fail-closed, holds its limits at worst, and is refined.

The flat decision asks groups of policies in the spec's order. `p_flat_*` prove each group equal to
the same stretch of `POLICIES`, under what earlier groups have established; `GROUPS` says which
stretch, and a test checks that the stretches are all of `POLICIES` in order. Gross and net are
compared where the order grows; where it does not, `p_making_smaller_*` and the first lines of
`deny_exposure` agree without them.
"""

from collections.abc import Callable

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.kernel import risk as flat
from tickproof.kernel.risk import FlatFacts
from tickproof.spec import risk as spec
from tickproof.spec.commands import CommandKind, OrderType
from tickproof.spec.instrument import FEE_SCALE, InstrumentState
from tickproof.spec.risk import ACTIVE, POLICIES, REDUCING, DenyCode, RiskFacts

NEW, REPLACE, CANCEL = int(CommandKind.NEW), int(CommandKind.REPLACE), int(CommandKind.CANCEL)
LIMIT, MARKET = int(OrderType.LIMIT), int(OrderType.MARKET)

GOOD = RiskFacts(
    kind=NEW,
    key=1,
    order_type=LIMIT,
    side=1,
    price=100,
    quantity=10,
    key_used=0,
    account_known=1,
    instrument_known=1,
    instrument_state=InstrumentState.CONTINUOUS,
    trading_state=ACTIVE,
    tick=1,
    lot_step=1,
    maximum_quantity=1_000,
    money_per_price_lot=1,
    reference_known=1,
    reference_price=100,
    balance_known=1,
    position_known=1,
    exposure_known=1,
    equity_known=1,
)
"""A buy that every policy admits."""

GROUPS: tuple[tuple[Callable[[FlatFacts], int], int, int], ...] = (
    (flat.deny_form, 0, 1),
    (flat.deny_context, 1, 6),
    (flat.deny_missing, 6, 7),
    (flat.deny_grid, 7, 11),
    (flat.deny_price, 11, 15),
    (flat.deny_purpose, 15, 19),
    (flat.deny_exposure, 19, 22),
    (flat.deny_money, 22, 26),
)
"""Each group of the flat decision, and its first and last-but-one place in `POLICIES`."""

SIDE_NAMES = {1: "buy", -1: "sell"}


def flat_of(facts: RiskFacts) -> FlatFacts:
    """The same facts, flat, and symbolic where they are."""
    made = FlatFacts()
    for name in FlatFacts.__slots__:
        setattr(made, name, getattr(facts, name))
    return made


def same(group: int, facts: RiskFacts) -> bool:
    """Whether a group of the flat decision says what its stretch of the policies says."""
    decide_group, first, end = GROUPS[group]
    expected = 0
    for policy in POLICIES[first:end]:
        if policy.denies(facts):
            expected = policy.code
            break
    return decide_group(flat_of(facts)) == expected


# --- the flat decision refines the spec ----------------------------------------------------------


def p_flat_form_codes(kind: int, side: int, order_type: int) -> bool:
    """
    post: _
    """
    return same(0, evolve(GOOD, kind=kind, side=side, order_type=order_type))


def p_flat_form_ranges(key: int, price: int, quantity: int) -> bool:
    """
    post: _
    """
    return same(0, evolve(GOOD, key=key, price=price, quantity=quantity))


def flat_context(kind: int, order_type: int) -> Proof:
    def proof(
        account: int, instrument: int, trading: int, state: int, used: int, at_auction: int
    ) -> bool:
        """
        post: _
        """
        facts = evolve(
            GOOD,
            kind=kind,
            order_type=order_type,
            account_known=account,
            instrument_known=instrument,
            trading_state=trading,
            instrument_state=state,
            key_used=used,
            at_auction=at_auction,
        )
        return same(1, facts)

    kind_name, type_name = CommandKind(kind).name.lower(), OrderType(order_type).name.lower()
    return named(f"p_flat_context_{kind_name}_{type_name}", proof)


def p_flat_missing(
    balance: int, position: int, tick: int, lot_step: int, money: int, gross: int, net: int
) -> bool:
    """
    post: _
    """
    facts = evolve(
        GOOD,
        balance_known=balance,
        position_known=position,
        tick=tick,
        lot_step=lot_step,
        money_per_price_lot=money,
        limit_gross=gross,
        limit_net=net,
    )
    return same(2, facts)


def p_flat_missing_for_limits(
    exposure: int, equity: int, gross: int, net: int, loss: int, drawdown: int
) -> bool:
    """
    post: _
    """
    facts = evolve(
        GOOD,
        exposure_known=exposure,
        equity_known=equity,
        limit_gross=gross,
        limit_net=net,
        limit_loss=loss,
        limit_drawdown=drawdown,
    )
    return same(2, facts)


def flat_grid(order_type: int) -> Proof:
    def proof(
        price: int, tick: int, quantity: int, lot_step: int, least: int, most: int, limit: int
    ) -> bool:
        """
        pre: tick > 0 and lot_step > 0
        post: _
        """
        facts = evolve(
            GOOD,
            order_type=order_type,
            price=price,
            tick=tick,
            quantity=quantity,
            lot_step=lot_step,
            minimum_quantity=least,
            maximum_quantity=most,
            limit_quantity=limit,
        )
        return same(3, facts)

    return named(f"p_flat_grid_{OrderType(order_type).name.lower()}", proof)


def flat_price(order_type: int) -> Proof:
    def proof(
        price: int, quantity: int, known: int, reference: int, collar: int, least: int, most: int
    ) -> bool:
        """
        pre: quantity > 0
        post: _
        """
        facts = evolve(
            GOOD,
            order_type=order_type,
            price=price,
            quantity=quantity,
            reference_known=known,
            reference_price=reference,
            limit_price_collar_e8=collar,
            minimum_notional=least,
            limit_notional=most,
        )
        return same(4, facts)

    return named(f"p_flat_price_{OrderType(order_type).name.lower()}", proof)


def p_flat_price_for_limits(known: int, reference: int, gross: int, net: int) -> bool:
    """
    post: _
    """
    facts = evolve(
        GOOD, reference_known=known, reference_price=reference, limit_gross=gross, limit_net=net
    )
    return same(4, facts)


def flat_purpose(side: int, trading_state: int) -> Proof:
    def proof(
        position: int, buying: int, selling: int, quantity: int, executed: int, reduce_only: int
    ) -> bool:
        """
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            trading_state=trading_state,
            position=position,
            open_buy=buying,
            open_sell=selling,
            quantity=quantity,
            executed=executed,
            reduce_only=reduce_only,
        )
        return same(5, facts)

    state_name = "reducing" if trading_state == REDUCING else "active"
    return named(f"p_flat_purpose_{SIDE_NAMES[side]}_{state_name}", proof)


def flat_self_trade(side: int, order_type: int) -> Proof:
    def proof(price: int, refused: int, known: int, own: int, limit: int, orders: int) -> bool:
        """
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            order_type=order_type,
            price=price,
            self_trade_refused=refused,
            own_opposite_known=known,
            own_opposite_price=own,
            limit_open_orders=limit,
            open_orders=orders,
        )
        return same(5, facts)

    type_name = OrderType(order_type).name.lower()
    return named(f"p_flat_self_trade_{SIDE_NAMES[side]}_{type_name}", proof)


def flat_position(side: int) -> Proof:
    def proof(
        position: int,
        buying: int,
        selling: int,
        quantity: int,
        executed: int,
        held: int,
        limit: int,
    ) -> bool:
        """
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            position=position,
            open_buy=buying,
            open_sell=selling,
            quantity=quantity,
            executed=executed,
            held=held,
            limit_position=limit,
        )
        return same(6, facts)

    return named(f"p_flat_position_{SIDE_NAMES[side]}", proof)


def flat_gross(side: int) -> Proof:
    def proof(
        position: int, buying: int, selling: int, quantity: int, held: int, limit: int, others: int
    ) -> bool:
        """
        pre: 0 <= held < quantity
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            position=position,
            open_buy=buying,
            open_sell=selling,
            quantity=quantity,
            held=held,
            limit_gross=limit,
            gross_others=others,
        )
        return same(6, facts)

    return named(f"p_flat_gross_{SIDE_NAMES[side]}", proof)


def flat_net(side: int) -> Proof:
    def proof(
        position: int, same_side: int, quantity: int, held: int, limit: int, others: int
    ) -> bool:
        """
        pre: 0 <= held < quantity
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            position=position,
            open_buy=same_side if side == 1 else 3,
            open_sell=same_side if side == -1 else 3,
            quantity=quantity,
            held=held,
            limit_net=limit,
            net_high_others=others if side == 1 else 7,
            net_low_others=others if side == -1 else 7,
        )
        return same(6, facts)

    return named(f"p_flat_net_{SIDE_NAMES[side]}", proof)


def flat_money(side: int) -> Proof:
    def proof(
        position: int, open_same: int, equity: int, start: int, loss: int, free: int, needed: int
    ) -> bool:
        """
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            position=position,
            open_buy=open_same if side == 1 else 3,
            open_sell=open_same if side == -1 else 3,
            equity=equity,
            initial_equity=start,
            limit_loss=loss,
            free_balance=free,
            needed_lock=needed,
        )
        return same(7, facts)

    return named(f"p_flat_money_{SIDE_NAMES[side]}", proof)


def p_flat_drawdown(
    position: int, equity: int, peak: int, limit: int, needed: int, used: int
) -> bool:
    """
    post: _
    """
    facts = evolve(
        GOOD,
        position=position,
        equity=equity,
        peak_equity=peak,
        limit_drawdown=limit,
        needed_lock=needed,
        list_used=used,
    )
    return same(7, facts)


# --- fail-closed ---------------------------------------------------------------------------------


def unknown_is_denied(name: str) -> Proof:
    def proof(value: int, quantity: int, position: int) -> bool:
        """
        pre: value != 1
        post: _
        """
        facts = evolve(
            GOOD,
            limit_price_collar_e8=1,
            limit_gross=10**30,
            limit_loss=10**30,
            quantity=quantity,
            position=position,
            **{name: value},
        )
        return spec.decide(facts) != 0

    return named(f"p_{name.removesuffix('_known')}_unknown_is_denied", proof)


def p_market_without_reference_is_denied(known: int, reference: int, quantity: int) -> bool:
    """
    pre: known != 1 or reference <= 0
    post: _
    """
    facts = evolve(
        GOOD,
        order_type=MARKET,
        price=0,
        quantity=quantity,
        reference_known=known,
        reference_price=reference,
    )
    return spec.decide(facts) != 0


def p_nothing_but_a_cancel_passes_a_halt(kind: int, trading_state: int, quantity: int) -> bool:
    """
    pre: trading_state != 0 and trading_state != 1
    post: _
    """
    facts = evolve(GOOD, kind=kind, trading_state=trading_state, quantity=quantity, held=quantity)
    return spec.decide(facts) != 0 or kind == CANCEL


def p_a_cancel_is_never_denied(
    account: int, instrument: int, trading: int, balance: int, free: int, needed: int
) -> bool:
    """
    post: _
    """
    facts = RiskFacts(
        kind=CANCEL,
        account_known=account,
        instrument_known=instrument,
        trading_state=trading,
        balance_known=balance,
        free_balance=free,
        needed_lock=needed,
    )
    return spec.decide(facts) == 0 and flat.decide_flat(flat_of(facts)) == 0


def p_an_unknown_kind_is_denied(kind: int) -> bool:
    """
    pre: kind != 1 and kind != 2 and kind != 3
    post: _
    """
    return spec.decide(evolve(GOOD, kind=kind)) == DenyCode.MALFORMED


# --- what an admission means ---------------------------------------------------------------------


def reducing_never_grows_or_flips(side: int) -> Proof:
    def proof(position: int, resting: int, quantity: int, others: int, own: int) -> bool:
        """
        pre: spec.reducing_ok(position, resting, side, quantity)
        pre: 0 <= others <= resting and 0 <= own <= quantity
        post: _
        """
        after = position + side * (others + own)
        return abs(after) <= abs(position) and (after >= 0) == (position > 0 or after == 0)

    return named(f"p_what_reduces_never_grows_or_flips_{SIDE_NAMES[side]}", proof)


def reducing_state_admits_only_reductions(side: int, by_state: bool) -> Proof:
    def proof(
        position: int, resting: int, quantity: int, executed: int, others: int, own: int
    ) -> bool:
        """
        pre: 0 <= others <= resting and 0 <= own <= max(quantity - executed, 0)
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            trading_state=REDUCING if by_state else ACTIVE,
            reduce_only=0 if by_state else 1,
            position=position,
            open_buy=resting if side == 1 else 0,
            open_sell=resting if side == -1 else 0,
            quantity=quantity,
            executed=executed,
            maximum_quantity=quantity,
        )
        after = position + side * (others + own)
        kept = abs(after) <= abs(position) and (after == 0 or (after > 0) == (position > 0))
        return kept or spec.decide(facts) != 0

    rule = "reducing" if by_state else "reduce_only"
    return named(f"p_{rule}_admits_only_reductions_{SIDE_NAMES[side]}", proof)


def p_the_collar_is_symmetric(reference: int, distance: int, collar: int) -> bool:
    """
    pre: reference > 0
    post: _
    """
    above = evolve(
        GOOD,
        price=reference + distance,
        reference_price=reference,
        limit_price_collar_e8=collar,
    )
    below = evolve(above, price=reference - distance)
    return spec.price_collar(above) == spec.price_collar(below)


def p_the_collar_s_edge_is_inside(reference: int, distance: int, collar: int) -> bool:
    """
    pre: reference > 0 and distance >= 0 and collar > 0
    post: _
    """
    facts = evolve(
        GOOD,
        price=reference + distance,
        reference_price=reference,
        limit_price_collar_e8=collar,
    )
    return spec.price_collar(facts) == (distance * FEE_SCALE > reference * collar)


def p_needing_more_never_admits(needed: int, more: int, free: int) -> bool:
    """
    pre: more >= 0
    post: _
    """
    first = evolve(GOOD, needed_lock=needed, free_balance=free)
    second = evolve(GOOD, needed_lock=needed + more, free_balance=free)
    return spec.decide(first) == 0 or spec.decide(second) != 0


def p_an_admitted_lock_is_free(needed: int, free: int) -> bool:
    """
    pre: needed > 0
    post: _
    """
    facts = evolve(GOOD, needed_lock=needed, free_balance=free)
    return (spec.decide(facts) == 0) == (needed <= free)


def position_limit_holds(side: int) -> Proof:
    def proof(
        position: int, resting: int, asked: int, held: int, limit: int, others: int, own: int
    ) -> bool:
        """
        pre: limit > 0 and 0 <= held < asked and 0 <= others <= resting and 0 <= own <= asked
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            position=position,
            open_buy=resting if side == 1 else 0,
            open_sell=resting if side == -1 else 0,
            quantity=asked,
            held=held,
            limit_position=limit,
        )
        return spec.maximum_position(facts) or side * position + others + own <= limit

    return named(f"p_the_position_limit_holds_at_worst_{SIDE_NAMES[side]}", proof)


def gross_counts_every_fill(side: int) -> Proof:
    def proof(
        position: int, buying: int, selling: int, asked: int, bought: int, sold: int, own: int
    ) -> bool:
        """
        pre: 0 <= bought <= buying and 0 <= sold <= selling and 0 <= own <= asked
        post: _
        """
        facts = evolve(
            GOOD,
            side=side,
            reference_price=1,
            position=position,
            open_buy=buying,
            open_sell=selling,
        )
        return abs(position + bought - sold + side * own) <= spec.worst_gross(facts, asked)

    return named(f"p_gross_counts_every_way_to_fill_{SIDE_NAMES[side]}", proof)


def smaller_is_not_denied(side: int) -> Proof:
    def proof(position: int, resting: int, quantity: int, held: int, limit: int) -> bool:
        """
        pre: 0 < quantity <= held
        post: _
        """
        facts = evolve(
            GOOD,
            kind=REPLACE,
            side=side,
            position=position,
            open_buy=resting,
            open_sell=resting,
            quantity=quantity,
            held=held,
            limit_position=limit,
            limit_gross=limit,
            limit_net=limit,
        )
        return not (
            spec.maximum_position(facts) or spec.maximum_gross(facts) or spec.maximum_net(facts)
        )

    return named(f"p_making_smaller_is_not_denied_for_exposure_{SIDE_NAMES[side]}", proof)


def no_self_trade(side: int) -> Proof:
    def proof(price: int, own: int) -> bool:
        """
        pre: price > 0
        post: _
        """
        facts = evolve(GOOD, side=side, price=price, own_opposite_known=1, own_opposite_price=own)
        crosses = (price >= own) if side == 1 else (price <= own)
        return spec.self_trade(facts) == crosses

    return named(f"p_what_could_meet_an_own_order_is_denied_{SIDE_NAMES[side]}", proof)


def p_an_admitted_price_and_quantity_are_on_the_grid(
    price: int, tick: int, quantity: int, lot_step: int
) -> bool:
    """
    post: _
    """
    facts = evolve(GOOD, price=price, tick=tick, quantity=quantity, lot_step=lot_step)
    return spec.decide(facts) != 0 or (
        tick > 0
        and lot_step > 0
        and price > 0
        and quantity > 0
        and price % tick == 0
        and quantity % lot_step == 0
    )


# --- planted bugs --------------------------------------------------------------------------------


def canary_collar_one_sided(reference: int, distance: int, collar: int) -> bool:
    """
    pre: reference > 0 and collar > 0
    post: _
    """
    facts = evolve(
        GOOD,
        price=reference + distance,
        reference_price=reference,
        limit_price_collar_e8=collar,
    )
    return spec.price_collar(facts) == (distance * FEE_SCALE > reference * collar)


def canary_reducing_looks_at_the_side_alone(position: int, quantity: int) -> bool:
    """
    pre: position > 0 and quantity > 0
    post: _
    """
    return position - quantity >= 0


def canary_reducing_forgets_other_orders(position: int, resting: int, quantity: int) -> bool:
    """
    pre: spec.reducing_ok(position, 0, -1, quantity) and resting >= 0
    post: _
    """
    return position - resting - quantity >= 0


def canary_a_reference_is_not_asked_for(known: int, quantity: int) -> bool:
    """
    pre: known != 1 and 0 < quantity < 1000
    post: _
    """
    facts = evolve(GOOD, quantity=quantity, reference_known=known)
    return spec.decide(facts) != 0


def canary_flat_gross_forgets_the_other_side(
    position: int, buying: int, selling: int, quantity: int, limit: int
) -> bool:
    """
    pre: quantity > 0 and limit > 0
    post: _
    """
    facts = evolve(
        GOOD,
        position=position,
        open_buy=buying,
        open_sell=selling,
        quantity=quantity,
        limit_gross=limit,
    )
    return spec.maximum_gross(facts) == (abs(position + buying + quantity) * 100 > limit)


def canary_the_limit_s_edge_is_outside(position: int, quantity: int, limit: int) -> bool:
    """
    pre: quantity > 0 and limit > 0
    post: _
    """
    facts = evolve(GOOD, position=position, quantity=quantity, limit_position=limit)
    return spec.maximum_position(facts) == (position + quantity >= limit)


# --- lists ---------------------------------------------------------------------------------------

KNOWLEDGE = (
    "account_known",
    "instrument_known",
    "balance_known",
    "position_known",
    "reference_known",
    "exposure_known",
    "equity_known",
)


def generated() -> list[Proof]:
    """One proof per side, type, kind or fact, where CrossHair needs it concrete."""
    made = [unknown_is_denied(name) for name in KNOWLEDGE]
    for order_type in (LIMIT, MARKET):
        made += [flat_context(kind, order_type) for kind in (NEW, REPLACE)]
        made += [flat_grid(order_type), flat_price(order_type)]
    for side in SIDE_NAMES:
        made += [flat_purpose(side, state) for state in (ACTIVE, REDUCING)]
        made += [flat_self_trade(side, order_type) for order_type in (LIMIT, MARKET)]
        made += [flat_position(side), flat_gross(side), flat_net(side), flat_money(side)]
        made += [reducing_state_admits_only_reductions(side, by) for by in (True, False)]
        made += [
            reducing_never_grows_or_flips(side),
            position_limit_holds(side),
            gross_counts_every_fill(side),
            smaller_is_not_denied(side),
            no_self_trade(side),
        ]
    return made


KINDS, SIDES = ("new", "replace"), ("buy", "sell")
TYPES, STATES = ("limit", "market"), ("active", "reducing")
SIDED = (
    "p_flat_position",
    "p_flat_gross",
    "p_flat_net",
    "p_flat_money",
    "p_reducing_admits_only_reductions",
    "p_reduce_only_admits_only_reductions",
    "p_what_reduces_never_grows_or_flips",
    "p_the_position_limit_holds_at_worst",
    "p_gross_counts_every_way_to_fill",
    "p_making_smaller_is_not_denied_for_exposure",
    "p_what_could_meet_an_own_order_is_denied",
)

PROOFS = (
    "p_flat_form_codes",
    "p_flat_form_ranges",
    *(f"p_flat_context_{kind}_{name}" for kind in KINDS for name in TYPES),
    "p_flat_missing",
    "p_flat_missing_for_limits",
    *(f"p_flat_grid_{name}" for name in TYPES),
    *(f"p_flat_price_{name}" for name in TYPES),
    "p_flat_price_for_limits",
    *(f"p_flat_purpose_{side}_{state}" for side in SIDES for state in STATES),
    *(f"p_flat_self_trade_{side}_{name}" for side in SIDES for name in TYPES),
    "p_flat_drawdown",
    *(f"p_{name.removesuffix('_known')}_unknown_is_denied" for name in KNOWLEDGE),
    "p_market_without_reference_is_denied",
    "p_nothing_but_a_cancel_passes_a_halt",
    "p_a_cancel_is_never_denied",
    "p_an_unknown_kind_is_denied",
    "p_the_collar_is_symmetric",
    "p_the_collar_s_edge_is_inside",
    "p_needing_more_never_admits",
    "p_an_admitted_lock_is_free",
    "p_an_admitted_price_and_quantity_are_on_the_grid",
    *(f"{name}_{side}" for name in SIDED for side in SIDES),
)

CANARIES = (
    "canary_collar_one_sided",
    "canary_reducing_looks_at_the_side_alone",
    "canary_reducing_forgets_other_orders",
    "canary_a_reference_is_not_asked_for",
    "canary_flat_gross_forgets_the_other_side",
    "canary_the_limit_s_edge_is_outside",
)
