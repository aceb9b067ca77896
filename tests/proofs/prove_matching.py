"""The matching venue, one message at a time: numbers unbounded, at most three orders a side.

Ids, accounts and places are names, so they are fixed: orders 1, 2, 3 rest, 9 comes in. What needs
a fourth order is for the Hypothesis tests of the same rules and for the million messages.
"""

from tickproof.spec import call_auction, matching
from tickproof.spec.call_auction import Candidate
from tickproof.spec.events import EventKind
from tickproof.spec.matching import (
    MEETINGS,
    MatchingState,
    Message,
    MessageKind,
    OrderKind,
    Pair,
    Resting,
    Step,
    Taker,
)

PROOFS = (
    "p_priority_is_a_strict_order",
    "p_priority_is_transitive",
    "p_priority_leaves_no_tie",
    "p_the_auction_ranking_is_a_strict_order",
    "p_the_auction_ranking_is_transitive",
    "p_one_rule_decides_each_meeting",
    "p_a_meeting_takes_no_more_than_there_is",
    "p_own_orders_never_trade_under_prevention",
    "p_the_first_in_line_trades_first",
    "p_a_better_price_trades_first_and_at_its_price",
    "p_what_trades_is_neither_made_nor_lost",
    "p_what_is_prevented_is_neither_made_nor_lost",
    "p_a_fill_or_kill_trades_all_or_nothing",
    "p_a_bid_leaves_no_crossed_book",
    "p_an_offer_leaves_no_crossed_book",
    "p_an_amendment_keeps_the_place",
    "p_a_replacement_goes_to_the_back",
    "p_a_reload_goes_to_the_back",
    "p_no_auction_price_trades_more",
    "p_an_auction_leaves_no_crossed_book",
)
CANARIES = (
    "canary_the_last_in_line_trades_first",
    "canary_a_locked_book_is_left",
    "canary_an_own_order_trades",
    "canary_the_auction_ranking_is_not_transitive",
    "canary_a_reload_keeps_the_place",
)

BUY, SELL, PRICE, LIMIT = 1, -1, 100, OrderKind.LIMIT


def _resting(order: int, side: int, price: int, lots: int, hidden: int = 0) -> Resting:
    return Resting(
        order, order, LIMIT, side, price, lots + hidden, lots, hidden, lots, 0, joined=order
    )


def _offers(*asks: Resting) -> MatchingState:
    return MatchingState(asks=asks, last_order=8, joined=8)


def _buyer(limit: int, lots: int, account: int = 9, mode: int = 0) -> Taker:
    return Taker(9, account, LIMIT, BUY, limit, lots, lots, 0, mode)


def _side(code: int) -> int:
    return BUY if code > 0 else SELL


def _mode(code: int) -> int:
    """The prevention mode as a plain number."""
    for mode in (1, 2, 3, 4):
        if code == mode:
            return mode
    return 0


def _traded(step: Step, order: int) -> int:
    return sum(
        each.quantity
        for each in step.reports
        if each.kind == EventKind.FILLED and each.order == order
    )


# --- ranking [M2, M8] ----------------------------------------------------------------------------


def p_priority_is_a_strict_order(side: int, price: int, at: int, other: int, place: int) -> bool:
    """
    pre: True
    post: _
    """
    before = matching.ranks_before(_side(side), price, at, other, place)
    after = matching.ranks_before(_side(side), other, place, price, at)
    return not (before and after) and not matching.ranks_before(_side(side), price, at, price, at)


def p_priority_is_transitive(side: int, a: int, i: int, b: int, j: int, c: int, k: int) -> bool:
    """
    pre: True
    post: _
    """
    which = _side(side)
    if not matching.ranks_before(which, a, i, b, j) or not matching.ranks_before(which, b, j, c, k):
        return True
    return matching.ranks_before(which, a, i, c, k)


def p_priority_leaves_no_tie(side: int, price: int, at: int, other: int, place: int) -> bool:
    """
    pre: at != place
    post: _
    """
    before = matching.ranks_before(_side(side), price, at, other, place)
    return before != matching.ranks_before(_side(side), other, place, price, at)


