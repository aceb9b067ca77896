"""The price of a call auction: one price for all, the greatest volume, ties by a stated rule [M8].

Decides where a crossed book is uncrossed. At a price p the bids at p or above want to buy, the
offers at p or below want to sell; the lesser of both can trade. Of the prices somebody named, and
the reference price where it lies between best offer and best bid, the first by these rules is
taken:

1. the greatest volume that can trade;
2. of these the smallest imbalance, what one side wants beyond the other;
3. of these the nearest to the reference price (the last trade; none before the first);
4. of these the lowest.

The volume is a step function whose steps are at the prices somebody named, so no price that
nobody named can trade more. After an auction at that price no bid reaches an offer: if one did,
its price would have traded more [M1].

Sections: interest, ranking, the price. Source: concept page section 10, ADR-0022.
"""

from __future__ import annotations

from attrs import frozen

Interest = tuple[tuple[int, int], ...]
"""(price, lots) of every order of a side, in any order; lots count hidden ones."""

NO_PRICE = 0
"""Where nothing can trade; prices are positive."""

# --- interest ------------------------------------------------------------------------------------


def demand(bids: Interest, price: int) -> int:
    """Lots that would be bought at a price."""
    return sum(lots for limit, lots in bids if limit >= price)


def supply(asks: Interest, price: int) -> int:
    """Lots that would be sold at a price."""
    return sum(lots for limit, lots in asks if limit <= price)


def volume(bids: Interest, asks: Interest, price: int) -> int:
    """Lots that can trade at a price."""
    return min(demand(bids, price), supply(asks, price))


# --- ranking -------------------------------------------------------------------------------------


@frozen
class Candidate:
    """A price and what the rules look at; `distance` is 0 where there is no reference."""

    price: int
    volume: int
    imbalance: int
    distance: int


def candidate(bids: Interest, asks: Interest, price: int, reference: int) -> Candidate:
    """What the rules look at for one price."""
    buys, sells = demand(bids, price), supply(asks, price)
    distance = abs(price - reference) if reference > 0 else 0
    return Candidate(price, min(buys, sells), abs(buys - sells), distance)


def preferred(one: Candidate, other: Candidate) -> bool:
    """Whether `one` comes before `other`: the four rules in their order."""
    if one.volume != other.volume:
        return one.volume > other.volume
    if one.imbalance != other.imbalance:
        return one.imbalance < other.imbalance
    if one.distance != other.distance:
        return one.distance < other.distance
    return one.price < other.price


# --- the price -----------------------------------------------------------------------------------


def prices(bids: Interest, asks: Interest, reference: int) -> tuple[int, ...]:
    """Prices to choose from: those of the orders, and the reference between the best two."""
    named = tuple(limit for limit, _ in bids + asks)
    if bids and asks and reference > 0:
        best_bid = max(limit for limit, _ in bids)
        best_ask = min(limit for limit, _ in asks)
        if best_ask <= reference <= best_bid:
            return (*named, reference)
    return named


def auction_price(bids: Interest, asks: Interest, reference: int) -> int:
    """The price of the auction, `NO_PRICE` where nothing can trade.

    `reference`: price of the last trade, 0 for none.
    """
    best = Candidate(NO_PRICE, 0, 0, 0)
    for price in prices(bids, asks, reference):
        found = candidate(bids, asks, price, reference)
        if found.volume > 0 and (best.price == NO_PRICE or preferred(found, best)):
            best = found
    return best.price
