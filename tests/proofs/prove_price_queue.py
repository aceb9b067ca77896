"""The price queue, one step at a time over unbounded integers; candidates and queues bounded.

A place has at most two candidates and one print here, a queue at most four orders: a bug that needs
more is for the Hypothesis tests of the same rules. Histories of a queue are taken one step at a
time: what a step does to up to four orders is what it does to the lots ahead and behind, and any
bounds that hold those before it hold them after it, so they do under every consistent history. How
much of a cancellation stood ahead is any number within the limits that
`p_cancelled_ahead_is_within_both` proves for it.
"""

from attrs import evolve

from tickproof.spec import price_queue as spec
from tickproof.spec.price_queue import FillModel, QueueEstimate, QueueEvent, QueueInput, QueueState
from tickproof.venue.price_queue import Place

PROOFS = (
    "p_one_rule_for_a_level_update",
    "p_one_rule_for_a_print",
    "p_one_rule_for_a_print_through",
    "p_one_rule_for_an_amendment",
    "p_join_keeps_invariant",
    "p_level_update_unbounded_keeps_invariant",
    "p_level_update_after_a_print_keeps_bounds",
    "p_level_update_before_the_arrival_keeps_bounds",
    "p_level_update_after_two_updates_keeps_bounds",
    "p_a_guess_keeps_bounds",
    "p_a_first_guess_keeps_invariant",
    "p_print_unbounded_keeps_invariant",
    "p_print_keeps_bounds",
    "p_other_news_keep_bounds",
    "p_upper_bound_is_least_of_two_updates",
    "p_print_at_the_stamp_of_an_update_subtracts_nothing",
    "p_bounds_hold_truth_after_change",
    "p_bounds_hold_truth_after_print",
    "p_ahead_refines_fifo_queue",
    "p_four_orders_lose_their_front_to_a_print",
    "p_four_orders_lose_ahead_only_what_stood_ahead",
    "p_bounds_hold_truth_after_growth",
    "p_a_size_told_late_bounds_the_truth",
    "p_a_size_of_after_a_print_bounds_the_truth",
    "p_models_are_ordered_for_one_print",
    "p_models_are_ordered_for_two_own_orders",
    "p_shares_never_exceed_the_print",
    "p_cancelled_ahead_is_within_both",
    "p_fast_print_refines",
    "p_fast_print_through_refines",
    "p_fast_level_update_refines",
    "p_fast_guess_refines",
)
CANARIES = (
    "canary_tie_subtracts",
    "canary_late_print_forgotten",
    "canary_join_raises_upper_bound",
    "canary_print_shared_twice",
    "canary_gone_without_limit",
    "canary_lower_bound_ignores_cancels",
    "canary_growth_taken_for_a_join",
    "canary_guess_believed_without_limit",
)


def _place(
    arrival: int,
    as_of: int,
    size: int,
    first: int,
    second_stamp: int,
    second: int,
    printed_at: int,
    printed: int,
    least: int,
    estimate: int,
    before: int,
) -> QueueEstimate:
    """A declared place with up to two candidates and up to one print.

    `second` >= `first`: one candidate; `first` < 0 is allowed, prints may exceed a size. A print of
    0 lots: none.
    """
    candidates: tuple[tuple[int, int], ...] = ((arrival, first),)
    if second < first:
        candidates = ((arrival, first), (second_stamp, second))
    return QueueEstimate(
        code=QueueState.BOUNDED,
        arrival_ns=arrival,
        maximum_declared=1,
        minimum_declared=1,
        as_of_ns=as_of,
        size=size,
        candidates=candidates,
        prints=((printed_at, printed),) if printed > 0 else (),
        ahead_min=least,
        estimate=estimate,
        estimate_before=before,
    )


def _level(place: QueueEstimate, stamp: int, size: int) -> QueueEstimate:
    return spec.apply(place, QueueEvent.LEVEL_UPDATE, QueueInput(stamp_ns=stamp, size=size))[0]


