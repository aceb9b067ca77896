"""An order's place: every rule seen, bounds that hold, and the formula of Q6 to the letter."""

from fractions import Fraction
from itertools import product
from math import floor

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import price_queue as spec
from tickproof.spec.events import TradeKind
from tickproof.spec.instrument import Instrument, QueueDeclaration
from tickproof.spec.price_queue import (
    FillModel,
    QueueEstimate,
    QueueEvent,
    QueueInput,
    QueueState,
)
from tickproof.spec.table import Refuse

MODELS = (FillModel.PESSIMISTIC, FillModel.CALIBRATED, FillModel.OPTIMISTIC)
INSTRUMENT = Instrument(0, "X", 0, 0, 0, 1, 1, 3, 1, 1)


def instrument(queue: QueueDeclaration, price_change: int = 1, increase: int = 1) -> Instrument:
    return evolve(
        INSTRUMENT,
        queue=queue,
        price_change_loses_priority=price_change,
        increase_loses_priority=increase,
    )


def joined(size: int, *, per_event: int = 1, current: int = 1, own_ahead: int = 0) -> QueueEstimate:
    seen = QueueInput(
        stamp_ns=10,
        size=size,
        current=current,
        own_ahead=own_ahead,
        maximum_declared=1,
        minimum_declared=per_event,
    )
    return spec.apply(spec.ABSENT, QueueEvent.JOINED, seen)[0]


def after(place: QueueEstimate, event: QueueEvent, **seen: int) -> QueueEstimate:
    return spec.apply(place, event, QueueInput(**seen))[0]


# --- the table -----------------------------------------------------------------------------------


def _inputs() -> list[QueueInput]:
    found = []
    for stamp, size, current, declared, kind, side, keeps in product(
        (9, 10, 11),
        (spec.UNKNOWN, 5),
        (0, 1),
        (0, 1),
        (TradeKind.CONTINUOUS, TradeKind.BLOCK),
        (-1, 0, 1),
        (0, 1),
    ):
        seen = QueueInput(
            stamp_ns=stamp,
            size=size,
            current=current,
            quantity=2,
            trade_kind=kind,
            resting_side=side,
            keeps_priority=keeps,
            maximum_declared=declared,
        )
        found.append(seen)
    return found


def _places() -> list[QueueEstimate]:
    undeclared = QueueInput(stamp_ns=10, size=5)
    return [
        spec.ABSENT,
        joined(5),
        joined(5, current=0),
        spec.apply(spec.ABSENT, QueueEvent.JOINED, undeclared)[0],
    ]


WITNESSES = {
    rule.id: (place, event, seen)
    for place in reversed(_places())
    for event in QueueEvent
    for seen in _inputs()
    for rule in [spec.TABLE.select(place.code, event, place, seen)]
}


@pytest.mark.parametrize("rule_id", [rule.id for rule in spec.TABLE.rules])
def test_every_rule_has_a_witness(rule_id: str) -> None:
    place, event, seen = WITNESSES[rule_id]
    if event == QueueEvent.LEVEL_UPDATE and seen.size < 0:
        seen = evolve(seen, size=5)
    result, rule = spec.apply(place, event, seen)
    assert rule.id == rule_id
    if isinstance(rule, Refuse):
        assert result == place
    else:
        assert result.code == rule.target
        assert spec.inv(result)


def test_guards_are_exhaustive_and_disjoint() -> None:
    for place, event, seen in product(_places(), QueueEvent, _inputs()):
        rules = spec.TABLE.cells[place.code][event]
        assert sum(rule.guard(place, seen) for rule in rules) == 1


# --- declarations --------------------------------------------------------------------------------


def test_bounds_need_their_declarations() -> None:
    everything = QueueDeclaration(per_event=1, size_up_in_place_excluded=1)
    assert spec.maximum_declared(instrument(everything)) == 1
    assert spec.minimum_declared(instrument(everything)) == 1
    assert spec.maximum_declared(instrument(QueueDeclaration())) == 1
    assert spec.minimum_declared(instrument(QueueDeclaration())) == 0
    for name in (
        "strict_price_time",
        "hidden_behind_displayed",
        "reload_to_back",
        "no_market_impact",
    ):
        lacking = instrument(evolve(everything, **{name: 0}))
        assert spec.maximum_declared(lacking) == spec.minimum_declared(lacking) == 0
    assert spec.maximum_declared(instrument(everything, price_change=0)) == 0
    assert spec.maximum_declared(instrument(everything, increase=0)) == 0
    assert spec.minimum_declared(instrument(evolve(everything, per_event=0))) == 0
    assert spec.minimum_declared(instrument(evolve(everything, size_up_in_place_excluded=0))) == 0


