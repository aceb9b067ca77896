"""Icebergs: every rule has a witness, and the parts of one read as they should."""

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
