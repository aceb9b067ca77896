"""The venue's own ticker as an oracle for the book that is rebuilt from its diffs.

A ticker with update id u' states the touch after update u'. After a depth message whose last id
is u, the touch last stated by the venue is that of the greatest u' <= u in the whole capture,
whenever it was received: tickers overtake diffs and are overtaken by them. So the check looks the
ticker up by id, not by position, and never feeds anything back: strategies do not see it.

A depth message older than every ticker is not checked: nothing is known about it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from tickproof.runtime.readers.feed import TickerColumns


class TickerCheck:
    """Counts how often the book's touch equals the venue's, price and size, both sides.

    O(log n) a depth message over n tickers; memory is one index when the tickers are out of
    order, none otherwise. Of tickers with one id the last received counts.
    """

    __slots__ = ("_tickers", "_ids", "_places", "_checked", "_equal")

    def __init__(self, tickers: TickerColumns) -> None:
        self._tickers = tickers
        ids = tickers.update_id
        self._places: list[int] | None = None
        if any(ids[i] > ids[i + 1] for i in range(len(ids) - 1)):
            self._places = sorted(range(len(ids)), key=ids.__getitem__)
            ids = array("q", (ids[place] for place in self._places))
        self._ids = ids
        self._checked = 0
        self._equal = 0

    def on_depth(
        self, update_id: int, bid_price: int, bid_size: int, ask_price: int, ask_size: int
    ) -> bool:
        """Compare the touch after the depth message that ends at `update_id`.

        An empty side is price 0 and size 0. True when equal or not checked.
        """
        place = bisect_right(self._ids, update_id) - 1
        if place < 0:
            return True
        if self._places is not None:
            place = self._places[place]
        tickers = self._tickers
        equal = (
            tickers.bid_price[place] == bid_price
            and tickers.bid_size[place] == bid_size
            and tickers.ask_price[place] == ask_price
            and tickers.ask_size[place] == ask_size
        )
        self._checked += 1
        self._equal += equal
        return equal

    def result(self) -> tuple[int, int]:
        """(checked, equal)."""
        return self._checked, self._equal
