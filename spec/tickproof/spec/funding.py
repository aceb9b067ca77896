"""Funding of linear perpetuals: when it is due, at which mark and rate, and what it amounts to [A].

What it decides: which of the marks and rates a stream tells holds at a funding time, and the one
rounding of a payment. Nothing is guessed: without a mark nothing is paid and that is said, and
without a rate nothing is due.

* A rate is told with the time it is for. The last one told before that time holds; a rate for a
  time that has passed is not taken, it would be paid late or twice.
* At that time every position is worth position x mark, and pays that much times the rate: longs to
  the venue where the rate is positive, the venue to shorts, and the other way where it is negative.
* A payment is rounded down to the unit of the quote asset, towards minus infinity: what an account
  receives shrinks, what it pays grows. The residue is the venue's.

Sections: types, what is told, what is due, amount, table. Decision: ADR-0030.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.errors import InvariantBroken
from tickproof.spec.instrument import Instrument, InstrumentKind, notional
from tickproof.spec.table import Refuse, Table, TableBuilder, always, go
from tickproof.spec.time import NEVER_NS

FUNDING_SCALE = 1_000_000_000
"""Funding rates are integers in parts of this, as `events.FundingRate` has them."""

UNMARKED = 0
"""Mark of an instrument before one was told."""

# --- types ---------------------------------------------------------------------------------------


@frozen
class Funding:
    """What is known of an instrument's next funding; `due_ns` NEVER_NS: no rate told.

    `late`: rates told for a time that had passed.
    """

    mark_price: int = UNMARKED
    rate_e9: int = 0
    due_ns: int = NEVER_NS
    late: int = 0


class FundingOutcome(IntEnum):
    """What comes of a position at a funding time."""

    NOT_LINEAR = 0
    NOTHING_HELD = 1
    NO_MARK = 2
    PAID = 3


class Holding(IntEnum):
    """What an account has of an instrument; one that is not linear owes nothing."""

    NOT_LINEAR = 0
    NOTHING = 1
    LONG = 2
    SHORT = 3


class FundingTime(IntEnum):
    """What is known when the time has come."""

    MARK_KNOWN = 0
    MARK_UNKNOWN = 1


class FundingRefusal(IntEnum):
    """Something always comes of it, if nothing is paid."""

    NONE = 0


@frozen
class Held:
    """A position at its funding time."""

    instrument: Instrument
    funding: Funding
    position: int


# --- what is told --------------------------------------------------------------------------------


def marked(funding: Funding, price: int) -> Funding:
    """A mark price was told; one that is no price takes the last one's place as unknown."""
    return evolve(funding, mark_price=max(price, UNMARKED))


def announced(funding: Funding, rate_e9: int, due_ns: int, now_ns: int) -> Funding:
    """A rate was told for a time; not taken where that time has passed."""
    if due_ns <= now_ns:
        return evolve(funding, late=funding.late + 1)
    return evolve(funding, rate_e9=rate_e9, due_ns=due_ns)


# --- what is due ---------------------------------------------------------------------------------


def is_due(funding: Funding, now_ns: int) -> bool:
    """Whether the funding time has come."""
    return funding.due_ns <= now_ns


def settled(funding: Funding) -> Funding:
    """The funding time is over; nothing is due until another rate is told. The mark stays."""
    return evolve(funding, rate_e9=0, due_ns=NEVER_NS)


def holding(instrument: Instrument, position: int) -> int:
    """What there is to pay for, as `Holding`."""
    if instrument.kind != InstrumentKind.LINEAR:
        return Holding.NOT_LINEAR
    if position > 0:
        return Holding.LONG
    return Holding.SHORT if position < 0 else Holding.NOTHING


def outcome(instrument: Instrument, funding: Funding, position: int) -> tuple[int, int]:
    """(outcome, quote units received) of a position at the funding time."""
    held = Held(instrument, funding, position)
    unknown = funding.mark_price == UNMARKED
    seen = FundingTime.MARK_UNKNOWN if unknown else FundingTime.MARK_KNOWN
    rule = FUNDINGS.select(holding(instrument, position), seen, held, seen)
    if isinstance(rule, Refuse):
        raise InvariantBroken("something always comes of a funding time")
    found: tuple[int, int] = rule.effect(held, seen)
    return found


# --- amount --------------------------------------------------------------------------------------


def received(instrument: Instrument, position: int, mark_price: int, rate_e9: int) -> int:
    """Quote units the account receives (negative: pays), rounded down."""
    return -notional(instrument, mark_price, position) * rate_e9 // FUNDING_SCALE


# --- table ---------------------------------------------------------------------------------------


def is_not_funded(held: Held, seen: int) -> tuple[int, int]:
    """Nothing is due of an instrument without funding."""
    return FundingOutcome.NOT_LINEAR, 0


def owes_nothing(held: Held, seen: int) -> tuple[int, int]:
    """Who holds nothing pays and gets nothing."""
    return FundingOutcome.NOTHING_HELD, 0


def stays_unpaid(held: Held, seen: int) -> tuple[int, int]:
    """What is due cannot be known: nothing is paid, and that is kept."""
    return FundingOutcome.NO_MARK, 0


def pays(held: Held, seen: int) -> tuple[int, int]:
    """Position x mark x rate, from or to the account."""
    funding = held.funding
    amount = received(held.instrument, held.position, funding.mark_price, funding.rate_e9)
    return FundingOutcome.PAID, amount


def _build() -> Table[Held, int]:
    table = TableBuilder("FUND", "Funding of a position", Holding, FundingTime, FundingRefusal)
    in_position = (Holding.LONG, Holding.SHORT)
    for event, states, effect in (
        (FundingTime.MARK_KNOWN, (Holding.NOT_LINEAR,), is_not_funded),
        (FundingTime.MARK_KNOWN, (Holding.NOTHING,), owes_nothing),
        (FundingTime.MARK_KNOWN, in_position, pays),
        (FundingTime.MARK_UNKNOWN, (Holding.NOT_LINEAR,), is_not_funded),
        (FundingTime.MARK_UNKNOWN, (Holding.NOTHING,), owes_nothing),
        (FundingTime.MARK_UNKNOWN, in_position, stays_unpaid),
    ):
        table.on(event, states, go(always, effect), requirements=("A2",), decision="ADR-0030")
    return table.build()


FUNDINGS = _build()
"""What is held x what is known when the time has come."""