def test_without_declarations_the_bounds_say_nothing() -> None:
    place = after(spec.ABSENT, QueueEvent.JOINED, stamp_ns=10, size=5, current=1)
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=3)
    assert place.code == QueueState.UNBOUNDED
    assert place.ahead_min == 0
    assert spec.ahead_at(place, FillModel.PESSIMISTIC, 30) == spec.UNKNOWN
    assert spec.ahead_at(place, FillModel.OPTIMISTIC, 30) == 0


# --- examples ------------------------------------------------------------------------------------


def test_a_print_at_the_stamp_of_an_update_subtracts_nothing_from_it() -> None:
    place = after(joined(10), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=8)
    tied = after(place, QueueEvent.PRINT, stamp_ns=20, quantity=3)
    # The update at 20 stands at 8; the arrival's own 10 is older than the print.
    assert spec.ahead_max(tied) == 7
    later = after(place, QueueEvent.PRINT, stamp_ns=21, quantity=3)
    assert spec.ahead_max(later) == 5


def test_a_print_already_seen_counts_against_an_update_as_of_before_it() -> None:
    place = joined(10, current=0)
    place = after(place, QueueEvent.PRINT, stamp_ns=30, quantity=4)
    assert place.code == QueueState.UNBOUNDED
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=9)
    assert spec.ahead_max(place) == 5
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=30, size=8)
    assert spec.ahead_max(place) == 5


def test_an_update_before_the_arrival_bounds_nothing() -> None:
    place = after(joined(10, current=0), QueueEvent.LEVEL_UPDATE, stamp_ns=9, size=1)
    assert place.code == QueueState.UNBOUNDED
    assert after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=10, size=7).code == QueueState.BOUNDED


def test_own_lots_in_the_feed_are_not_ahead() -> None:
    place = after(joined(10), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=9, own=2)
    assert spec.ahead_max(place) == 7


def test_a_gap_keeps_the_upper_bound_and_marks_the_order() -> None:
    place = after(joined(10), QueueEvent.GAP)
    assert (spec.ahead_max(place), place.ahead_min, place.censored) == (10, 0, 1)
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=4)
    assert (spec.ahead_max(place), place.ahead_min, place.estimate) == (4, 0, 4)


def test_leaving_the_window_is_not_size_zero() -> None:
    place = after(joined(10), QueueEvent.OUT_OF_WINDOW)
    assert (spec.ahead_max(place), place.ahead_min, place.estimate) == (10, 0, 10)
    assert place.censored == 0


def test_an_order_that_grew_may_have_stood_ahead() -> None:
    place = after(joined(10), QueueEvent.GREW)
    assert (spec.ahead_max(place), place.ahead_min, place.estimate) == (10, 0, 10)


def test_the_lower_bound_falls_by_prints_and_decreases() -> None:
    place = after(joined(10), QueueEvent.PRINT, stamp_ns=20, quantity=2)
    assert place.ahead_min == 8
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=21, size=6)
    assert place.ahead_min == 4
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=22, size=60)
    assert place.ahead_min == 4
    assert joined(10, per_event=0).ahead_min == 0


def test_cancels_come_from_the_fifths_front_to_back() -> None:
    parts = [spec.cancelled_ahead(1000, ahead, 1000) for ahead in (0, 200, 400, 600, 800, 1000)]
    assert parts == [0, 50, 100, 150, 240, 1000]
    assert spec.cancelled_ahead(10, 500, 1000) == 1
    assert spec.cancelled_ahead(3, 0, 0) == 0


