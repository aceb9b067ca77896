"""Funding at a venue: who holds what is the markets' to say, what it costs the specification's.

Decides only the order of payments at one time: by instrument, then by account. What could not be
paid is kept, for the run to say.
"""

from __future__ import annotations

from tickproof.spec.funding import (
    Funding,
    FundingOutcome,
    announced,
    is_due,
    marked,
    outcome,
    settled,
)
from tickproof.spec.time import NEVER_NS
from tickproof.venue.market import Market

Payment = tuple[int, int, int, int]
"""(account, instrument, asset, amount received), as `events.FundingPaid` lays it."""


class FundingDesk:
    """What is known of every instrument's funding.

    `due_ns`: the next funding time, NEVER_NS when none is known. `unpaid`: (time, instrument,
    account) of positions that were held at a funding time without a mark.
    """

    __slots__ = ("due_ns", "known", "unpaid")

    due_ns: int
    known: list[Funding]
    unpaid: list[tuple[int, int, int]]

    def __init__(self, instruments: int) -> None:
        self.due_ns = NEVER_NS
        self.known = [Funding() for _ in range(instruments)]
        self.unpaid = []

    def on_mark(self, instrument: int, price: int) -> None:
        """A mark price was told."""
        self.known[instrument] = marked(self.known[instrument], price)

    def on_rate(self, instrument: int, rate_e9: int, due_ns: int, now_ns: int) -> None:
        """A rate was told."""
        self.known[instrument] = announced(self.known[instrument], rate_e9, due_ns, now_ns)
        self._note_due()

    def late(self) -> int:
        """Rates told for a time that had passed."""
        return sum(each.late for each in self.known)

    def pay(self, markets: list[Market], now_ns: int) -> list[Payment]:
        """What is paid at the funding time that has come."""
        found: list[Payment] = []
        for number, market in enumerate(markets):
            funding = self.known[number]
            if not is_due(funding, now_ns):
                continue
            instrument = market.instrument
            for account in sorted(market.positions):
                came, amount = outcome(instrument, funding, market.positions[account])
                if came == FundingOutcome.PAID:
                    found.append((account, number, instrument.quote, amount))
                elif came == FundingOutcome.NO_MARK:
                    self.unpaid.append((funding.due_ns, number, account))
            self.known[number] = settled(funding)
        self._note_due()
        return found

    def _note_due(self) -> None:
        self.due_ns = min(each.due_ns for each in self.known)
