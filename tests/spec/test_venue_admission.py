"""Admission and tenure: precedence, every rule by its own witness, filters."""

from itertools import product

import pytest
from attrs import astuple, evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import venue_admission as spec
from tickproof.spec.commands import CONDITIONAL_TYPES, OrderType, TimeInForce
from tickproof.spec.events import Reason
from tickproof.spec.instructions import INSTRUCTION_FIELDS, PLAIN
from tickproof.spec.instrument import Instrument
from tickproof.spec.table import Refuse, Row
from tickproof.spec.venue_admission import (
    ADMISSION,
    TENURE,
    Command,
    OrderClass,
    Situation,
    Tenure,
    Terms,
    Verdict,
    Wanted,
)

INSTRUMENT = Instrument(0, "X", 0, 0, 0, 1, 1, 3, 1, 1)
BOOLEANS = (False, True)
TIMES = tuple(TimeInForce)


# --- classification ------------------------------------------------------------------------------


def test_order_classes() -> None:
    found = {
        (order_type, tif): spec.order_class(order_type, tif)
        for order_type in OrderType
        for tif in TimeInForce
    }
    known = TIMES[:4]
    assert {found[OrderType.MARKET, tif] for tif in known} == {OrderClass.MARKET}
    limits = [found[OrderType.LIMIT, tif] for tif in known]
    assert limits == [
        OrderClass.LIMIT_GTC,
        OrderClass.LIMIT_IOC,
        OrderClass.LIMIT_FOK,
        OrderClass.LIMIT_GTD,
    ]
    makers = [found[OrderType.LIMIT_MAKER, tif] for tif in known]
    assert makers == [
        OrderClass.MAKER_GTC,
        OrderClass.UNSUPPORTED,
        OrderClass.UNSUPPORTED,
        OrderClass.MAKER_GTD,
    ]
    auction = (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE)
    for kind in OrderType:
        waits = kind in (OrderType.LIMIT, OrderType.MARKET)
        expected = [OrderClass.AT_OPEN, OrderClass.AT_CLOSE] if waits else [0, 0]
        assert [found[kind, tif] for tif in auction] == expected
    assert spec.order_class(0, 1) == spec.order_class(1, 0) == OrderClass.UNSUPPORTED


def test_what_the_venue_knows_of_an_order_is_by_its_type() -> None:
    """What becomes another type may wait for a price, MARKET may be for money, the rest all may."""
    for name in INSTRUCTION_FIELDS:
        asked = evolve(PLAIN, **{name: 1})
        for order_type in OrderType:
            expected = True
            if name in ("trigger_price", "trigger_on", "trailing_e4"):
                expected = order_type in CONDITIONAL_TYPES
            elif name == "quote_quantity":
                expected = order_type == OrderType.MARKET
            assert spec.known_here(order_type, asked) == expected, (name, order_type)
            is_supported = spec.order_class(order_type, 1, asked) != OrderClass.UNSUPPORTED
            assert is_supported == expected, (name, order_type)


def test_the_first_situation_that_holds_decides() -> None:
    seen = set()
    lots = [(shown, unused) for shown in (0, 4, 5) for unused in (0, 4, 5) if unused <= shown]
    for flags, (shown, unused) in product(product(BOOLEANS, repeat=8), lots):
        known, trading, passed, dated, limited, flat, opposite, reaches = flags
        holds = [
            known,
            not trading,
            not passed,
            dated,
            limited,
            flat,
            not opposite,
            not reaches,
            shown < 5,
            unused < 5,
            True,
        ]
        found = spec.situation(
            known, trading, passed, dated, limited, flat, opposite, reaches, shown, unused, 5
        )
        assert found == holds.index(True)
        seen.add(found)
    assert seen == set(Situation)


def test_the_first_replace_command_that_holds_decides() -> None:
    seen = set()
    flags = product(BOOLEANS, BOOLEANS, BOOLEANS, BOOLEANS, BOOLEANS, (0, 1))
    for trading, passed, maker, full, reduces, loses in flags:
        for new_total, new_price in product((2, 3, 5, 6, 7), (99, 100)):
            found = spec.replace_command(
                trading, passed, 3, 6, 100, new_total, new_price, loses, maker, full, reduces
            )
            less = new_price == 100 and new_total < 6
            in_place = new_price == 100 and (new_total <= 6 or not loses)
            holds = [
                not trading, not passed, maker, new_total <= 3, full, reduces and not less,
                in_place, True,
            ]  # fmt: skip
            assert found == Command.REPLACE_NOT_TRADING + holds.index(True)
            seen.add(found)
    assert len(seen) == 8
    reopening = spec.replace_command(True, True, 6, 6, 100, 7, 100, 0, False, False, False)
    assert reopening == Command.REPLACE_TO_BACK