def test_cancels_are_spread_evenly_in_each_fifth() -> None:
    for size, cancelled in product(range(1, 13), range(41)):
        for ahead in range(size + 1):
            part = Fraction(0)
            for fifth, of_a_hundred in enumerate(spec.CANCEL_FIFTHS):
                within = Fraction(5 * ahead, size) - fifth
                part += Fraction(of_a_hundred, 100) * max(min(within, Fraction(1)), Fraction(0))
            expected = min(floor(cancelled * part), ahead)
            assert spec.cancelled_ahead(cancelled, ahead, size) == expected


@pytest.mark.parametrize(
    ("as_of_ns", "stamp_ns", "gone"),
    # As of before the print all 1,000 stood there, 700 of them ahead, and 800 left. Else 600 were
    # left of them, 300 ahead, and 400 left.
    [(10, 5, 156), (10, 19, 156), (10, 20, 50), (10, 21, 50), (19, 20, 50)],
)
def test_a_print_explains_what_a_size_as_of_later_lacks(
    as_of_ns: int, stamp_ns: int, gone: int
) -> None:
    place = QueueEstimate(size=1000, estimate=300, as_of_ns=as_of_ns, prints=((20, 400),))
    assert spec.gone_ahead(place, QueueInput(stamp_ns=stamp_ns, size=200)) == gone
    with_own = QueueInput(stamp_ns=stamp_ns, size=300, own=100)
    assert spec.gone_ahead(place, with_own) == gone


def test_a_print_larger_than_the_level_leaves_nothing_to_cancel() -> None:
    place = QueueEstimate(size=3, estimate=2, as_of_ns=10, prints=((20, 5),))
    assert spec.gone_ahead(place, QueueInput(stamp_ns=20, size=0)) == 0


def test_a_level_seen_again_holds_the_guess_and_an_empty_one_says_nothing_of_it() -> None:
    unseen = QueueEstimate(estimate=10, prints=((20, 4),))
    assert spec.take_in(unseen, QueueInput(stamp_ns=15, size=9), 0).estimate == 5
    assert spec.take_in(unseen, QueueInput(stamp_ns=20, size=9), 0).estimate == 9
    assert spec.take_in(unseen, QueueInput(stamp_ns=15, size=3), 0).estimate == 0
    empty = QueueEstimate(size=0, estimate=4)
    assert spec.take_in(empty, QueueInput(stamp_ns=1, size=2), 0).estimate == 4


def test_the_guess_is_held_below_the_upper_bound() -> None:
    place = after(joined(10, per_event=0), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=20)
    assert place.estimate == 10
    # Of 15 cancelled one stood ahead, by the fifths; but only 5 lots are left.
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=30, size=5)
    assert (place.estimate, place.estimate_before) == (5, 10)
    # A level out of sight says nothing of who left.
    place = after(
        after(place, QueueEvent.OUT_OF_WINDOW), QueueEvent.LEVEL_UPDATE, stamp_ns=40, size=9
    )
    assert place.estimate == 5


def test_a_late_print_is_met_with_the_estimate_before_the_update_that_holds_it() -> None:
    place = after(joined(10, per_event=0), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=4)
    assert place.estimate_before == 10
    assert spec.ahead_at(place, FillModel.CALIBRATED, 20) == 10
    assert spec.ahead_at(place, FillModel.CALIBRATED, 21) == place.estimate
    place = after(place, QueueEvent.PRINT, stamp_ns=20, quantity=6)
    assert place.estimate <= 4
    assert spec.ahead_at(place, FillModel.PESSIMISTIC, 20) == 4


# --- the small print -----------------------------------------------------------------------------


def test_own_lots_in_the_feed_count_at_the_arrival_and_at_every_update() -> None:
    seen = QueueInput(stamp_ns=10, size=10, own=2, current=1, maximum_declared=1)
    place = spec.apply(spec.ABSENT, QueueEvent.JOINED, seen)[0]
    assert (place.size, place.estimate, spec.ahead_max(place)) == (8, 8, 8)
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=12, own=4)
    assert (place.size, place.estimate, spec.ahead_max(place)) == (8, 8, 8)
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=30, size=6, own=4)
    assert (place.size, place.estimate, spec.ahead_max(place)) == (2, 2, 2)