def _level_with(place: QueueEstimate, stamp: int, size: int, gone: int) -> QueueEstimate:
    """What `_level` gives when `gone` lots ahead are taken for cancelled."""
    after = spec.take_in(place, QueueInput(stamp_ns=stamp, size=size), gone)
    if stamp < place.arrival_ns:
        return after
    return evolve(spec.bound_by_size(after), code=QueueState.BOUNDED)


def _may_be_gone(place: QueueEstimate, stamp: int, size: int, gone: int) -> bool:
    """What holds of `gone_ahead`: part of the estimate, and of what left without a print."""
    if gone == 0:
        return True
    explained = sum(lots for at, lots in place.prints if at <= max(place.as_of_ns, stamp))
    return 0 < gone <= min(place.size - explained - size, place.estimate)


def _printed(place: QueueEstimate, stamp: int, lots: int, side: int = 1) -> QueueEstimate:
    seen = QueueInput(stamp_ns=stamp, quantity=lots, resting_side=side)
    return spec.apply(place, QueueEvent.PRINT, seen)[0]


def _never_higher(before: QueueEstimate, after: QueueEstimate) -> bool:
    return (
        after.ahead_min <= before.ahead_min
        and after.estimate <= before.estimate
        and spec.ahead_max(after) <= spec.ahead_max(before)
    )


# --- the table decides ---------------------------------------------------------------------------


def _exactly_one_rule(event: QueueEvent, arrival: int, declared: int, seen: QueueInput) -> bool:
    """Whether one rule, and one only, of each cell of an event holds."""
    place = QueueEstimate(arrival_ns=arrival, maximum_declared=declared)
    return all(
        sum(1 for rule in spec.TABLE.cells[state][event] if rule.guard(place, seen)) == 1
        for state in QueueState
    )


def p_one_rule_for_a_level_update(
    arrival: int, declared: int, stamp: int, size: int, current: int, claimed: int
) -> bool:
    """
    post: _
    """
    seen = QueueInput(stamp_ns=stamp, size=size, current=current, maximum_declared=claimed)
    joined = _exactly_one_rule(QueueEvent.JOINED, arrival, declared, seen)
    return joined and _exactly_one_rule(QueueEvent.LEVEL_UPDATE, arrival, declared, seen)


def p_one_rule_for_a_print(
    arrival: int, declared: int, stamp: int, trade_kind: int, side: int
) -> bool:
    """
    post: _
    """
    seen = QueueInput(stamp_ns=stamp, trade_kind=trade_kind, resting_side=side)
    return _exactly_one_rule(QueueEvent.PRINT, arrival, declared, seen)


def p_one_rule_for_a_print_through(
    arrival: int, declared: int, stamp: int, trade_kind: int, side: int
) -> bool:
    """
    pre: 0 <= declared <= 1
    post: _
    """
    seen = QueueInput(stamp_ns=stamp, trade_kind=trade_kind, resting_side=side)
    return _exactly_one_rule(QueueEvent.PRINT_THROUGH, arrival, declared, seen)


def p_one_rule_for_an_amendment(arrival: int, declared: int, keeps: int) -> bool:
    """
    post: _
    """
    seen = QueueInput(keeps_priority=keeps)
    return _exactly_one_rule(QueueEvent.AMENDED, arrival, declared, seen)


# --- the invariant holds, and bounds only fall [Q2, Q6] ------------------------------------------


def p_join_keeps_invariant(arrival: int, size: int, own: int, current: int, declared: int) -> bool:
    """
    pre: size >= -1 and own >= 0
    pre: 0 <= current <= 1 and 0 <= declared <= 3
    post: _
    """
    seen = QueueInput(
        stamp_ns=arrival,
        size=size,
        own_ahead=own,
        current=1 if current == 1 else 0,
        maximum_declared=1 if declared >= 1 else 0,
        minimum_declared=1 if declared >= 2 else 0,
    )
    return spec.inv(spec.apply(spec.ABSENT, QueueEvent.JOINED, seen)[0])