@given(st.integers(0, 10), st.integers(0, 10))
def test_a_limit_reaches_what_it_crosses_or_locks(price: int, opposite: int) -> None:
    assert spec.marketable(1, price, opposite) == (price >= opposite)
    assert spec.marketable(-1, price, opposite) == (price <= opposite)


# --- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ADMISSION.rules, ids=lambda rule: str(rule.id))
def test_every_admission_rule_is_the_one_its_cell_gives(rule: Row | Refuse) -> None:
    assert ADMISSION.select(rule.source, rule.event, rule.source, rule.event) is rule
    if isinstance(rule, Refuse):
        assert spec.REASONS[rule.code] != Reason.NONE
        return
    verdict = rule.effect(rule.source, rule.event)
    assert isinstance(verdict, Verdict)
    # What does not rest is cancelled with a reason; what rests needs none; using is not taking.
    assert (verdict.reason == Reason.NONE) == (verdict.rests + verdict.waits == 1)
    assert not (verdict.takes and verdict.uses)
    marketable = rule.event >= Situation.MARKETABLE_SHORT
    assert not (verdict.takes or verdict.uses) or marketable


def test_a_refusal_carries_the_reason_that_says_the_same() -> None:
    other_words = {"NOT_TRADING": "INSTRUMENT_NOT_TRADING", "LIMIT": "LIMIT_REACHED"}
    other_words |= {"DATE_PASSED": "GOOD_TILL_DATE", "UNSUPPORTED": "OTHER", "NOT_LESS": "FILTER"}
    for codes, reasons in (
        (spec.AdmissionRefusal, spec.REASONS),
        (spec.TenureRefusal, spec.TENURE_REASONS),
    ):
        assert sorted(reasons) == sorted(codes)
        for code in codes:
            assert Reason(reasons[code]).name == other_words.get(code.name, code.name)


def test_what_limits_and_positions_decide_is_decided_apart() -> None:
    situations = (Situation.LIMIT_REACHED, Situation.NOTHING_TO_REDUCE)
    for rule in ADMISSION.rules:
        apart = rule.event in situations and rule.source != OrderClass.UNSUPPORTED
        waits = rule.source in (OrderClass.AT_OPEN, OrderClass.AT_CLOSE)
        apart = apart or (waits and rule.event > Situation.NOTHING_TO_REDUCE)
        assert (rule.decision == spec.LIMITS_DECISION) == apart
    commands = (
        Command.PREVENTED,
        Command.POSITION_SMALLER,
        Command.POSITION_GONE,
        Command.REPLACE_OVER_LIMIT,
        Command.REPLACE_NOT_LESS,
    )
    for rule in TENURE.rules:
        apart = rule.event in commands and rule.source in (Tenure.RESTING, Tenure.FILLED)
        assert (rule.decision == spec.LIMITS_DECISION) == apart


def test_only_post_only_orders_are_refused_for_reaching() -> None:
    for kind, seen in product(OrderClass, Situation):
        rule = ADMISSION.select(kind, seen, kind, seen)
        refused = isinstance(rule, Refuse) and rule.code == spec.AdmissionRefusal.WOULD_TAKE
        maker = kind in (OrderClass.MAKER_GTC, OrderClass.MAKER_GTD)
        assert refused == (maker and seen >= Situation.MARKETABLE_SHORT)


@pytest.mark.parametrize("rule", TENURE.rules, ids=lambda rule: str(rule.id))
def test_every_tenure_rule_is_the_one_its_cell_gives(rule: Row | Refuse) -> None:
    terms, wanted = Terms(100, 6, 3), Wanted(99, 5)
    assert TENURE.select(rule.source, rule.event, terms, wanted) is rule
    if isinstance(rule, Refuse):
        assert spec.TENURE_REASONS[rule.code] != Reason.NONE
        return
    after = rule.effect(terms, wanted)
    assert after.executed == terms.executed
    assert after.total >= after.executed
    # An order that rests after an amendment still wants something.
    if rule.target == Tenure.RESTING:
        assert after.total > after.executed
    if rule.event == Command.REPLACE_IN_PLACE and rule.source == Tenure.RESTING:
        assert (after.price, after.requeued) == (100, 0)
    elif after.requeued:
        assert (after.price, after.total, rule.target) == (99, 5, Tenure.RESTING)


