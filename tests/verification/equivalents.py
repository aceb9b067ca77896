"""Evidence that a mutant does what the original does.

A mutant counts as equivalent only when a bounded search is exhausted: the function it changes is
run on every input of a stated domain, the original beside the mutant's own text, and no result
differs. The domains are small because the functions only compare and add; each is written here by
hand, for functions in which a change was found that no test can notice, and the search is run
again whenever such a mutant survives. A function without a domain has no evidence.
"""

from __future__ import annotations

import ast
import importlib
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import combinations, permutations, product, zip_longest
from types import ModuleType, SimpleNamespace
from typing import Any

from attrs import evolve

from tests.venue.stage import BOOK, INSTRUMENT, Stage
from tests.verification.mutating import Mutant
from tests.verification.planting import EndlessError, source_of, watch_for_endless_calls
from tickproof.kernel.orders import KernelLeg
from tickproof.kernel.tape import Tape, evidence_about
from tickproof.spec.commands import CONDITIONAL_TYPES, CommandKind, OrderType, TimeInForce
from tickproof.spec.conditional import Wait
from tickproof.spec.configuration import Configuration, Timing
from tickproof.spec.events import BookDelta, Event, Trade
from tickproof.spec.instructions import INSTRUCTION_FIELDS, PLAIN, Instructions
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.risk import RiskFacts
from tickproof.spec.stream import EventColumns
from tickproof.venue.orders import VenueOrder
from tickproof.venue.venue import SimulatedVenue

Inputs = Callable[[ModuleType], Iterator[tuple[Any, ...]]]
Play = Callable[[ModuleType], Iterator[str]]
"""Uses a module, original or changed, over a whole domain, and says what came of each step."""

ENDLESS_S = 2
"""A call that takes longer does not come back: a difference like any other."""

SMALL = range(3)
TIMES = range(-1, 7)