def p_the_auction_ranking_is_a_strict_order(
    volume: int, imbalance: int, distance: int, price: int, v: int, i: int, d: int, p: int
) -> bool:
    """
    pre: True
    post: _
    """
    one, two = Candidate(price, volume, imbalance, distance), Candidate(p, v, i, d)
    if call_auction.preferred(one, one):
        return False
    same = price == p and volume == v and imbalance == i and distance == d
    before, after = call_auction.preferred(one, two), call_auction.preferred(two, one)
    return not before and not after if same else before != after


def p_the_auction_ranking_is_transitive(
    v: int, w: int, x: int, i: int, j: int, k: int, p: int, q: int, r: int
) -> bool:
    """
    pre: True
    post: _
    """
    one, two, three = Candidate(p, v, i, p), Candidate(q, w, j, q), Candidate(r, x, k, r)
    if not call_auction.preferred(one, two) or not call_auction.preferred(two, three):
        return True
    return call_auction.preferred(one, three)


# --- meetings [M3, M4, M5] -----------------------------------------------------------------------


def p_one_rule_decides_each_meeting(
    mode: int, same: int, left: int, shown: int, hidden: int
) -> bool:
    """
    pre: left > 0 and shown > 0 and hidden >= 0
    post: _
    """
    pair = Pair(left, shown, hidden)
    rules = MEETINGS.cells[_mode(mode)][1 if same == 1 else 0]
    return sum(1 for rule in rules if rule.guard(0, pair)) == 1


def p_a_meeting_takes_no_more_than_there_is(
    mode: int, same: int, left: int, shown: int, hidden: int
) -> bool:
    """
    pre: left > 0 and shown > 0 and hidden >= 0
    post: _
    """
    pair, which = Pair(left, shown, hidden), _mode(mode)
    rule = MEETINGS.select(which, 1 if same == 1 else 0, which, pair)
    found = matching.outcome_of(rule, which, pair)
    gone = found.traded + found.prevented
    if not (0 <= found.traded <= shown and found.prevented >= 0 and gone <= left):
        return False
    stays = shown + hidden - gone
    if found.keeps:
        return stays > 0
    if found.reloads:
        return found.traded == shown and hidden > 0
    return stays == 0 or found.traded == 0


def p_own_orders_never_trade_under_prevention(
    mode: int, first: int, second: int, lots: int, limit: int
) -> bool:
    """
    pre: 1 <= mode <= 4 and first > 0 and second > 0 and lots > 0 and limit >= 100
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, first), _resting(2, SELL, PRICE, second))
    step, _, _ = matching.take(Step(state), _buyer(limit, lots, account=2, mode=_mode(mode)))
    return _traded(step, 2) == 0


# --- price, then time [M2, M4] -------------------------------------------------------------------


def p_the_first_in_line_trades_first(a: int, b: int, c: int, lots: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and lots > 0
    post: _
    """
    state = _offers(*(_resting(n, SELL, PRICE, size) for n, size in ((1, a), (2, b), (3, c))))
    step, taker, _ = matching.take(Step(state), _buyer(PRICE, lots))
    one = min(a, lots)
    two = min(b, lots - one)
    three = min(c, lots - one - two)
    done = (_traded(step, 1), _traded(step, 2), _traded(step, 3)) == (one, two, three)
    return done and taker.left == lots - one - two - three


def p_a_better_price_trades_first_and_at_its_price(
    near: int, far: int, a: int, b: int, limit: int, lots: int
) -> bool:
    """
    pre: 0 < near < far and a > 0 and b > 0 and limit > 0 and lots > 0
    post: _
    """
    state = _offers(_resting(1, SELL, near, a), _resting(2, SELL, far, b))
    step, _, _ = matching.take(Step(state), _buyer(limit, lots))
    for each in step.reports:
        if each.price > limit or each.price != (near if each.order == 1 else far):
            return False
    return _traded(step, 2) == 0 or _traded(step, 1) == a