def test_death_is_final_and_unknown_stays_unknown() -> None:
    for command in Command:
        for state in (Tenure.UNKNOWN, Tenure.CLOSED):
            assert isinstance(TENURE.cells[state][command][0], Refuse)


# --- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "quantity", "passed"),
    [
        (10, 4, True),
        (11, 4, False),
        (0, 4, False),
        (-10, 4, False),
        (10, 3, False),
        (10, 0, False),
        (10, -4, False),
        (10, 2, False),
        (10, 22, False),
        (5, 4, False),
        (5, 8, True),
    ],
)
def test_filters(price: int, quantity: int, passed: bool) -> None:
    filters = spec.Filters(5, 2, 4, 20, 40)
    found = spec.filters_passed(filters, INSTRUMENT, OrderType.LIMIT, price, quantity)
    assert found == passed


def test_a_market_order_has_no_price_to_filter() -> None:
    filters = spec.filters_of(evolve(INSTRUMENT, tick=5, minimum_notional=1000))
    assert spec.filters_passed(filters, INSTRUMENT, OrderType.MARKET, 0, 1)


def test_the_edges_of_filters_are_inside_and_nothing_is_no_order() -> None:
    filters = spec.Filters(1, 1, 0, 20, 0)
    limit = OrderType.LIMIT
    assert spec.filters_passed(filters, INSTRUMENT, limit, 1, 1)
    assert spec.filters_passed(filters, INSTRUMENT, limit, 1, 20)
    assert not spec.filters_passed(filters, INSTRUMENT, limit, 1, 21)
    assert not spec.filters_passed(filters, INSTRUMENT, limit, 1, 0)
    assert not spec.filters_passed(filters, INSTRUMENT, limit, 0, 1)


# --- what effects say, word by word --------------------------------------------------------------


def test_what_each_verdict_says() -> None:
    none, remainder = Reason.NONE, Reason.IMMEDIATE_REMAINDER
    expected = {
        spec.rest: (0, 0, 1, none),
        spec.take_then_rest: (1, 0, 1, none),
        spec.take_then_cancel: (1, 0, 0, remainder),
        spec.take_then_end: (1, 0, 0, Reason.NO_LIQUIDITY),
        spec.cancel_whole: (0, 0, 0, remainder),
        spec.kill: (0, 0, 0, Reason.FILL_OR_KILL),
        spec.kill_and_use: (0, 1, 0, Reason.FILL_OR_KILL),
        spec.find_nothing: (0, 0, 0, Reason.NO_LIQUIDITY),
        spec.wait_for_auction: (0, 0, 0, none),
    }
    assert {rule.effect for rule in ADMISSION.rules if isinstance(rule, Row)} == expected.keys()
    for effect, verdict in expected.items():
        waits = int(effect is spec.wait_for_auction)
        assert astuple(effect(0, 0)) == (*verdict, waits)
    assert astuple(Verdict()) == (0, 0, 0, none, 0)


def test_what_amendments_leave() -> None:
    terms, wanted = Terms(100, 6, 3, 1), Wanted(99, 5)
    assert astuple(spec.amend_in_place(terms, wanted)) == (100, 5, 3, 0)
    assert astuple(spec.amend_to_back(evolve(terms, requeued=0), wanted)) == (99, 5, 3, 1)
    assert astuple(spec.end_filled(terms, wanted)) == (100, 3, 3, 0)
    assert astuple(Terms(1, 2, 3)) == (1, 2, 3, 0)
    assert astuple(Wanted()) == (0, 0)


def test_a_known_id_is_refused_for_exactly_once_and_the_rest_for_the_venue_s_state() -> None:
    for rule in ADMISSION.rules:
        if isinstance(rule, Refuse) and rule.code != spec.AdmissionRefusal.WOULD_TAKE:
            known = rule.code == spec.AdmissionRefusal.DUPLICATE
            assert rule.requirements == (("M6",) if known else ("Q9",))