def obligations(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every two obligations of three deadlines, reasons and subjects."""
    for numbers in product(SMALL, repeat=6):
        yield module.Obligation(*numbers[:3]), module.Obligation(*numbers[3:])


def clocks(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every clock and deadline of a few times."""
    for now_ns, backwards, jumps, deadline_ns in product(TIMES, SMALL, SMALL, TIMES):
        yield module.Clock(now_ns, backwards, jumps), deadline_ns


def buckets(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Small buckets in every state, at times before, at and after the last refill."""
    for capacity, refill, interval_ns in product(range(1, 4), SMALL, range(1, 4)):
        bucket = module.Bucket(0, "", capacity, refill, interval_ns, 1, 1, 1)
        for tokens, refilled_at_ns, now_ns in product(range(capacity + 1), SMALL, TIMES):
            yield bucket, module.BucketState(tokens, refilled_at_ns), now_ns


def commands(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every two pending commands of a few kinds and positions."""
    for kinds in product(range(1, 4), repeat=2):
        for numbers in product(SMALL, repeat=2):
            yield tuple(map(module.Pending, kinds, (0, 0), numbers))


def works(module: ModuleType) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Two pieces of work and a mode: kinds, requests, dates, waits, pauses and deadlines."""
    single = [
        module.Work(
            module.Pending(kind, 0, 0, good_till_ns=good_till, surfaced=surfaced),
            module.Standing(0 if kind == 1 else 1, request, 0, 1, 0, 1, 1),
        )
        for kind, request, good_till, surfaced in product(range(1, 4), (0, 2), (0, 3), (0, 1))
    ]
    modes = [module.Mode(0, holds, deadline) for holds, deadline in product((0, 1), (0, 2))]
    for number, each in enumerate(single):
        for other, mode in product(single, modes):
            second = module.evolve(other.pending, intent_id=1, order_id=1)
            yield (each, module.evolve(other, pending=second))[: number % 3], mode


def kept_works(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Nothing, one or two, before and after their dates."""
    for (work, mode), now_ns in product(works(module), (1, 4)):
        yield work, (), (), now_ns, mode


def queues(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """The same with one bucket, empty or full."""
    bucket = module.Bucket(0, "", 2, 1, 3, 1, 1, 1)
    for (work, mode), tokens, now_ns in product(works(module), (0, 2), (1, 4)):
        yield work, (bucket,), (module.BucketState(tokens, now_ns),), now_ns, mode


FEW = range(-2, 3)


def numbers(*ranges: range) -> Inputs:
    """Every combination of a few integers of either sign."""
    return lambda _: product(*ranges)


def positions(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Positions of every sign of quantity and cost."""
    for quantity, cost in product(FEW, FEW):
        yield (module.Position(quantity, cost),)


def holdings(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """An account with and without base, open positions in two markets, marks of either."""
    markets = [evolve(INSTRUMENT, id=0, kind=0), evolve(INSTRUMENT, id=1, kind=1)]
    for held, lots, first, second in product(SMALL, FEW, (None, 5), (None, 6)):
        balances = {(0, INSTRUMENT.base): module.Balance(held)}
        positions = {(0, 1, 0): module.Position(lots, 5 * lots)} if lots else {}
        told = {at: mark for at, mark in ((0, first), (1, second)) if mark is not None}
        yield module.Ledger(balances, positions), 0, INSTRUMENT.quote, markets, told


def closings(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Lots of either sign and none taken from small positions, with and without a fee."""
    for kind, held, lots, fee in product((0, 1), FEW, FEW, (0, 1)):
        market = evolve(INSTRUMENT, id=0, kind=kind)
        book = module.Ledger({}, {(0, 0, 0): module.Position(held, 5 * held)})
        yield book, market, 0, 7, lots, fee, INSTRUMENT.quote, 0, module._LIQUIDATED


def corrected(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every small leg, the last or before another, and every small correction of one fill of it."""
    legs = [module.Leg(1, *numbers) for numbers in product(SMALL, repeat=4)]
    for leg, last, effective, quantity, restores in product(
        legs, (True, False), SMALL, SMALL, (0, 1)
    ):
        all_of_it = (leg,) if last else (leg, module.Leg(2, 1, 0, 0, 0))
        report = module.Report(0, effective=effective, quantity=quantity, restores=restores)
        yield module.Order(3, 0, 0, 0, 0, all_of_it, None, ()), report


def order_quantities(module: ModuleType) -> Iterator[str]:
    """Every small leg, alone and behind another: its rooms, fills, corrections and voids."""
    report = SimpleNamespace(leg=0, restores=0)
    for leg in product(SMALL, repeat=4):
        other = module.KernelLeg(0, 2, leg[0], leg[1], 0)
        for legs in ([module.KernelLeg(0, *leg)], [other, module.KernelLeg(0, *leg)]):
            order = SimpleNamespace(legs=legs, executed=leg[1])
            yield f"{module.open_room(order)} {module.over(order)}"
        for effective, quantity in product(SMALL, SMALL):
            order = SimpleNamespace(legs=[module.KernelLeg(0, *leg)], executed=leg[1])
            report.effective, report.quantity = effective, quantity
            module.correct(order, report)
            yield f"{order.legs[0].terms()} {order.executed}"


def queues_in_place(module: ModuleType) -> Iterator[str]:
    """Queues that merge, order, wait and consider every two small obligations."""
    never = module.NEVER_NS
    dues = list(product((1, 2, never), (1, 2), (1, 2)))
    for first, second in product(dues, dues):
        queue = module.IntentQueue()
        queue._consider(*first)
        queue._consider(*second)
        yield f"{queue.deadline_ns} {queue.deadline_reason} {queue.deadline_subject}"
    buckets = tuple(module.Bucket(0, "", 2, 1, wait, 1, 1, 1) for wait in (3, 3, 5))
    standings = list(product(SMALL, (0, 1), SMALL))
    for kinds, (target, request, tokens) in product(product((1, 2, 3), repeat=3), standings):
        queue = module.IntentQueue(buckets[: tokens + 1])
        for bucket in queue.buckets:
            bucket.tokens = tokens
        told = []
        for order_id, intent_id, kind in ((1, 1, kinds[0]), (1, 2, kinds[1]), (2, 3, kinds[2])):
            command = module.QueuedCommand(kind, order_id, intent_id)
            command.quantity = intent_id
            command.stand(target, request, 0, 1, 0, 1, 1)
            told.append(queue.submit(command, target))
        told.append([each.pending() for each in queue.entries.values()])
        told.append(queue.process(1))
        told += [each.intent_id for each in queue.sendable]
        yield f"{told} {queue.withdrawn_codes} {queue.deadline_ns} {queue.deadline_subject}"


def evidence_by_leg(module: ModuleType) -> Iterator[str]:
    """Reports about every leg of none to two, by index and by venue id."""
    execution = SimpleNamespace(report=module.KernelReport())
    for count, index, named, kind in product(SMALL, range(-1, 4), SMALL, (module.REPLACED, 0)):
        order = SimpleNamespace(legs=[KernelLeg(leg + 1, 1) for leg in range(count)])
        for fill in (None, [0, 1, *[0] * 7], [module.EFFECTIVE, 1, *[0] * 7]):
            said = evidence_about(kind, 0, 0, 0)
            said.venue_order_id, said.leg = named, index
            module.KernelExecution._fill_report(execution, said, order, fill, 1)
            yield f"{execution.report.leg} {execution.report.new_leg}"


def orders_by_venue_id(module: ModuleType) -> Iterator[str]:
    """Orders that share venue ids or not, kept one after another, and again with other legs."""
    for numbers in product((1, 2, -1), repeat=3):
        execution = SimpleNamespace(orders={}, shadows={9: None}, by_venue_id={}, unfiled=[])
        for number, venue_id in zip(numbers, (5, 5, 0), strict=True):
            order = SimpleNamespace(order_id=number, account=0, instrument=0)
            order.kept_legs = order.kept_id = 0
            for ids in ((venue_id,), (venue_id,), (6,), (venue_id, 7), (venue_id, 8), ()):
                order.legs = [KernelLeg(each, 1) for each in ids]
                module.KernelExecution._keep(execution, order)
                module.KernelExecution._file(execution)
                yield f"{execution.by_venue_id} {sorted(execution.orders)} {order.kept_id}"


def lowest_ids(module: ModuleType) -> Iterator[str]:
    """Fills of two orders under every three trade ids of either sign and none."""
    for numbers in product(FEW, repeat=3):
        execution = SimpleNamespace(fills={}, aliases={}, lowest_trade_ids={})
        for order_id, number in zip((1, 2, 1), numbers, strict=True):
            key = (0, 0, 0, number, order_id)
            said = evidence_about(0, 0, 0, order_id)
            booked = (execution, said, None, key, key, 0, module.VOIDED)
            module.KernelExecution._book_fill(*booked)
            lowest = execution.lowest_trade_ids
            yield f"{lowest.get(1, 0)} {lowest.get(2, 0)} {execution.fills}"


def pairs_locked(module: ModuleType) -> Iterator[str]:
    """Two legs that exclude each other, before and after either executes, at small needs."""
    for asset, *needs in product((0, 1), SMALL, SMALL, SMALL, SMALL):
        ledger = SimpleNamespace(locked=Counter())
        ledger.add_locked = lambda _, of, amount, at=ledger.locked: at.update({of: amount})
        legs = [module.KernelOrder(1 + leg, 0, 0, 0, 1, 1, 1, 0, 0) for leg in (0, 1)]
        legs[0].lock_asset, legs[1].lock_asset = 0, asset
        execution = SimpleNamespace(ledger=ledger)
        execution.sibling_of = lambda order_id, _, legs=legs: legs[2 - order_id]
        execution._count_lock = partial(module.KernelExecution._count_lock, execution)
        for step, need in enumerate(needs):
            legs[1].executed = step // 3
            module.KernelExecution._lock_together(execution, legs[step % 2], need)
            yield f"{sorted(ledger.locked.items())}"


def terms_open(module: ModuleType) -> Iterator[str]:
    """Orders of either side under every small term they may have, two of them asked for."""
    for side, *numbers in product((1, -1), (0, 5, 6), SMALL, (0, 5, 6), SMALL, SMALL):
        price, total, other_price, other_total, executed = numbers
        queue = SimpleNamespace(entries={})
        world = SimpleNamespace(
            instruments=(evolve(INSTRUMENT, id=0),),
            accounts=(0,),
            assets=(0, 1, 2, 3),
            risk=SimpleNamespace(price_collar_e8=0),
        )
        execution = module.KernelExecution(world, [], queue, None)
        order = module.KernelOrder(1, 0, 0, 0, side, 1, 1, 0, 0)
        order.life, order.price, order.reference_price = 3, price, 5
        order.legs, order.executed = [KernelLeg(0, total, executed)], executed
        order.doubts = ((2, 7, other_total, other_price, 0),)
        for kind in (0, int(CommandKind.CANCEL), int(CommandKind.REPLACE)):
            # Neither nothing nor a CANCEL asks for terms.
            order.pending_kind = kind
            order.pending_price, order.pending_total = (5, 1) if kind == 2 else (0, 0)
            execution.refresh(order)
            known = (execution.open_lots, execution.open_orders, execution.open_prices)
            yield f"{known} {order.worst_open} {order.lock_amount} {order.shown}"


def clocks_in_place(module: ModuleType) -> Iterator[str]:
    """Every small clock, with a stamp or an answer before, at and after now, and a limit."""
    asked = product((module.TRADE, module.CONTROL_TIME), TIMES, TIMES)
    for (kind, stamp, deadline_ns), now_ns, limit_ns, due_ns in product(asked, SMALL, SMALL, TIMES):
        kernel = SimpleNamespace(now_ns=now_ns, jump_limit_ns=limit_ns, deadline_ns=due_ns)
        kernel.backwards = kernel.jumps = 0
        module.Kernel._advance(kernel, kind, stamp, deadline_ns)
        yield f"{kernel.now_ns} {kernel.backwards} {kernel.jumps}"


def stretches(module: ModuleType) -> Iterator[str]:
    """Two prints in a stretch, before, at and after now, within a jump and beyond it."""
    for limit_ns, now_ns, first, second in product(SMALL, SMALL, range(4), range(4)):
        timing = Timing(jump_limit_ns=limit_ns)
        configured = Configuration(1, (), (), (evolve(INSTRUMENT, id=0),), (), timing=timing)
        kernel = module.Kernel(configured, ())
        kernel.now_ns = now_ns
        prints = [Event(at, at, 0, 0, 0, Trade(0, 5, 1, 1, 0, 0)) for at in (first, second)]
        reached = kernel.replay(EventColumns(prints))
        yield f"{reached} {kernel.now_ns} {kernel.backwards} {kernel.jumps}"


def fast_places(module: ModuleType) -> Iterator[str]:
    """Small places told of every two small levels, with and without a memory's guess or a print."""
    declared = product(range(4), (False, True), (0, 1), (0, 1))
    for size, current, maximum, minimum in declared:
        news = product(range(4), range(4), (-1, 2), range(-1, 3), (0, 2), (0, 2))
        for first, then, guess, said, printed, at in news:
            place = module.Place(1, size, current, 0, maximum, minimum)
            place.level_update(first, at, guess)
            if printed:
                place.print_at(printed, 0, 3, 1)
            place.level_update(then, 4, said)
            known = (place.ahead_min, place.estimate, place.estimate_before, place.candidates())
            yield f"{known} {place.size} {place.as_of_ns}"


def cancels(_: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Lots cancelled of small queues, of which some stand ahead."""
    for size in range(12):
        yield from product(range(0, 25, 3), range(size + 1), (size,))


def venues(module: ModuleType) -> Iterator[str]:
    """An order sent, a level taken away and a print, in every order of a few instants."""
    for request_ns, sent, told, due in product(SMALL, (2, 3), range(2, 6), SMALL):
        play = Stage(module.SimulatedVenue((INSTRUMENT,), 0, request_ns, 0)).at(1)
        play.snapshot(*BOOK)
        play.at(sent).new(1, 1, 101, 1)
        play.at(max(sent, told)).delta(-1, 101, 0, event_time=told - due)
        play.at(max(sent, told)).trade(100, 20, -1, event_time=told)
        now_ns = play.venue._now_ns
        play.run(9)
        market = play.venue._markets[0]
        yield f"{now_ns} {play.said} {market.latest_ns} {market.latest_capture_ns} {market.book_ns}"


def stamps_noted(module: ModuleType) -> Iterator[str]:
    """Every two depth changes or prints with small stamps, after small ones."""
    each = list(product((True, False), SMALL, SMALL))
    for before_ns, *told in product(SMALL, each, each):
        events = []
        for sequence, (is_depth, event_ns, capture_ns) in enumerate(told):
            depth, trade = BookDelta(0, 0, 0, ()), Trade(0, 5 + sequence, 1, 1, 0, 0)
            body = depth if is_depth else trade
            events.append(Event(event_ns, capture_ns, 0, sequence, 0, body))
        venue = module.SimulatedVenue((INSTRUMENT,), 0, 0, 0)
        said = venue.note_stamps(Tape(EventColumns(events)), 0, 2, before_ns)
        market = venue._markets[0]
        stamps = (market.latest_ns, market.latest_capture_ns, market.book_ns, venue._now_ns)
        yield f"{said} {stamps} {market.last_price}"


def small_venues(module: ModuleType) -> Iterator[Any]:
    """A matching venue with an order on each side, or none, taking orders as they come or not."""
    whole = module.MatchingState()
    for orders, status in product(((), ((1, 100),), ((1, 100), (-1, 101))), (1, 2)):
        state = module.evolve(whole, status=2)
        for number, (side, price) in enumerate(orders):
            new = module.Message(0, number + 1, 1, module.OrderKind.LIMIT, side, price, 2)
            state = module.step(state, new).state
        yield module.evolve(state, status=status)


def small_orders(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Orders of every kind, and of codes that are none, that reach the other side or do not."""
    kinds = range(-1, len(module.OrderKind) + 1)
    for state, kind, side, price in product(small_venues(module), kinds, (1, -1), (0, 100, 101)):
        yield state, module.Message(0, 9, 2, kind, side, price, 3)


def resumed(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """The same orders when they come in again."""
    for state, kind, side, limit in product(
        small_venues(module), module.OrderKind, (1, -1), (0, 100, 101)
    ):
        yield module.Step(state), module.Taker(9, 2, kind, side, limit, 3, 3, 0, 0)


def paired(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Two orders that meet in an auction, with small parts shown and hidden."""
    state = list(small_venues(module))[-1]
    for shown, hidden, other_shown, other_hidden in product((1, 2), (0, 1), (1, 2), (0, 1)):
        bid = module.evolve(state.bids[0], shown=shown, hidden=hidden, total=3, display=shown)
        offer = module.evolve(
            state.asks[0], shown=other_shown, hidden=other_hidden, total=3, display=other_shown
        )
        yield module.Step(module.evolve(state, bids=(bid,), asks=(offer,))), 100


def fast_orders(module: ModuleType) -> Iterator[str]:
    """Small orders of every kind in every phase, shown in parts or not, one after another."""
    for status, kind, side, price in product(range(-1, 6), range(-1, 9), (1, -1), (0, 99, 100)):
        venue = module.Matcher(1, 1, status)
        rows = [
            (0, number + 1, 1, kind, side, price, lots, display, 0, 0)
            for number, (lots, display) in enumerate(product((1, 2), SMALL))
        ]
        venue.run(rows)
        yield f"{venue.reports} {venue.resting(side)} {venue.waiting()}"


def fast_replacements(module: ModuleType) -> Iterator[str]:
    """An order in the book and a stop outside it, replaced by small terms in every phase."""
    for status, order, price, total in product(range(6), (1, 2, 3), SMALL, SMALL):
        venue = module.Matcher()
        venue.new(1, 1, module._LIMIT, 1, 2, 2)
        venue.new(2, 1, module._STOP, 1, 0, 2, 0, 3)
        venue.status = status
        venue.replace(order, 1, price, total)
        yield f"{venue.reports} {venue.resting(1)} {venue.waiting()}"


def ladders(module: ModuleType) -> Iterator[str]:
    """Every order in which a few prices come up, and ranges that trades widen."""
    for side, keys in product((1, -1), permutations(range(1, 5))):
        ladder = module.Ladder(side)
        made = [ladder.make(key * side).key for key in keys]
        yield f"{made} {ladder.keys} {ladder.best.key}"
    for numbers in product(range(1, 4), repeat=4):
        venue = module.Matcher()
        venue._widen(min(numbers[:2]), max(numbers[:2]))
        venue._widen(min(numbers[2:]), max(numbers[2:]))
        yield f"{venue._low} {venue._high}"


def fast_auctions(module: ModuleType) -> Iterator[str]:
    """Every two small orders a side, or fewer, in an auction after a trade near them or none."""
    orders = list(product(range(2, 5), (1, 2)))
    interests = [(), *((each,) for each in orders), *combinations(orders, 2)]
    for bids, asks, last in product(interests, interests, range(6)):
        venue = module.Matcher(status=module._AUCTION)
        venue.last = last
        told = [*((1, *each) for each in bids), *((-1, *each) for each in asks)]
        for number, (side, price, lots) in enumerate(told, 1):
            venue.new(number, number, module._LIMIT, side, price, lots)
        venue.reports.clear()
        venue.turn(module.MessageKind.TO_CONTINUOUS)
        yield f"{venue.reports}"


def small_auctions(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every one or two orders a side at three prices, and every last price near them."""
    orders = list(product(range(1, 4), (1, 2)))
    interests = [(), *((each,) for each in orders), *product(orders, orders)]
    return product(interests, interests, range(5))


def ranked(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Every two candidates of three numbers of each kind."""
    made = [module.Candidate(*numbers) for numbers in product(SMALL, repeat=4)]
    return product(made, made)


def weighed(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Small entries of any age, in any place."""
    for size, stamp_ns, lots, behind, now_ns in product(
        (1, 2, 3), range(-1, 3), (1, 2), SMALL, SMALL
    ):
        yield module.Entry(1, size, stamp_ns), lots, behind, now_ns


def small_books(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Books with none, one and two levels a side."""
    sides = [(), ((2, 3),), ((2, 3), (1, 4))]
    for bids, asks in product(sides, sides):
        yield (module.BookState(bids, tuple((9 - price, size) for price, size in asks)),)


def entries_left(module: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Up to three small entries, of known and of unknown age, and lots that leave them."""
    each = list(product((1, 2, 3), (-1, 0)))
    for count, lots in product(range(1, 4), range(1, 4)):
        for found in product(each, repeat=count):
            made = tuple(module.Entry(at, *values) for at, values in enumerate(found))
            yield made, lots, 1


def delays_told(_: ModuleType) -> Iterator[tuple[Any, ...]]:
    """Up to three small delays, at times around theirs."""
    for count in range(1, 4):
        for times, delays in product(combinations(range(5), count), product(SMALL, repeat=count)):
            for time_ns in TIMES:
                yield tuple(zip(times, delays, strict=True)), time_ns


def rows_of_requests(module: ModuleType) -> Iterator[str]:
    """Every four Requests of three due times, taken one by one."""
    for due in product(range(3), repeat=4):
        row = module.UnderWay()
        for number, due_ns in enumerate(due):
            row.add(module.release_of(number, due_ns))
        yield str([row.take().order_id for _ in due])


def own_sides(module: ModuleType) -> Iterator[str]:
    """Every way three prices can have own orders and others whom they displaced."""
    for side, queues, displaced in product((1, -1), range(8), range(8)):
        own = module.OwnSide(side)
        for price in range(1, 4):
            if queues >> price - 1 & 1:
                own.queue_at(price)
            own.displace(price, displaced >> price - 1 & 1)
        yield str([own.better_than(price) for price in range(5)])


def waiting_orders(module: ModuleType) -> Iterator[str]:
    """One waiting order of every type, side and distance, and every two small prices."""
    told = product(CONDITIONAL_TYPES, (1, -1), (0, 1, 5_000), range(1, 5), range(5))
    for order_type, side, trailing_e4, trigger, reference in told:
        for prices in product(range(1, 6), repeat=2):
            order = VenueOrder(1, 0, 0, side, 1, 0, 0, 1, 0)
            order.wait = Wait.TRAILING if trailing_e4 and reference else Wait.WAITING
            order.trigger, order.trailing_e4, order.reference = trigger, trailing_e4, reference
            waiting = module.Conditionals()
            waiting.add(order, order_type)
            reached: list[VenueOrder] = []
            for price in prices:
                waiting.seen(module.LAST_TRADE, price, reached)
            yield f"{order.wait} {order.reference} {order.trigger} {len(reached)} {waiting.count}"


def layer(module: ModuleType, name: str) -> type[SimulatedVenue]:
    """The simulated venue with one of its layers as a module has it."""
    written = {key: value for key, value in vars(getattr(module, name)).items() if callable(value)}
    return type("Venue", (SimulatedVenue,), written)


def crossings(module: ModuleType) -> Iterator[str]:
    """Own orders of either side or none, and a level or a whole book that reaches them or not."""
    levels = list(product((1, -1), range(98, 105), (0, 3)))
    for model, bid, ask, told in product((0, 2), (0, 99, 100), (0, 101, 103), levels):
        for whole in (True, False):
            play = Stage(layer(module, "LevelVenue")((INSTRUMENT,), model, 0, 0)).at(10)
            play.snapshot(*BOOK)
            for number, (side, price) in enumerate(((1, bid), (-1, ask)), 1):
                if price:
                    play.new(number, side, price, 2)
            (play.at(11).snapshot if whole else play.at(11).delta)(*told)
            play.at(12).delta(-told[0], told[1], 3)
            market = play.venue._markets[0]
            yield f"{play.said} {list(play.places())} {market.idle} {market.prints_matter}"


def records(module: ModuleType) -> Iterator[str]:
    """Records of Requests without instructions, with all that are none, and with each of them."""
    asked = [(0,) * len(INSTRUCTION_FIELDS)]
    asked += [(*[0] * at, 1, *[0] * (len(asked[0]) - at - 1)) for at in range(len(asked[0]))]
    for behind in ((), *asked):
        read = module.VenueRequest((*range(14), *behind))
        names = [name for name in module.VenueRequest.__slots__ if name != "instructions"]
        yield f"{read.instructions} {[int(getattr(read, name)) for name in names]}"


def classes(module: ModuleType) -> Iterator[str]:
    """Every order type and time in force, and codes that are none, plain and with instructions."""
    every = range(-2, len(OrderType) + 4), range(-2, len(TimeInForce) + 4)
    for order_type, time, instructions in product(*every, (PLAIN, Instructions(quote_quantity=1))):
        told = {"order_type": order_type, "time_in_force": time, "instructions": instructions}
        yield f"{int(module.class_of(SimpleNamespace(**told)))}"


def shown_sizes(module: ModuleType) -> Iterator[str]:
    """What is shown at prices in and around small windows, before and after two levels change."""
    changes = list(product(range(4, 9), (0, 1)))
    for side, shown, first, then in product((1, -1), (0, 1, 4, 7), changes, changes):
        market = module.Market(INSTRUMENT)
        levels = [(side, 5 + at, 1) for at in range(3) if shown >> at & 1]
        market.book.apply_snapshot(sum(levels, ()), 0, 3 * len(levels))
        market.note_window()
        before = [market.shown_size(side, at) for at in range(3, 10)]
        market.book.apply_levels((side, *first, side, *then), 0, 6)
        yield f"{before} {[market.shown_size(side, at) for at in range(3, 10)]}"


def fast_memories(module: ModuleType) -> Iterator[str]:
    """Small levels told of every three sizes."""
    for per_event, sizes in product((0, 1), product(range(5), repeat=4)):
        memory = module.LevelMemory(per_event)
        for stamp_ns, size in enumerate(sizes):
            memory.told(size, stamp_ns // 2 << 20, stamp_ns % 2)
        yield f"{memory.numbers} {memory.sizes} {memory.stamps}"


def small_money(module: ModuleType) -> Iterator[str]:
    """Every small amount moved, position closed and order locked, of either sign and none."""
    for kind, held, lots, amount in product((0, 1), FEW, FEW, FEW):
        book = module.KernelLedger(1, 2, (evolve(INSTRUMENT, id=0, kind=kind, base=0, quote=1),))
        told: list[int] = []
        book.transfer(told, 0, 1, amount)
        told.append(book.overdrawn)
        book.pay_funding(told, 0, 1, amount)
        if held:
            book.post_fill(told, 0, 0, 1 if held > 0 else -1, 5, abs(held), 0, 1)
        book.liquidate(told, 0, 0, 7, lots, 0, 1)
        lock = book.lock_for(0, 1, 5, abs(lots), abs(held))
        yield f"{told} {lock} {book.totals} {book.quantities} {book.costs} {book.realised}"


def denied_prices(module: ModuleType) -> Iterator[str]:
    """What becomes MARKET at every small trigger, at every small reference and limit."""
    facts = RiskFacts(quantity=1, money_per_price_lot=1, reference_known=1)
    for side, trigger, reference, least, most in product(
        (1, -1), SMALL, range(1, 4), range(4), range(4)
    ):
        flat = module.FlatFacts()
        flat.load(
            evolve(
                facts,
                order_type=int(OrderType.STOP),
                side=side,
                trigger_price=trigger,
                reference_price=reference,
                minimum_notional=least,
                limit_notional=most,
            )
        )
        yield str(module.deny_price(flat))


def windows(module: ModuleType) -> Iterator[str]:
    """Every three changes of a book with a small window, at its edges, in it and far from it."""
    changes = list(product((1, -1), (0, 5, 6, 13, 14), (0, 2)))
    for told in product(changes, repeat=3):
        book = module.Book(1, 8)
        book.apply_levels((1, 10, 1, -1, 11, 1), 0, 6)
        touched = [book.apply_levels(change, 0, 3) for change in told]
        touch = (book.bid_price, book.bid_size, book.ask_price, book.ask_size)
        yield f"{touched} {touch} {book.levels(1)} {book.levels(-1)}"


def calls(name: str, inputs: Inputs) -> Play:
    """What a function of a module gives for each of the inputs."""

    def play(module: ModuleType) -> Iterator[str]:
        function = getattr(module, name)
        for arguments in inputs(module):
            yield result(function, arguments)

    return play


def fast_buckets(module: ModuleType) -> Iterator[str]:
    """Buckets in place in every small state: what fits, when, and what taking leaves."""
    settings = product(range(1, 4), (1, 2), (1, 3), (0, 1, 2), (0, 1))
    for capacity, refill, interval_ns, cost, reserve in settings:
        costs = (cost, cost, cost, reserve)
        for tokens, now_ns, kind in product(range(capacity + 1), TIMES, range(4)):
            bucket = module.RateBucket(module.Bucket(0, "", capacity, refill, interval_ns, *costs))
            bucket.tokens, bucket.refilled_at_ns = tokens, 2
            seen = [bucket.needs, bucket.tokens_at(now_ns), bucket.next_time_for(kind)]
            if bucket.fits(kind, now_ns):
                bucket.take(kind, now_ns)
            yield f"{seen} {bucket.tokens} {bucket.refilled_at_ns}"


def payload_rooms(module: ModuleType) -> Iterator[str]:
    """Payloads up to, at and beyond the room there is, and what is there after one more."""
    full = len(module.KernelChain(bytes(32)).payload)
    for filled, length in product((0, 1, full - 2, full - 1, full), (0, 1, 2, full)):
        chain = module.KernelChain(bytes(32))
        chain.payload[filled - 1] = 7
        chain.filled = filled
        chain._fit(length)
        for index in range(filled, filled + length):
            chain.payload[index] = 8
        yield str(list(chain.payload[: filled + length]))


DOMAINS: dict[tuple[str, str], Play] = {
    ("tickproof.kernel.chain", "KernelChain._fit"): payload_rooms,
    ("tickproof.spec.time", "is_sooner"): calls("is_sooner", obligations),
    ("tickproof.spec.time", "answer"): calls("answer", clocks),
    ("tickproof.spec.matching", "ranks_before"): calls(
        "ranks_before", numbers(range(-1, 2, 2), SMALL, SMALL, SMALL, SMALL)
    ),
    ("tickproof.spec.ledger", "inv_position"): calls("inv_position", positions),
    ("tickproof.spec.ledger", "closed_quantity"): calls(
        "closed_quantity", numbers(FEW, range(-1, 2, 2), SMALL)
    ),
    ("tickproof.spec.ledger", "equity"): calls("equity", holdings),
    ("tickproof.spec.ledger", "_close"): calls("_close", closings),
    ("tickproof.spec.ledger", "residue_of"): calls("residue_of", numbers(FEW, FEW)),
    ("tickproof.spec.order_life", "correct"): calls("correct", corrected),
    ("tickproof.spec.rate_bucket", "refilled"): calls("refilled", buckets),
    ("tickproof.spec.queue_processing", "goes_before"): calls("goes_before", commands),
    ("tickproof.spec.queue_processing", "next_obligation"): calls("next_obligation", kept_works),
    ("tickproof.spec.queue_processing", "process"): calls("process", queues),
    ("tickproof.kernel.rate_bucket", "RateBucket"): fast_buckets,
    ("tickproof.kernel.book", "Book._find_ask"): windows,
    ("tickproof.kernel.ledger", "closed_lots"): calls(
        "closed_lots", numbers(FEW, range(-1, 2, 2), SMALL)
    ),
    ("tickproof.kernel.ledger", "KernelLedger._move"): small_money,
    ("tickproof.kernel.ledger", "KernelLedger.transfer"): small_money,
    ("tickproof.kernel.ledger", "KernelLedger._close"): small_money,
    ("tickproof.kernel.ledger", "KernelLedger.lock_for"): small_money,
    ("tickproof.spec.matching", "arrive"): calls("arrive", small_orders),
    ("tickproof.spec.matching", "resume"): calls("resume", resumed),
    ("tickproof.spec.matching", "pair_off"): calls("pair_off", paired),
    ("tickproof.spec.venue_phase", "event_of_status"): calls(
        "event_of_status", numbers(range(len(InstrumentState)))
    ),
    ("tickproof.spec.latency", "read_at"): calls("read_at", delays_told),
    ("tickproof.venue.requests", "VenueRequest.read"): records,
    ("tickproof.venue.levels", "LevelVenue._after_levels"): crossings,
    ("tickproof.venue.levels", "LevelVenue._on_snapshot"): crossings,
    ("tickproof.venue.verdicts", "class_of"): classes,
    ("tickproof.venue.conditional", "Conditionals.add"): waiting_orders,
    ("tickproof.venue.conditional", "Conditionals._follow"): waiting_orders,
    ("tickproof.venue.orders", "OwnSide.better_than"): own_sides,
    ("tickproof.venue.requests", "UnderWay.add"): rows_of_requests,
    ("tickproof.venue.market", "Market.shown_size"): shown_sizes,
    ("tickproof.venue.matching", "Matcher._auction"): fast_auctions,
    ("tickproof.venue.matching", "Matcher._auction_price"): fast_auctions,
    ("tickproof.venue.matching", "Ladder.make"): ladders,
    ("tickproof.venue.matching", "Matcher._widen"): ladders,
    ("tickproof.venue.matching", "Matcher._arrive"): fast_orders,
    ("tickproof.venue.matching", "Matcher._stand"): fast_orders,
    ("tickproof.venue.matching", "Matcher.replace"): fast_replacements,
    ("tickproof.spec.call_auction", "auction_price"): calls("auction_price", small_auctions),
    ("tickproof.spec.call_auction", "prices"): calls("prices", small_auctions),
    ("tickproof.spec.call_auction", "preferred"): calls("preferred", ranked),
    ("tickproof.spec.book", "touch"): calls("touch", small_books),
    ("tickproof.spec.queue_memory", "weight"): calls("weight", weighed),
    ("tickproof.spec.queue_memory", "left"): calls("left", entries_left),
    ("tickproof.venue.queue_memory", "LevelMemory._leave"): fast_memories,
    ("tickproof.venue.queue_memory", "LevelMemory._join"): fast_memories,
    ("tickproof.kernel.risk", "deny_price"): denied_prices,
    ("tickproof.kernel.risk", "worst_open"): calls(
        "worst_open", lambda _: product(product(FEW, FEW), FEW)
    ),
    ("tickproof.venue.price_queue", "Place.level_update"): fast_places,
    ("tickproof.venue.price_queue", "cancelled_ahead"): calls("cancelled_ahead", cancels),
    ("tickproof.venue.venue", "SimulatedVenue.see"): venues,
    ("tickproof.venue.venue", "SimulatedVenue.note_stamps"): stamps_noted,
    ("tickproof.venue.venue", "greatest"): calls(
        "greatest", lambda _: ((each,) for each in product(FEW, repeat=3))
    ),
    ("tickproof.kernel.orders", "open_room"): order_quantities,
    ("tickproof.kernel.orders", "over"): order_quantities,
    ("tickproof.kernel.orders", "_fill"): order_quantities,
    ("tickproof.kernel.orders", "correct"): order_quantities,
    ("tickproof.kernel.execution", "KernelExecution._fill_report"): evidence_by_leg,
    ("tickproof.kernel.execution", "KernelExecution._keep"): orders_by_venue_id,
    ("tickproof.kernel.execution", "KernelExecution._file"): orders_by_venue_id,
    ("tickproof.kernel.execution", "KernelExecution._book_fill"): lowest_ids,
    ("tickproof.kernel.execution", "KernelExecution._lock_together"): pairs_locked,
    ("tickproof.kernel.execution", "KernelExecution._consider"): terms_open,
    ("tickproof.kernel.execution", "KernelExecution._look_at_terms"): terms_open,
    ("tickproof.kernel.kernel", "Kernel._advance"): clocks_in_place,
    ("tickproof.kernel.kernel", "Kernel._run"): stretches,
    ("tickproof.kernel.intent_queue", "IntentQueue._consider"): queues_in_place,
    ("tickproof.kernel.intent_queue", "IntentQueue._time_to_fit"): queues_in_place,
    ("tickproof.kernel.intent_queue", "IntentQueue.process"): queues_in_place,
    ("tickproof.kernel.intent_queue", "IntentQueue._in_order"): queues_in_place,
    ("tickproof.kernel.intent_queue", "IntentQueue.submit"): queues_in_place,
}
"""(module, function or class) -> what it gives over a domain beyond which it cannot see."""


SHOWN = (
    "book.ask_size and bids.best >= book.ask_price",
    "book.bid_size and asks.best >= -book.bid_price",
    "book.ask_size and market.bids.best >= book.ask_price",
    "book.bid_size and market.asks.best >= -book.bid_price",
)
"""That a side shows nothing keeps it from being looked at; own orders are beyond its price 0."""

ONLY: dict[tuple[str, str], tuple[str, ...]] = {
    ("tickproof.spec.queue_memory", "left"): ("0", "1"),
    ("tickproof.venue.matching", "Matcher._arrive"): (
        "_PHASE_TARGET[status][_NEW] < 0",
        "0 < kind <= _STOP_LIMIT",
    ),
    ("tickproof.venue.matching", "Matcher._stand"): ("display >= shown",),
    ("tickproof.venue.matching", "Matcher.replace"): ("_PHASE_TARGET[self.status][_REPLACE] < 0",),
    ("tickproof.kernel.risk", "deny_price"): ("(trigger - reference) * facts.side > 0",),
    ("tickproof.venue.price_queue", "Place.level_update"): (
        "said < 0",
        "size < old - explained",
        "0 <= size < old",
    ),
    ("tickproof.kernel.kernel", "Kernel._run"): ("0 <= stamp - now_ns <= limit_ns",),
    ("tickproof.kernel.execution", "KernelExecution._book_fill"): (
        "key[3] < self.lowest_trade_ids.get(key[4], 0)",
    ),
    ("tickproof.kernel.execution", "KernelExecution._lock_together"): ("mine >= other",),
    ("tickproof.kernel.execution", "KernelExecution._look_at_terms"): (
        "asks and (stands != order.pending_total or order.price != order.pending_price)",
    ),
    ("tickproof.kernel.execution", "KernelExecution._consider"): (
        "open_now > self.most_open",
        "lock > self.most_locked",
    ),
    ("tickproof.venue.levels", "LevelVenue._after_levels"): SHOWN,
    ("tickproof.venue.levels", "LevelVenue._on_snapshot"): SHOWN,
    ("tickproof.venue.venue", "SimulatedVenue.see"): (
        "self.due_ns < capture_time_ns",
        "capture_time_ns > self._now_ns",
        "event_time_ns > market.book_ns",
    ),
}
"""Where a domain does not reach a whole function: the expressions it is about."""


@cache
def _body_of(module: str) -> list[ast.stmt]:
    return ast.parse(source_of(module).read_text(encoding="utf-8")).body


def function_at(mutant: Mutant) -> str:
    """The function or method that a mutant changes, empty when it changes none."""
    body = _body_of(mutant.module)
    names: list[str] = []
    while True:
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            if node.lineno <= mutant.line <= (node.end_lineno or 0):
                names.append(node.name)
                if isinstance(node, ast.FunctionDef):
                    return ".".join(names)
                body = node.body
                break
        else:
            return ""


def loaded(mutant: Mutant) -> ModuleType:
    """The mutant's module, beside the original and not in its place."""
    module = ModuleType(mutant.module)
    module.__file__ = str(source_of(mutant.module))
    original = sys.modules.get(mutant.module)
    sys.modules[mutant.module] = module
    try:
        exec(compile(mutant.text, module.__file__, "exec"), module.__dict__)  # noqa: S102 - ours
    finally:
        if original is not None:
            sys.modules[mutant.module] = original
    return module


def result(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """What a call gives, or the kind of what it raises."""
    try:
        return repr(function(*arguments))
    except Exception as error:  # noqa: BLE001 - an exception is a result here
        return type(error).__name__


@cache
def as_it_is(module: str, play: Play) -> list[str]:
    """What a module as it is gives over a domain, which many changes are held against."""
    return list(play(importlib.import_module(module)))


def _until_it_breaks(played: Iterator[str]) -> Iterator[str]:
    """What a changed module gives; that it raises is a difference like any other."""
    try:
        yield from played
    except Exception as error:  # noqa: BLE001 - an exception is a result here
        yield type(error).__name__


SIDED = (
    "tickproof.kernel.book",
    "tickproof.kernel.order_book",
    "tickproof.venue.arriving",
    "tickproof.venue.conditional",
    "tickproof.venue.entering",
    "tickproof.venue.levels",
    "tickproof.venue.market",
    "tickproof.venue.matching",
    "tickproof.venue.orders",
    "tickproof.venue.queue_memory",
    "tickproof.venue.reports",
    "tickproof.venue.resting",
    "tickproof.venue.taking",
)
"""Modules in which a side is 1 or -1, whoever calls: nothing there stands for an unknown one."""

SIDE = re.compile(r"(?:\w+\.)*side [<>] 0")
LEVELED = ("tickproof.kernel.book", "tickproof.venue.levels")
SIDE_OF_LEVEL = "payload[index] > 0"
"""Modules that read levels, and the first of the three integers of one."""


def by_sides(mutant: Mutant) -> str:
    """A comparison of a side with 0, tried on both sides there are."""
    named = mutant.module in SIDED and SIDE.fullmatch(mutant.old)
    if not named and (mutant.module not in LEVELED or mutant.old != SIDE_OF_LEVEL):
        return ""
    for side in (1, -1):
        known: dict[str, Any] = {mutant.old.partition(".")[0]: SimpleNamespace(side=side)}
        known |= {"side": side, "payload": (side,), "index": 0}
        one, other = (eval(each, {}, known) for each in (mutant.old, mutant.new))  # noqa: S307
        if one != other:
            return ""
    return f"{mutant.old}: both sides, no difference"


def evidence_for(mutant: Mutant) -> str:
    """Why a mutant is equivalent; empty when nothing shows it."""
    if by_side := by_sides(mutant):
        return by_side
    name = function_at(mutant)
    owner = name.partition(".")[0]
    play = DOMAINS.get((mutant.module, name)) or DOMAINS.get((mutant.module, owner))
    if play is None or mutant.old not in ONLY.get((mutant.module, name), (mutant.old,)):
        return ""
    expected, changed = as_it_is(mutant.module, play), loaded(mutant)
    watch_for_endless_calls(ENDLESS_S)
    try:
        for mine, other in zip_longest(expected, _until_it_breaks(play(changed))):
            if mine != other:
                return ""
    except EndlessError:
        return ""
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return f"{name}: {len(expected)} inputs, no difference"