def _unbounded(
    arrival: int, as_of: int, size: int, printed_at: int, printed: int, estimate: int, before: int
) -> QueueEstimate:
    return QueueEstimate(
        code=QueueState.UNBOUNDED,
        arrival_ns=arrival,
        maximum_declared=1,
        as_of_ns=as_of,
        size=size,
        prints=((printed_at, printed),) if printed > 0 else (),
        estimate=estimate,
        estimate_before=before,
    )


def p_level_update_unbounded_keeps_invariant(
    arrival: int,
    as_of: int,
    size: int,
    at: int,
    lots: int,
    guess: int,
    before: int,
    stamp: int,
    told: int,
    gone: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0
    pre: spec.inv(_unbounded(arrival, as_of, size, at, lots, guess, before))
    pre: _may_be_gone(_unbounded(arrival, as_of, size, at, lots, guess, before), stamp, told, gone)
    post: _
    """
    place = _unbounded(arrival, as_of, size, at, lots, guess, before)
    return spec.inv(_level_with(place, stamp, told, gone))


def _kept(place: QueueEstimate, after: QueueEstimate) -> bool:
    """The invariant holds, and nothing rose [Q2]."""
    return spec.inv(after) and _never_higher(place, after)


def _one(
    as_of: int, size: int, most: int, printed_at: int, lots: int, least: int, estimate: int
) -> QueueEstimate:
    """A place as of 0 with one candidate and, for positive lots, one print."""
    return _place(0, as_of, size, most, 0, most, printed_at, lots, least, estimate, estimate)


def p_level_update_after_a_print_keeps_bounds(
    as_of: int,
    size: int,
    most: int,
    printed_at: int,
    lots: int,
    least: int,
    estimate: int,
    stamp: int,
    told: int,
    gone: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0 and stamp >= 0
    pre: spec.inv(_one(as_of, size, most, printed_at, lots, least, estimate))
    pre: _may_be_gone(_one(as_of, size, most, printed_at, lots, least, estimate), stamp, told, gone)
    post: _
    """
    place = _one(as_of, size, most, printed_at, lots, least, estimate)
    return _kept(place, _level_with(place, stamp, told, gone))


def p_level_update_before_the_arrival_keeps_bounds(
    as_of: int,
    size: int,
    most: int,
    printed_at: int,
    lots: int,
    least: int,
    estimate: int,
    stamp: int,
    told: int,
    gone: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0 and stamp < 0
    pre: spec.inv(_one(as_of, size, most, printed_at, lots, least, estimate))
    pre: _may_be_gone(_one(as_of, size, most, printed_at, lots, least, estimate), stamp, told, gone)
    post: _
    """
    place = _one(as_of, size, most, printed_at, lots, least, estimate)
    return _kept(place, _level_with(place, stamp, told, gone))


def _two(
    as_of: int, size: int, first: int, second_stamp: int, second: int, least: int, estimate: int
) -> QueueEstimate:
    """A place as of 0 with up to two candidates and no print."""
    return _place(0, as_of, size, first, second_stamp, second, 0, 0, least, estimate, estimate)


def p_level_update_after_two_updates_keeps_bounds(
    as_of: int,
    size: int,
    first: int,
    later: int,
    second: int,
    least: int,
    guess: int,
    stamp: int,
    told: int,
    gone: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0
    pre: spec.inv(_two(as_of, size, first, later, second, least, guess))
    pre: _may_be_gone(_two(as_of, size, first, later, second, least, guess), stamp, told, gone)
    post: _
    """
    place = _two(as_of, size, first, later, second, least, guess)
    return _kept(place, _level_with(place, stamp, told, gone))


def _guessed(place: QueueEstimate, stamp: int, size: int, said: int) -> QueueEstimate:
    seen = QueueInput(stamp_ns=stamp, size=size, said=said)
    return spec.apply(place, QueueEvent.LEVEL_UPDATE, seen)[0]


def p_a_guess_keeps_bounds(
    as_of: int,
    size: int,
    most: int,
    least: int,
    estimate: int,
    stamp: int,
    told: int,
    said: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0 and stamp >= 0 and said >= 0
    pre: spec.inv(_one(as_of, size, most, 0, 0, least, estimate))
    post: _
    """
    place = _one(as_of, size, most, 0, 0, least, estimate)
    return _kept(place, _guessed(place, stamp, told, said))


def p_a_first_guess_keeps_invariant(
    arrival: int,
    as_of: int,
    size: int,
    guess: int,
    before: int,
    stamp: int,
    told: int,
    said: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0 and said >= 0
    pre: spec.inv(_unbounded(arrival, as_of, size, 0, 0, guess, before))
    post: _
    """
    place = _unbounded(arrival, as_of, size, 0, 0, guess, before)
    return spec.inv(_guessed(place, stamp, told, said))


def p_print_unbounded_keeps_invariant(
    arrival: int,
    as_of: int,
    size: int,
    printed_at: int,
    printed: int,
    estimate: int,
    before: int,
    stamp: int,
    lots: int,
) -> bool:
    """
    pre: size >= -1 and lots >= 0
    pre: spec.inv(_unbounded(arrival, as_of, size, printed_at, printed, estimate, before))
    post: _
    """
    place = _unbounded(arrival, as_of, size, printed_at, printed, estimate, before)
    return spec.inv(_printed(place, stamp, lots))


def p_print_keeps_bounds(
    arrival: int,
    as_of: int,
    first: int,
    later: int,
    second: int,
    least: int,
    guess: int,
    before: int,
    stamp: int,
    lots: int,
) -> bool:
    """
    pre: lots >= 0
    pre: spec.inv(_place(arrival, as_of, 0, first, later, second, 0, 0, least, guess, before))
    post: _
    """
    place = _place(arrival, as_of, 0, first, later, second, 0, 0, least, guess, before)
    return _kept(place, _printed(place, stamp, lots))


def p_other_news_keep_bounds(
    arrival: int,
    as_of: int,
    first: int,
    least: int,
    estimate: int,
    before: int,
    stamp: int,
    lots: int,
    code: int,
) -> bool:
    """
    pre: lots >= 0 and 0 <= code <= 5
    pre: spec.inv(_place(arrival, as_of, 0, first, 0, first, 0, 0, least, estimate, before))
    post: _
    """
    place = _place(arrival, as_of, 0, first, 0, first, 0, 0, least, estimate, before)
    return _kept(place, _other(place, stamp, lots, code))


def _other(place: QueueEstimate, stamp: int, lots: int, code: int) -> QueueEstimate:
    """One of the events that are neither a level update nor a print at the price."""
    seen = QueueInput(stamp_ns=stamp, quantity=lots, taken=lots)
    if code == 0:
        return spec.apply(place, QueueEvent.GAP, seen)[0]
    if code == 1:
        return spec.apply(place, QueueEvent.OUT_OF_WINDOW, seen)[0]
    if code == 2:
        return spec.apply(place, QueueEvent.OWN_AHEAD_LEFT, seen)[0]
    if code == 4:
        return spec.apply(place, QueueEvent.GREW, seen)[0]
    if code == 3:
        return spec.apply(place, QueueEvent.PRINT, evolve(seen, resting_side=0))[0]
    return spec.apply(place, QueueEvent.PRINT_THROUGH, seen)[0]


# --- what the upper bound is [Q6] ----------------------------------------------------------------


def p_upper_bound_is_least_of_two_updates(
    first_stamp: int, first: int, second_stamp: int, second: int, stamp: int, lots: int
) -> bool:
    """
    pre: first_stamp <= second_stamp and lots >= 0
    post: _
    """
    candidates = spec.with_candidate(((first_stamp, first),), second_stamp, second)
    found = spec.after_print(candidates, stamp, lots)[-1][1]
    of_first = first - (lots if stamp > first_stamp else 0)
    of_second = second - (lots if stamp > second_stamp else 0)
    return found == min(of_first, of_second)


def p_print_at_the_stamp_of_an_update_subtracts_nothing(stamp: int, size: int, lots: int) -> bool:
    """
    pre: stamp > 0 and size >= 0 and lots >= 0
    post: _
    """
    join = QueueInput(stamp_ns=0, size=0, maximum_declared=1)
    place = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)[0]
    print_first = _level_with(_printed(place, stamp, lots), stamp, size, 0)
    print_last = _printed(_level_with(place, stamp, size, 0), stamp, lots)
    return spec.ahead_max(print_first) == spec.ahead_max(print_last) == size


# --- the truth lies between [Q7] -----------------------------------------------------------------


def _declared(size: int, least: int, most: int) -> QueueEstimate:
    return QueueEstimate(
        code=QueueState.BOUNDED,
        maximum_declared=1,
        minimum_declared=1,
        size=size,
        candidates=((0, most),),
        ahead_min=least,
        estimate=most,
        estimate_before=most,
    )


def _gone(size: int, least: int, most: int, told: int, gone: int) -> bool:
    return _may_be_gone(_declared(size, least, most), 1, told, gone)


def p_bounds_hold_truth_after_change(
    ahead: int, behind: int, least: int, most: int, left: int, change: int, gone: int
) -> bool:
    """
    pre: 0 <= least <= ahead <= most and behind >= 0
    pre: 0 <= left <= ahead and behind + change >= 0
    pre: change == 0 or left == 0
    pre: _gone(ahead + behind, least, most, ahead + behind - left + change, gone)
    post: _
    """
    size = ahead + behind
    after = _level_with(_declared(size, least, most), 1, size - left + change, gone)
    return after.ahead_min <= ahead - left <= spec.ahead_max(after)


def p_bounds_hold_truth_after_print(
    ahead: int, behind: int, least: int, most: int, lots: int, stamp: int, as_of: int
) -> bool:
    """
    pre: 0 <= least <= ahead <= most and behind >= 0
    pre: 0 <= lots <= ahead + behind
    pre: 0 < stamp <= as_of
    post: _
    """
    printed = _printed(_declared(ahead + behind, least, most), stamp, lots)
    after = _level_with(printed, as_of, ahead + behind - lots, 0)
    truth = max(ahead - lots, 0)
    between = printed.ahead_min <= truth <= spec.ahead_max(printed)
    return between and after.ahead_min <= truth <= spec.ahead_max(after)


def _eat(queue: list[int], lots: int) -> list[int]:
    """What each order of a queue gets of a print, front to back."""
    eaten = []
    for size in queue:
        part = min(size, lots)
        eaten.append(part)
        lots -= part
    return eaten


def p_ahead_refines_fifo_queue(first: int, second: int, own: int, last: int, lots: int) -> bool:
    """
    pre: first >= 0 and second >= 0 and own >= 0 and last >= 0 and lots >= 0
    post: _
    """
    eaten = _eat([first, second, own, last], lots)
    ahead = first + second
    shared = spec.share(lots, ((ahead, own),), FillModel.OPTIMISTIC)
    return shared == (eaten[2],) and max(ahead - lots, 0) == ahead - eaten[0] - eaten[1]


# --- up to four others: lots ahead and lots behind are all that bounds need [Q6] -----------------


def _pick(number: int) -> int:
    """The same number from 0 to 4, one path each."""
    for code in range(5):
        if number == code:
            return code
    return 0


def p_four_orders_lose_their_front_to_a_print(
    a: int, b: int, c: int, d: int, before: int, lots: int
) -> bool:
    """
    pre: a >= 0 and b >= 0 and c >= 0 and d >= 0 and 0 <= before <= 4
    pre: 0 <= lots <= a + b + c + d
    post: _
    """
    queue, mine = [a, b, c, d], _pick(before)
    left = [size - part for size, part in zip(queue, _eat(queue, lots), strict=True)]
    ahead = max(sum(queue[:mine]) - lots, 0)
    return sum(left[:mine]) == ahead and sum(left) == sum(queue) - lots


def p_four_orders_lose_ahead_only_what_stood_ahead(
    a: int, b: int, c: int, d: int, before: int, which: int, gone: int, joined: int
) -> bool:
    """
    pre: a >= 0 and b >= 0 and c >= 0 and d >= 0 and joined >= 0
    pre: 0 <= before <= 4 and 0 <= which < 4 and 0 <= gone <= [a, b, c, d][which]
    post: _
    """
    queue, mine, index = [a, b, c, d], _pick(before), _pick(which)
    was = sum(queue[:mine])
    queue[index] -= gone
    queue.append(joined)
    return sum(queue[:mine]) == was - (gone if index < mine else 0)


def p_bounds_hold_truth_after_growth(
    ahead: int, behind: int, least: int, most: int, grown: int, more: int, in_front: bool
) -> bool:
    """
    pre: 0 <= least <= ahead <= most and behind >= 0 and more >= 0
    pre: 0 <= grown <= (ahead if in_front else behind)
    post: _
    """
    # An order of `grown` lots went to the back with `more`: the level shows `more` alone.
    place = _declared(ahead + behind, least, most)
    doubted = spec.apply(place, QueueEvent.GREW, QueueInput())[0]
    after = _level_with(doubted, 1, ahead + behind + more, 0)
    truth = ahead - grown if in_front else ahead
    return after.ahead_min <= truth <= spec.ahead_max(after)


def p_a_size_told_late_bounds_the_truth(
    ahead: int, behind: int, gone: int, joined: int, most: int, lots: int, as_of: int, later: int
) -> bool:
    """
    pre: 0 <= ahead <= most and behind >= 0 and joined >= 0
    pre: 0 <= gone <= ahead and 0 <= lots <= ahead - gone + behind + joined
    pre: 0 <= as_of < later
    post: _
    """
    # As of the size, then a cancel and a join unseen, then a print; and only now the size is told.
    place = evolve(_declared(ahead + behind, 0, most), minimum_declared=0)
    printed = _printed(place, later, lots)
    after = _level_with(printed, as_of, ahead + behind, 0)
    return max(ahead - gone - lots, 0) <= spec.ahead_max(after)


def p_a_size_of_after_a_print_bounds_the_truth(
    ahead: int, behind: int, gone: int, joined: int, most: int, lots: int, stamp: int, as_of: int
) -> bool:
    """
    pre: 0 <= ahead <= most and behind >= 0 and joined >= 0
    pre: 0 <= gone <= ahead and 0 <= lots <= ahead - gone + behind + joined
    pre: 0 < stamp <= as_of
    post: _
    """
    # The same print, and a size as of then or later.
    place = evolve(_declared(ahead + behind, 0, most), minimum_declared=0)
    printed = _printed(place, stamp, lots)
    after = _level_with(printed, as_of, ahead - gone + behind + joined - lots, 0)
    truth = max(ahead - gone - lots, 0)
    return truth <= spec.ahead_max(printed) and truth <= spec.ahead_max(after)


# --- models are ordered [Q7], prints are shared once [Q8] ----------------------------------------


def p_models_are_ordered_for_one_print(
    least: int, estimate: int, most: int, total: int, low: int, middle: int, high: int, lots: int
) -> bool:
    """
    pre: 0 <= least <= estimate <= most
    pre: 0 <= low <= middle <= high <= total and lots >= 0
    post: _
    """
    cautious = low + spec.share(lots, ((most, total - low),), FillModel.PESSIMISTIC)[0]
    guessed = middle + spec.share(lots, ((estimate, total - middle),), FillModel.CALIBRATED)[0]
    hopeful = high + spec.share(lots, ((least, total - high),), FillModel.OPTIMISTIC)[0]
    return cautious <= guessed <= hopeful


def p_models_are_ordered_for_two_own_orders(
    estimate: int,
    most: int,
    more_estimate: int,
    more_most: int,
    first_low: int,
    first_high: int,
    second_low: int,
    second_high: int,
    first_total: int,
    second_total: int,
    displaced: int,
    lots: int,
) -> bool:
    """
    pre: 0 <= estimate <= most and 0 <= more_estimate <= more_most
    pre: 0 <= first_low <= first_high <= first_total
    pre: 0 <= second_low <= second_high <= second_total
    pre: displaced >= 0 and lots >= 0
    post: _
    """
    own_ahead = first_total - first_low + displaced
    cautious = spec.share(
        lots,
        ((most, first_total - first_low), (more_most + own_ahead, second_total - second_low)),
        FillModel.PESSIMISTIC,
    )
    guessed = spec.share(
        lots,
        ((estimate, first_total - first_high), (more_estimate, second_total - second_high)),
        FillModel.CALIBRATED,
    )
    return (
        first_low + cautious[0] <= first_high + guessed[0]
        and second_low + cautious[1] <= second_high + guessed[1]
    )


def p_shares_never_exceed_the_print(
    lots: int, ahead: int, leaves: int, more_ahead: int, more_leaves: int, cautious: bool
) -> bool:
    """
    pre: lots >= 0 and ahead >= -1 and more_ahead >= -1
    pre: leaves >= 0 and more_leaves >= 0
    post: _
    """
    model = FillModel.PESSIMISTIC if cautious else FillModel.CALIBRATED
    first, second = spec.share(lots, ((ahead, leaves), (more_ahead, more_leaves)), model)
    return 0 <= first <= leaves and 0 <= second <= more_leaves and first + second <= lots


def p_cancelled_ahead_is_within_both(cancelled: int, ahead: int, size: int) -> bool:
    """
    pre: 0 <= ahead <= size and 0 <= cancelled <= size
    post: _
    """
    return 0 <= spec.cancelled_ahead(cancelled, ahead, size) <= min(cancelled, ahead)


# --- the fast place refines the specification's --------------------------------------------------


def _fast(place: QueueEstimate) -> Place:
    """The same place, changeable."""
    fast = Place(place.arrival_ns, place.size, False, place.own_ahead, 1, 1)
    fast.as_of_ns = place.as_of_ns
    for stamp_ns, value in place.candidates:
        fast._add_candidate(stamp_ns, value)
    for stamp_ns, lots in place.prints:
        fast._keep_print(stamp_ns, lots)
    fast.ahead_min = place.ahead_min
    fast.estimate = place.estimate
    fast.estimate_before = place.estimate_before
    return fast


def _same(fast: Place, place: QueueEstimate) -> bool:
    return (
        fast.candidates() == place.candidates
        and fast.uncovered() == place.prints
        and fast.as_of_ns == place.as_of_ns
        and fast.size == place.size
        and fast.own_ahead == place.own_ahead
        and fast.ahead_min == place.ahead_min
        and fast.estimate == place.estimate
        and fast.estimate_before == place.estimate_before
        and fast.censored == place.censored
    )


def p_fast_print_refines(
    as_of: int,
    first: int,
    second_stamp: int,
    second: int,
    least: int,
    estimate: int,
    stamp: int,
    lots: int,
    taken: int,
) -> bool:
    """
    pre: 0 <= taken <= lots
    pre: spec.inv(_two(as_of, 0, first, second_stamp, second, least, estimate))
    post: _
    """
    place = _two(as_of, 0, first, second_stamp, second, least, estimate)
    fast = _fast(place)
    fast.print_at(lots, taken, stamp, 1)
    seen = QueueInput(stamp_ns=stamp, quantity=lots, taken=taken)
    return _same(fast, spec.apply(place, QueueEvent.PRINT, seen)[0])


def p_fast_print_through_refines(
    as_of: int, first: int, least: int, estimate: int, stamp: int, lots: int, taken: int
) -> bool:
    """
    pre: 0 <= taken <= lots
    pre: spec.inv(_two(as_of, 0, first, 0, first, least, estimate))
    post: _
    """
    place = _two(as_of, 0, first, 0, first, least, estimate)
    fast = _fast(place)
    fast.print_through(lots, taken, stamp, 1)
    seen = QueueInput(stamp_ns=stamp, quantity=lots, taken=taken)
    return _same(fast, spec.apply(place, QueueEvent.PRINT_THROUGH, seen)[0])


def p_fast_level_update_refines(
    as_of: int,
    size: int,
    most: int,
    printed_at: int,
    lots: int,
    least: int,
    estimate: int,
    stamp: int,
    told: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0
    pre: size < 0 or told >= size
    pre: spec.inv(_one(as_of, size, most, printed_at, lots, least, estimate))
    post: _
    """
    place = _one(as_of, size, most, printed_at, lots, least, estimate)
    fast = _fast(place)
    fast.level_update(told, stamp)
    return _same(fast, _level_with(place, stamp, told, 0))


def p_fast_guess_refines(
    as_of: int,
    size: int,
    most: int,
    least: int,
    estimate: int,
    stamp: int,
    told: int,
    said: int,
) -> bool:
    """
    pre: size >= -1 and told >= 0 and said >= 0
    pre: spec.inv(_one(as_of, size, most, 0, 0, least, estimate))
    post: _
    """
    place = _one(as_of, size, most, 0, 0, least, estimate)
    fast = _fast(place)
    fast.level_update(told, stamp, said)
    return _same(fast, _guessed(place, stamp, told, said))


# --- canaries: planted bugs ----------------------------------------------------------------------


def _after_print_with_ties(
    candidates: tuple[tuple[int, int], ...], stamp: int, lots: int
) -> tuple[tuple[int, int], ...]:
    return tuple((at, value - lots if at <= stamp else value) for at, value in candidates)


def canary_tie_subtracts(as_of: int, size: int, stamp: int, lots: int) -> bool:
    """
    pre: size >= 0 and lots >= 0
    post: _
    """
    wrong = _after_print_with_ties(((as_of, size),), stamp, lots)
    return wrong == spec.after_print(((as_of, size),), stamp, lots)


def canary_late_print_forgotten(stamp: int, lots: int, as_of: int, size: int) -> bool:
    """
    pre: stamp > 0 and lots >= 0 and as_of >= 0 and size >= lots
    post: _
    """
    join = QueueInput(stamp_ns=0, size=0, maximum_declared=1)
    place = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)[0]
    forgotten = evolve(_printed(place, stamp, lots), prints=())
    right = _level(_printed(place, stamp, lots), as_of, size)
    return spec.ahead_max(_level(forgotten, as_of, size)) == spec.ahead_max(right)


def canary_join_raises_upper_bound(most: int, size: int, told: int) -> bool:
    """
    pre: 0 <= most <= size and told >= 0
    post: _
    """
    place = _declared(size, 0, most)
    wrong = evolve(place, candidates=((1, told),), estimate=min(most, told))
    return _never_higher(place, wrong)


def _share_twice(lots: int, queue: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    return tuple(min(max(lots - ahead, 0), leaves) for ahead, leaves in queue)


def canary_print_shared_twice(lots: int, ahead: int, leaves: int, more_leaves: int) -> bool:
    """
    pre: lots >= 0 and ahead >= 0 and leaves >= 0 and more_leaves >= 0
    post: _
    """
    return sum(_share_twice(lots, ((ahead, leaves), (ahead, more_leaves)))) <= lots


def canary_gone_without_limit(size: int, least: int, most: int, told: int, gone: int) -> bool:
    """
    pre: 0 <= least <= most <= size and told >= 0
    pre: spec.inv(_declared(size, least, most))
    pre: 0 <= gone <= most
    post: _
    """
    return spec.inv(_level_with(_declared(size, least, most), 1, told, gone))


def canary_lower_bound_ignores_cancels(ahead: int, behind: int, left: int) -> bool:
    """
    pre: ahead >= 0 and behind >= 0 and 0 <= left <= ahead
    post: _
    """
    place = _declared(ahead + behind, ahead, ahead + behind)
    wrong = evolve(_level(place, 1, ahead + behind - left), ahead_min=place.ahead_min)
    return wrong.ahead_min <= ahead - left


def canary_growth_taken_for_a_join(ahead: int, behind: int, grown: int, more: int) -> bool:
    """
    pre: 0 <= grown <= ahead and behind >= 0 and more >= 0
    post: _
    """
    after = _level_with(_declared(ahead + behind, ahead, ahead), 1, ahead + behind + more, 0)
    return after.ahead_min <= ahead - grown


def canary_guess_believed_without_limit(size: int, least: int, most: int, said: int) -> bool:
    """
    pre: 0 <= least <= most <= size and said >= 0
    post: _
    """
    place = _declared(size, least, most)
    return _never_higher(place, spec.believe(place, said, size))