def p_what_trades_is_neither_made_nor_lost(a: int, hidden: int, b: int, lots: int) -> bool:
    """
    pre: a > 0 and 0 <= hidden <= a and b > 0 and lots > 0
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a, hidden), _resting(2, SELL, PRICE, b))
    return _is_conserved(state, _buyer(PRICE, lots), a + hidden + b)


def p_what_is_prevented_is_neither_made_nor_lost(mode: int, a: int, b: int, lots: int) -> bool:
    """
    pre: a > 0 and b > 0 and lots > 0 and 1 <= mode <= 4
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a), _resting(2, SELL, PRICE, b))
    return _is_conserved(state, _buyer(PRICE, lots, account=2, mode=_mode(mode)), a + b)


def _is_conserved(state: MatchingState, taker: Taker, rested: int) -> bool:
    """Of both sides: before = traded + prevented + cancelled + after."""
    step, after, _ = matching.take(Step(state), taker)
    both = (EventKind.FILLED, EventKind.PREVENTED)
    gone = sum(each.quantity for each in step.reports if each.kind in both)
    ended = sum(each.quantity for each in step.reports if each.kind == EventKind.CANCELED)
    rest = sum(matching.open_lots(each) for each in step.state.asks)
    return after.left + gone == taker.left and rest + gone + ended == rested


def p_a_fill_or_kill_trades_all_or_nothing(near: int, far: int, a: int, b: int, lots: int) -> bool:
    """
    pre: 0 < near < far and a > 0 and b > 0 and 0 < lots <= 1000 and near <= 100
    post: _
    """
    state = _offers(_resting(1, SELL, near, a), _resting(2, SELL, far, b))
    message = Message(MessageKind.NEW, 9, 9, OrderKind.FOK, BUY, PRICE, lots)
    step = matching.step(state, message)
    return _traded(step, 1) + _traded(step, 2) in (0, lots)


# --- the book afterwards [M1] --------------------------------------------------------------------


def p_a_bid_leaves_no_crossed_book(
    bid: int, near: int, far: int, a: int, b: int, price: int, lots: int
) -> bool:
    """
    pre: 0 < bid < near < far <= 1000 and a > 0 and b > 0 and 0 < price <= 1000 and 0 < lots < 1000
    post: _
    """
    state = MatchingState(
        bids=(_resting(1, BUY, bid, 1),),
        asks=(_resting(2, SELL, near, a), _resting(3, SELL, far, b)),
        last_order=8,
        joined=8,
    )
    message = Message(MessageKind.NEW, 9, 9, LIMIT, BUY, price, lots)
    return not matching.crossed(matching.step(state, message).state)


def p_an_offer_leaves_no_crossed_book(
    bid: int, far: int, ask: int, a: int, b: int, price: int, lots: int
) -> bool:
    """
    pre: 0 < far < bid < ask <= 1000 and a > 0 and b > 0 and 0 < price <= 1000 and 0 < lots < 1000
    post: _
    """
    state = MatchingState(
        bids=(_resting(1, BUY, bid, a), _resting(2, BUY, far, b)),
        asks=(_resting(3, SELL, ask, 1),),
        last_order=8,
        joined=8,
    )
    message = Message(MessageKind.NEW, 9, 9, LIMIT, SELL, price, lots)
    return not matching.crossed(matching.step(state, message).state)


# --- places [Q3, Q5] -----------------------------------------------------------------------------


def p_an_amendment_keeps_the_place(a: int, hidden: int, b: int, total: int) -> bool:
    """
    pre: a > 0 and hidden >= 0 and b > 0 and 0 < total <= a + hidden < 1000
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a, hidden), _resting(2, SELL, PRICE, b))
    asks = matching.step(state, Message(MessageKind.AMEND, 1, 1, quantity=total)).state.asks
    return [each.order for each in asks] == [1, 2] and matching.open_lots(asks[0]) == total


def p_a_replacement_goes_to_the_back(a: int, b: int, total: int) -> bool:
    """
    pre: a > 0 and b > 0 and 0 < total < 1000
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a), _resting(2, SELL, PRICE, b))
    message = Message(MessageKind.REPLACE, 1, 1, price=PRICE, quantity=total)
    asks = matching.step(state, message).state.asks
    return [each.order for each in asks] == [2, 1] and matching.open_lots(asks[1]) == total


