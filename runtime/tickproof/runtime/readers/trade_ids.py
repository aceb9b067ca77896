"""Which trade ids were seen: a print counts once, and what was passed over is known [Q8].

Ids of one instrument are consecutive at the venue. Kept are the highest id and the intervals that
were passed over, not the ids themselves: memory follows the number of gaps, not of trades.
"""

from __future__ import annotations

from bisect import bisect_right


class TradeIds:
    """Ids seen so far. `gaps`: times ids were passed over; `repeated`: ids seen again.

    Ids below the first one seen count as passed over without being a gap: a late message may
    still bring them.
    """

    __slots__ = ("gaps", "repeated", "_highest", "_missing")

    def __init__(self) -> None:
        self.gaps = 0
        self.repeated = 0
        self._highest = -1
        self._missing: list[tuple[int, int]] = []

    def is_new(self, trade_id: int) -> bool:
        """Note `trade_id`; False when it was seen before."""
        if trade_id == self._highest + 1:
            self._highest = trade_id
            return True
        if trade_id > self._highest:
            self.gaps += self._highest >= 0
            self._missing.append((self._highest + 1, trade_id - 1))
            self._highest = trade_id
            return True
        place = bisect_right(self._missing, (trade_id, self._highest)) - 1
        if place < 0 or self._missing[place][1] < trade_id:
            self.repeated += 1
            return False
        first, last = self._missing[place]
        parts = ((first, trade_id - 1), (trade_id + 1, last))
        self._missing[place : place + 1] = [part for part in parts if part[0] <= part[1]]
        return True