def test_candidates_replace_one_of_the_same_stamp_and_fall() -> None:
    assert spec.with_candidate(((3, 12), (5, 10)), 5, 7) == ((3, 12), (5, 7))
    assert spec.with_candidate(((3, 10),), 10, 7) == ((3, 10), (10, 7))
    assert spec.with_candidate(((3, 10),), 10, 10) == ((3, 10),)
    assert spec.with_candidate((), 3, 10) == ((3, 10),)
    assert spec.after_print(((3, 12), (5, 10), (9, 8)), 6, 3) == ((5, 7),)
    assert spec.after_print(((3, 12), (9, 8)), 6, 1) == ((3, 11), (9, 8))


def test_the_invariant_wants_candidates_newer_and_lower() -> None:
    place = joined(12)
    for candidates in (((10, 12), (10, 5)), ((10, 5), (11, 5)), ((11, 12), (10, 5))):
        assert not spec.inv(evolve(place, as_of_ns=12, candidates=candidates, estimate=5))


BOUNDED = QueueEstimate(
    QueueState.BOUNDED,
    arrival_ns=1,
    as_of_ns=4,
    size=5,
    candidates=((1, 5), (4, 4)),
    prints=((5, 0),),
    ahead_min=1,
    estimate=2,
    estimate_before=3,
)
UNBOUNDED = evolve(BOUNDED, code=QueueState.UNBOUNDED, candidates=())


@pytest.mark.parametrize(
    "right",
    [
        spec.ABSENT,
        BOUNDED,
        UNBOUNDED,
        evolve(BOUNDED, ahead_min=0),
        evolve(BOUNDED, ahead_min=2, estimate_before=2),
        evolve(BOUNDED, estimate=4, estimate_before=4),
        evolve(BOUNDED, arrival_ns=4),
        evolve(BOUNDED, size=spec.UNKNOWN, ahead_min=0),
        evolve(BOUNDED, candidates=((4, 2),)),
        evolve(BOUNDED, candidates=((4, -1),), ahead_min=0, estimate=0, estimate_before=0),
        evolve(UNBOUNDED, size=0),
        evolve(UNBOUNDED, estimate=9, estimate_before=9),
        evolve(UNBOUNDED, estimate=spec.UNKNOWN),
    ],
)
def test_these_places_are_right(right: QueueEstimate) -> None:
    assert spec.inv(right)


@pytest.mark.parametrize(
    "wrong",
    [
        evolve(BOUNDED, code=QueueState.UNBOUNDED),
        evolve(UNBOUNDED, code=QueueState.BOUNDED),
        evolve(BOUNDED, ahead_min=-1),
        evolve(BOUNDED, own_ahead=-1),
        evolve(UNBOUNDED, estimate=-2),
        evolve(BOUNDED, arrival_ns=5),
        evolve(BOUNDED, size=-1),
        evolve(BOUNDED, ahead_min=3),
        evolve(BOUNDED, estimate_before=1),
        evolve(BOUNDED, ahead_min=0, estimate=spec.UNKNOWN),
        evolve(BOUNDED, estimate=5, estimate_before=5),
        evolve(BOUNDED, candidates=((1, 5), (5, 4))),
        evolve(BOUNDED, candidates=((4, 5), (4, 4))),
        evolve(BOUNDED, candidates=((1, 4), (4, 4))),
        evolve(BOUNDED, prints=((4, 0),)),
        evolve(BOUNDED, prints=((5, -1),)),
    ],
)
def test_these_places_are_wrong(wrong: QueueEstimate) -> None:
    assert not spec.inv(wrong)


def test_fifths_are_the_measured_ones() -> None:
    assert spec.CANCEL_FIFTHS == (5, 5, 5, 9, 76)


def test_a_print_at_the_stamp_of_an_update_is_late() -> None:
    place = after(joined(10, per_event=0), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=4)
    place = after(place, QueueEvent.PRINT, stamp_ns=20, quantity=3)
    assert (place.estimate, place.estimate_before, place.prints) == (4, 7, ())


def test_an_update_from_before_a_print_counts_it_as_ahead_still() -> None:
    """Of 100, 40 printed later; of 100, 50 were cancelled: as of then all 100 stood ahead."""
    place = after(joined(100, per_event=0), QueueEvent.LEVEL_UPDATE, stamp_ns=15, size=200)
    place = after(place, QueueEvent.PRINT, stamp_ns=30, quantity=40)
    assert place.estimate == 60
    place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=100)
    # 100 of 200 were the front half then: 12 or 13 of 100 cancelled.
    assert place.estimate == 60 - spec.cancelled_ahead(100, 100, 200)