def p_a_reload_goes_to_the_back(a: int, hidden: int, b: int) -> bool:
    """
    pre: a > 0 and hidden > 0 and b > 0
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a, hidden), _resting(2, SELL, PRICE, b))
    step, _, _ = matching.take(Step(state), _buyer(PRICE, a))
    first, last = step.state.asks
    return (first.order, last.order) == (2, 1) and last.shown + last.hidden == hidden


# --- auction [M8, M1] ----------------------------------------------------------------------------


def p_no_auction_price_trades_more(
    high: int, low: int, a: int, b: int, ask: int, c: int, price: int
) -> bool:
    """
    pre: 0 < low < high and ask > 0 and price > 0 and a > 0 and b > 0 and c > 0
    post: _
    """
    bids, asks = ((high, a), (low, b)), ((ask, c),)
    chosen = call_auction.auction_price(bids, asks, 0)
    most = call_auction.volume(bids, asks, chosen) if chosen else 0
    return call_auction.volume(bids, asks, price) <= most


def p_an_auction_leaves_no_crossed_book(
    high: int, low: int, a: int, b: int, ask: int, c: int
) -> bool:
    """
    pre: 0 < low < high and ask > 0 and a > 0 and b > 0 and c > 0
    post: _
    """
    state = MatchingState(
        status=1,
        bids=(_resting(1, BUY, high, a), _resting(2, BUY, low, b)),
        asks=(_resting(3, SELL, ask, c),),
        last_order=8,
        joined=8,
    )
    return not matching.crossed(matching.auction(state).state)


# --- canaries ------------------------------------------------------------------------------------


def canary_the_last_in_line_trades_first(a: int, b: int, lots: int) -> bool:
    """
    pre: a > 0 and b > 0 and lots > 0
    post: _
    """
    state = _offers(_resting(2, SELL, PRICE, b), _resting(1, SELL, PRICE, a))
    step, _, _ = matching.take(Step(state), _buyer(PRICE, lots))
    return _traded(step, 1) == min(a, lots)


def canary_a_locked_book_is_left(price: int, ask: int, a: int, lots: int) -> bool:
    """
    pre: price > 0 and ask > 0 and a > 0 and lots > 0
    post: _
    """
    state, taker = _offers(_resting(1, SELL, ask, a)), _buyer(price, lots)
    step = Step(state)
    if price > ask:
        step, taker, _ = matching.take(step, taker)
    return taker.left == 0 or not matching.crossed(matching.join(step, taker).state)


def canary_an_own_order_trades(a: int, lots: int) -> bool:
    """
    pre: a > 0 and lots > 0
    post: _
    """
    step, _, _ = matching.take(Step(_offers(_resting(1, SELL, PRICE, a))), _buyer(PRICE, lots, 1))
    return _traded(step, 1) == 0


def canary_the_auction_ranking_is_not_transitive(
    v: int, w: int, x: int, i: int, j: int, k: int
) -> bool:
    """
    pre: True
    post: _
    """

    def preferred(volume: int, imbalance: int, other: int, its: int) -> bool:
        # Volumes that differ by one are taken for equal.
        return volume > other + 1 or (abs(volume - other) <= 1 and imbalance < its)

    return not (preferred(v, i, w, j) and preferred(w, j, x, k)) or preferred(v, i, x, k)


def canary_a_reload_keeps_the_place(a: int, hidden: int, b: int) -> bool:
    """
    pre: a > 0 and hidden > 0 and b > 0
    post: _
    """
    state = _offers(_resting(1, SELL, PRICE, a, hidden), _resting(2, SELL, PRICE, b))
    step, _, _ = matching.take(Step(state), _buyer(PRICE, a))
    return step.state.asks[0].order == 1
