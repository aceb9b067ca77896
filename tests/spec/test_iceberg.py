"""Icebergs: every rule has a witness, and the parts of one read as they should."""

from itertools import product

from tests.verification.rows import iceberg_witnesses
from tickproof.spec.iceberg import (
    ICEBERG,
    Ice,
    Iceberg,
    IceRefusal,
    Melt,
    inv,
    rested,
    state_of,
    step,
)
from tickproof.spec.table import Row


def test_every_rule_has_a_witness() -> None:
    assert {*iceberg_witnesses()} == {rule.id for rule in ICEBERG.rules}


def test_the_parts_of_an_order_of_ten_that_shows_four() -> None:
    ice = rested(10, 0, 4)
    seen = []
    for lots in (3, 1, 4, 2):
        ice, _ = step(ice, Melt.TRADED, lots)
        seen.append((ice.executed, ice.shown, ice.requeued))
    assert seen == [(3, 1, 0), (4, 4, 1), (8, 2, 1), (10, 0, 0)]
    assert state_of(ice) == Ice.GONE
    assert step(ice, Melt.TRADED, 1) == (ice, IceRefusal.NOTHING_LEFT)


def test_what_trades_beyond_the_price_takes_hidden_lots_too() -> None:
    assert step(rested(10, 0, 4), Melt.TRADED, 9)[0] == Iceberg(10, 9, 4, 1, 1)
    assert step(rested(10, 0, 4), Melt.TRADED, 11)[0] == Iceberg(10, 10, 4, 0)


def test_an_amendment_takes_hidden_lots_first() -> None:
    ice = step(rested(10, 0, 4), Melt.TRADED, 1)[0]
    assert step(ice, Melt.AMENDED, 6)[0] == Iceberg(6, 1, 4, 3)
    assert step(ice, Melt.AMENDED, 3)[0] == Iceberg(3, 1, 4, 2)
    assert step(ice, Melt.AMENDED, 1)[0] == Iceberg(1, 1, 4, 0)
    assert step(ice, Melt.AMENDED, 20)[0] == Iceberg(20, 1, 4, 3)


def test_an_order_without_a_display_shows_all_of_itself() -> None:
    assert rested(10, 2, 0) == Iceberg(10, 2, 0, 8)
    assert state_of(rested(10, 2, 0)) == Ice.SHOWS


def test_the_invariant_knows_what_cannot_be() -> None:
    assert inv(rested(10, 2, 3))
    for wrong in (
        Iceberg(10, 11, 3, 0),
        Iceberg(10, 2, -1, 3),
        Iceberg(10, 2, 0, 3),
        Iceberg(10, 2, 3, 4),
        Iceberg(10, 2, 3, 0),
        Iceberg(10, 10, 3, 1),
        Iceberg(10, 9, 3, 2),
    ):
        assert not inv(wrong)


def is_possible(total: int, executed: int, display: int, shown: int) -> bool:
    """`inv` in other words: which parts of an order may be shown."""
    leaves = total - executed
    if leaves < 0 or display < 0:
        return False
    if display == 0 or leaves == 0:
        return shown == leaves
    return shown in range(1, min(display, leaves) + 1)


ICEBERGS = [
    Iceberg(total, executed, display, shown, requeued)
    for total, executed, display, shown, requeued in product(
        range(6), range(6), range(4), range(7), (0, 1)
    )
    if is_possible(total, executed, display, shown)
]
"""Every small one, whatever happened to it last."""


def test_of_all_small_numbers_the_invariant_lets_through_what_is_possible() -> None:
    for numbers in product(range(6), range(6), range(-1, 4), range(-1, 7)):
        assert inv(Iceberg(*numbers)) == is_possible(*numbers)


def after(ice: Iceberg, melt: int, lots: int) -> Iceberg:
    """What becomes of an order of which something is left, without tables."""
    if melt == Melt.AMENDED:
        left = max(lots - ice.executed, 0)
        shown = min(ice.shown, left) if ice.display else left
        return Iceberg(ice.executed + left, ice.executed, ice.display, shown, 0)
    traded = min(lots, ice.total - ice.executed)
    left = ice.total - ice.executed - traded
    reloads = lots >= ice.shown and left > 0
    shown = min(ice.display, left) if reloads else ice.shown - min(traded, ice.shown)
    return Iceberg(ice.total, ice.executed + traded, ice.display, shown, int(reloads))


def test_every_small_iceberg_in_everything_that_can_happen_to_it() -> None:
    for ice, melt, lots in product(ICEBERGS, Melt, range(8)):
        state = state_of(ice)
        left = ice.total - ice.executed
        assert state == (Ice.GONE if not left else Ice.HIDES if left > ice.shown else Ice.SHOWS)
        found, refusal = step(ice, melt, lots)
        if state == Ice.GONE:
            assert (found, refusal) == (ice, IceRefusal.NOTHING_LEFT)
            continue
        assert (found, refusal) == (after(ice, melt, lots), 0)
        assert is_possible(found.total, found.executed, found.display, found.shown)
        rule = ICEBERG.select(state, melt, ice, lots)
        assert isinstance(rule, Row)
        assert state_of(found) == rule.target


def test_an_order_rests_with_its_first_part_shown() -> None:
    for total, executed, display in product(range(6), range(3), range(3)):
        if executed <= total:
            left = total - executed
            shown = min(display, left) if display else left
            assert rested(total, executed, display) == Iceberg(total, executed, display, shown, 0)