def test_what_is_through_takes_all_and_what_own_orders_displaced() -> None:
    place = after(
        joined(10, own_ahead=5), QueueEvent.PRINT_THROUGH, stamp_ns=20, quantity=4, taken=1
    )
    assert (place.candidates, place.own_ahead) == (((10, -4),), 6)
    undeclared = after(spec.ABSENT, QueueEvent.JOINED, stamp_ns=10, size=5, own_ahead=5)
    place = after(undeclared, QueueEvent.PRINT_THROUGH, stamp_ns=20, quantity=2, taken=1)
    assert (place.own_ahead, place.estimate) == (4, 0)


def test_nothing_ahead_is_something_a_memory_can_say() -> None:
    assert after(joined(6), QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=0).estimate == 6
    loose = joined(6, per_event=0)
    assert after(loose, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=0).estimate == 0
    empty = joined(0, current=0)
    told = after(empty, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=0, said=3)
    assert (told.estimate, told.estimate_before) == (0, 0)


def test_a_memory_lowers_the_guess_and_once_may_raise_it() -> None:
    loose = joined(6, per_event=0)
    assert after(loose, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=9).estimate == 6
    assert after(loose, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=4).estimate == 4
    unseen = joined(2, current=0)
    assert after(unseen, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=3).estimate == 3
    assert after(unseen, QueueEvent.LEVEL_UPDATE, stamp_ns=20, size=6, said=9).estimate == 6


def test_what_is_through_a_place_that_nothing_bounds() -> None:
    place = after(joined(10, current=0), QueueEvent.PRINT_THROUGH, stamp_ns=20, quantity=4)
    assert (place.candidates, place.estimate, place.estimate_before) == (((10, -4),), 0, 0)
    undeclared = after(spec.ABSENT, QueueEvent.JOINED, stamp_ns=10, size=5, own_ahead=2)
    place = after(undeclared, QueueEvent.PRINT_THROUGH, stamp_ns=20, quantity=4)
    assert (place.own_ahead, place.estimate, place.estimate_before) == (0, 0, 0)


def test_a_print_reaches_those_behind_as_each_model_counts() -> None:
    for model in FillModel:
        assert spec.share(1, ((0, 1),), model) == (1,)
    queue = ((3, 4), (9, 2))
    assert spec.share(10, queue, FillModel.PESSIMISTIC) == (4, 1)
    assert spec.share(10, queue, FillModel.OPTIMISTIC) == (4, 0)
    assert spec.share(10, queue, FillModel.FITTED) == (4, 0)
    assert spec.share(10, ((spec.UNKNOWN, 4), (0, 2)), FillModel.OPTIMISTIC) == (0, 0)


# --- properties ----------------------------------------------------------------------------------

stamps = st.integers(5, 30)
lots = st.integers(0, 12)
steps = st.one_of(
    st.tuples(
        st.just(QueueEvent.LEVEL_UPDATE),
        stamps,
        lots,
        st.just(-1) | st.integers(0, 14),
        st.just(1),
    ),
    st.tuples(st.just(QueueEvent.PRINT), stamps, lots, st.integers(0, 3), st.integers(-1, 1)),
    st.tuples(
        st.just(QueueEvent.PRINT_THROUGH), stamps, lots, st.integers(0, 3), st.integers(-1, 1)
    ),
    st.tuples(
        st.sampled_from(
            [
                QueueEvent.GAP,
                QueueEvent.OUT_OF_WINDOW,
                QueueEvent.OWN_AHEAD_LEFT,
                QueueEvent.GREW,
            ]
        ),
        stamps,
        lots,
        st.just(0),
        st.just(1),
    ),
)
Step = tuple[QueueEvent, int, int, int, int]
joins = st.builds(
    QueueInput,
    stamp_ns=st.integers(8, 14),
    size=st.integers(-1, 12),
    current=st.integers(0, 1),
    own_ahead=st.integers(0, 5),
    maximum_declared=st.integers(0, 1),
    minimum_declared=st.integers(0, 1),
)


