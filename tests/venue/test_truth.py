"""Pessimistic and optimistic fills hold those of queues that are known order by order [Q7].

Two prices of a bid side. History has its queues; in the other, known ones, our orders stand too,
and every aggressor meets them in their turn: what they take, others keep waiting for.
"""

from random import Random

import pytest
from attrs import Factory, define
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, CONFLATED, EXACT, SELL, Stage, stage
from tickproof.spec.instrument import QueueDeclaration
from tickproof.spec.price_queue import FillModel

PRICES = (100, 99)
Entry = list[int]  # [id, lots left]; own orders have negative ids
Step = tuple[str, int, int]
WORDS = ["join", "join", "leave", "sell", "sell", "sell", "own", "withdraw"]
steps = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(1, 6), st.integers(0, 9)), max_size=30
)
sizes_ahead = st.lists(st.integers(1, 6), max_size=4)


@define
class Known:
    """The queues of history, and the same with our orders in them."""

    history: dict[int, list[Entry]] = Factory(lambda: {price: [] for price in PRICES})
    known: dict[int, list[Entry]] = Factory(lambda: {price: [] for price in PRICES})
    filled: dict[int, int] = Factory(dict)
    count: int = 0

    def size(self, price: int) -> int:
        return sum(lots for _, lots in self.history[price])

    def join(self, price: int, lots: int) -> None:
        self.count += 1
        self.history[price].append([self.count, lots])
        self.known[price].append([self.count, lots])

    def leave(self, price: int, which: int) -> None:
        if self.history[price]:
            gone = self.history[price].pop(which % len(self.history[price]))[0]
            self.known[price] = [entry for entry in self.known[price] if entry[0] != gone]

    def withdraw(self, number: int) -> None:
        for price in PRICES:
            self.known[price] = [entry for entry in self.known[price] if entry[0] != -number]

    def sell(self, lots: int) -> tuple[int, int]:
        """An aggressor meets the best price first; returns the print of history: price, lots."""
        best = next((price for price in PRICES if self.history[price]), PRICES[-1] - 1)
        if best in PRICES:
            lots = min(lots, self.size(best))
            eat(self.history[best], lots)
        left = lots
        for price in PRICES:
            if price >= best:
                for number, part in eat(self.known[price], left):
                    left -= part
                    if number < 0:
                        self.filled[-number] = self.filled.get(-number, 0) + part
        return best, lots


def eat(queue: list[Entry], lots: int) -> list[tuple[int, int]]:
    eaten = []
    while queue and lots:
        part = min(queue[0][1], lots)
        eaten.append((queue[0][0], part))
        lots -= part
        queue[0][1] -= part
        if not queue[0][1]:
            queue.pop(0)
    return eaten


def play_queues(play: Stage, sizes: list[int], run: list[Step], limit: int, every: int) -> None:
    """Tell the venue every `every`-th state of the levels and every print; compare each time."""
    truth = Known()
    for index, lots in enumerate(sizes):
        truth.join(PRICES[index % 2], lots)
    levels = [n for price in PRICES for n in (BUY, price, truth.size(price))]
    play.snapshot(*levels, BUY, 50, 1, SELL, 200, 1)
    own: list[int] = []
    for index, (what, lots, which) in enumerate(run):
        play.at(20 + index)
        price = PRICES[which % 2]
        before = {price: truth.size(price) for price in PRICES}
        if what == "join":
            truth.join(price, lots)
        elif what == "leave":
            truth.leave(price, which)
        elif what == "sell":
            play.trade(*truth.sell(lots), SELL)
        elif what == "own" and len(own) < limit:
            own.append(len(own) + 1)
            truth.known[price].append([-own[-1], lots])
            play.new(own[-1], BUY, price, lots)
        elif what == "withdraw" and own:
            truth.withdraw(own[which % len(own)])
            play.cancel(own[which % len(own)])
        told = [price for price in PRICES if truth.size(price) != before[price] or every > 1]
        if index % every == 0 and told:
            play.delta(*[n for price in told for n in (BUY, price, truth.size(price))])
        for number in own:
            true, said = truth.filled.get(number, 0), play.filled(number)
            assert said <= true or play.venue._model != FillModel.PESSIMISTIC
            assert said >= true or play.venue._model != FillModel.OPTIMISTIC


def check(
    sizes: list[int], run: list[Step], queue: QueueDeclaration, limit: int, every: int
) -> None:
    for model in (FillModel.PESSIMISTIC, FillModel.OPTIMISTIC):
        play_queues(stage(model, queue=queue), sizes, run, limit, every)


@given(sizes_ahead, steps)
def test_one_order_on_a_feed_that_tells_every_change(sizes: list[int], run: list[Step]) -> None:
    check(sizes, run, EXACT, 1, 1)


@given(sizes_ahead, steps)
def test_one_order_on_a_feed_that_conflates(sizes: list[int], run: list[Step]) -> None:
    check(sizes, run, CONFLATED, 1, 4)


@given(sizes_ahead, steps)
def test_several_own_orders(sizes: list[int], run: list[Step]) -> None:
    check(sizes, run, EXACT, 4, 1)


@given(sizes_ahead, steps)
def test_several_own_orders_on_a_feed_that_conflates(sizes: list[int], run: list[Step]) -> None:
    check(sizes, run, CONFLATED, 4, 4)


FEEDS = [(EXACT, 4, 1), (CONFLATED, 4, 4), (CONFLATED, 4, 2), (EXACT, 1, 1), (CONFLATED, 1, 3)]


@pytest.mark.slow
def test_dense_scripts_stay_between() -> None:
    """Seeded and long: what goes wrong here needs several own orders and several prints."""
    for seed in range(600):
        source = Random(seed)
        sizes = [source.randint(1, 6) for _ in range(source.randint(0, 4))]
        run = [
            (source.choice(WORDS), source.randint(1, 6), source.randint(0, 9))
            for _ in range(source.randint(10, 30))
        ]
        check(sizes, run, *FEEDS[seed % len(FEEDS)])


@pytest.mark.parametrize(
    ("sizes", "run", "queue", "every"),
    [
        # Whom an order displaced is ahead of who joins after it.
        (
            [],
            [
                ("own", 1, 0), ("join", 1, 0), ("sell", 1, 0), ("own", 1, 0), ("join", 1, 0),
                ("sell", 1, 0),
            ],
            EXACT,
            1,
        ),
        # Whom it displaced at a better price has a worse print first.
        (
            [],
            [
                ("join", 1, 0), ("own", 1, 0), ("join", 1, 0), ("sell", 1, 0), ("sell", 1, 0),
                ("own", 1, 1), ("sell", 1, 0),
            ],
            EXACT,
            1,
        ),
        # An order was perhaps filled before it was withdrawn.
        (
            [3],
            [
                ("own", 4, 6), ("join", 3, 0), ("leave", 5, 2), ("sell", 3, 8),
                ("withdraw", 6, 0), ("own", 6, 3), ("sell", 3, 7),
            ],
            EXACT,
            1,
        ),
        (
            [],
            [
                ("own", 1, 3), ("join", 5, 5), ("own", 3, 3), ("sell", 4, 5),
                ("withdraw", 3, 4), ("sell", 4, 2), ("sell", 3, 3),
            ],
            CONFLATED,
            4,
        ),
    ],
)  # fmt: skip
def test_scripts_that_once_left_the_bracket(
    sizes: list[int], run: list[Step], queue: QueueDeclaration, every: int
) -> None:
    check(sizes, run, queue, 4, every)