def seen_of(step: Step) -> QueueInput:
    _, stamp, quantity, extra, side = step
    return QueueInput(
        stamp_ns=stamp,
        size=quantity,
        quantity=quantity,
        taken=max(min(extra, quantity), 0),
        resting_side=side,
        own_ahead=extra,
        said=extra if step[0] == QueueEvent.LEVEL_UPDATE else spec.UNKNOWN,
    )


@given(joins, st.lists(steps, max_size=30))
def test_bounds_are_ordered_and_never_grow(join: QueueInput, run: list[Step]) -> None:
    place = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)[0]
    for step in run:
        before = place
        place = spec.apply(place, step[0], seen_of(step))[0]
        assert spec.inv(place)
        assert place.ahead_min <= before.ahead_min
        if before.estimate != spec.UNKNOWN:
            assert place.ahead_min <= place.estimate
            # A memory may know of who came before an order that arrived unseen, and only then.
            told = step[0] == QueueEvent.LEVEL_UPDATE and step[3] >= 0
            codes = (before.code, place.code)
            first = told and codes == (QueueState.UNBOUNDED, QueueState.BOUNDED)
            assert place.estimate <= before.estimate or first
        if before.code == QueueState.BOUNDED:
            assert place.code == QueueState.BOUNDED
            assert place.estimate <= spec.ahead_max(place) <= spec.ahead_max(before)
        assert place.censored >= before.censored
        for stamp in range(5, 31):
            upper, middle, lower = (spec.ahead_at(place, model, stamp) for model in MODELS)
            assert lower <= middle or middle == spec.UNKNOWN
            if upper != spec.UNKNOWN and stamp > place.arrival_ns:
                assert spec.UNKNOWN < middle <= upper


def literal_ahead_max(
    arrival_ns: int, updates: list[tuple[int, int]], prints: list[tuple[int, int]]
) -> int | None:
    """Q6 word for word: least over updates as of arrival or later, of size less later prints."""
    found = [
        size - sum(quantity for stamp, quantity in prints if stamp > as_of)
        for as_of, size in updates
        if as_of >= arrival_ns
    ]
    return max(min(found), 0) if found else None


@given(
    st.integers(8, 14),
    st.lists(stamps, max_size=12).map(sorted),
    st.lists(stamps, max_size=12).map(sorted),
    st.lists(st.tuples(st.booleans(), lots), min_size=24, max_size=24),
)
def test_the_upper_bound_is_the_formula(
    arrival: int, as_ofs: list[int], printed: list[int], order: list[tuple[bool, int]]
) -> None:
    """Stamps run forwards within updates and within prints; the two interleave at will."""
    place = after(spec.ABSENT, QueueEvent.JOINED, stamp_ns=arrival, size=5, maximum_declared=1)
    updates: list[tuple[int, int]] = []
    prints: list[tuple[int, int]] = []
    for is_update, quantity in order:
        if is_update and len(updates) < len(as_ofs):
            stamp = as_ofs[len(updates)]
            updates.append((stamp, quantity))
            place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=stamp, size=quantity)
        elif len(prints) < len(printed):
            stamp = printed[len(prints)]
            prints.append((stamp, quantity))
            place = after(place, QueueEvent.PRINT, stamp_ns=stamp, quantity=quantity)
        expected = literal_ahead_max(arrival, updates, prints)
        if expected is None:
            assert place.code == QueueState.UNBOUNDED
        else:
            assert spec.ahead_max(place) == expected


@given(st.integers(8, 14), st.lists(st.tuples(st.booleans(), stamps, lots), max_size=20))
def test_stamps_that_run_backwards_leave_the_upper_bound_too_high_at_worst(
    arrival: int, run: list[tuple[bool, int, int]]
) -> None:
    place = after(spec.ABSENT, QueueEvent.JOINED, stamp_ns=arrival, size=5, maximum_declared=1)
    updates: list[tuple[int, int]] = []
    prints: list[tuple[int, int]] = []
    for is_update, stamp, quantity in run:
        if is_update:
            updates.append((stamp, quantity))
            place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=stamp, size=quantity)
        else:
            prints.append((stamp, quantity))
            place = after(place, QueueEvent.PRINT, stamp_ns=stamp, quantity=quantity)
        expected = literal_ahead_max(arrival, updates, prints)
        if expected is not None:
            assert spec.ahead_max(place) >= expected


@given(lots, st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_what_is_cancelled_ahead_is_part_of_both(
    cancelled: int, first: int, second: int, size: int
) -> None:
    nearer, farther = sorted((min(first, size), min(second, size)))
    part = spec.cancelled_ahead(cancelled, nearer, size)
    assert 0 <= part <= min(cancelled, nearer)
    assert part <= spec.cancelled_ahead(cancelled, farther, size)
    assert spec.cancelled_ahead(min(cancelled, size), size, size) == min(cancelled, size)


@given(st.integers(0, 40), st.lists(st.tuples(st.integers(-1, 15), st.integers(0, 6)), max_size=5))
def test_a_print_is_shared_once(quantity: int, queue: list[tuple[int, int]]) -> None:
    for model in MODELS:
        fills = spec.share(quantity, tuple(queue), model)
        assert len(fills) == len(queue)
        assert sum(fills) <= quantity
        for fill, (_, leaves) in zip(fills, queue, strict=True):
            assert 0 <= fill <= leaves


# --- against a queue that is known ---------------------------------------------------------------

actions = st.lists(
    st.tuples(
        st.sampled_from(["join", "cancel", "trade", "grow"]), st.integers(1, 6), st.integers(0, 9)
    ),
    max_size=25,
)
Action = tuple[str, int, int]


class KnownQueue:
    """Others' orders, front to back; those before the phantom order are `ahead`."""

    def __init__(self, sizes: list[int]) -> None:
        self.ahead = list(sizes)
        self.behind: list[int] = []

    @property
    def size(self) -> int:
        return sum(self.ahead) + sum(self.behind)

    def act(self, what: str, quantity: int, which: int) -> int:
        """Change the queue; returns the lots printed."""
        if what == "join":
            self.behind.append(quantity)
            return 0
        if what in ("cancel", "grow"):
            found = [(side, i) for side in (self.ahead, self.behind) for i in range(len(side))]
            if found:
                side, index = found[which % len(found)]
                old = side[index]
                side[index] = 0 if what == "grow" else old - min(quantity, old)
                if what == "grow":
                    self.behind.append(old + quantity)
            return 0
        printed = 0
        for side in (self.ahead, self.behind):
            for index in range(len(side)):
                part = min(side[index], quantity - printed)
                side[index] -= part
                printed += part
        return printed


@given(st.lists(st.integers(1, 6), max_size=4), actions)
def test_bounds_hold_the_truth_on_a_feed_that_tells_every_change(
    sizes: list[int], run: list[Action]
) -> None:
    truth = KnownQueue(sizes)
    place = joined(truth.size)
    for index, action in enumerate(run):
        printed = truth.act(*action)
        stamp = 11 + index // 2
        if printed:
            place = after(place, QueueEvent.PRINT, stamp_ns=stamp, quantity=printed)
        if action[0] == "grow":
            place = after(place, QueueEvent.GREW)
        place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=stamp, size=truth.size)
        assert place.ahead_min <= sum(truth.ahead) <= spec.ahead_max(place)


@given(
    st.lists(st.integers(1, 6), max_size=4),
    actions,
    st.lists(st.integers(0, 3), min_size=25, max_size=25),
)
def test_bounds_hold_the_truth_on_a_feed_that_conflates_and_lags(
    sizes: list[int], run: list[Action], delays: list[int]
) -> None:
    """Updates tell of every third change, and arrive up to three changes late, in order."""
    truth = KnownQueue(sizes)
    place = joined(truth.size, per_event=0, current=0)
    mail: list[tuple[int, int, int]] = []
    for index, action in enumerate(run):
        printed = truth.act(*action)
        stamp = 11 + index // 2
        if printed:
            place = after(place, QueueEvent.PRINT, stamp_ns=stamp, quantity=printed)
        if index % 3 == 0:
            mail.append((index + delays[index], stamp, truth.size))
        while mail and mail[0][0] <= index:
            _, as_of, size = mail.pop(0)
            place = after(place, QueueEvent.LEVEL_UPDATE, stamp_ns=as_of, size=size)
        assert place.ahead_min <= sum(truth.ahead)
        if place.code == QueueState.BOUNDED:
            assert sum(truth.ahead) <= spec.ahead_max(place)
