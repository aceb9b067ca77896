"""What a simulated venue takes and does in which phase, and how much an auction print fills.

A recorded market tells its phases by instrument status and by prints of kind auction. The table
decides over phase x what comes whether a request is taken, which orders that wait for an auction
take part in a print, and which of them expire. An auction is the opening one unless the market
went into it from continuous trading; what follows a halt is an opening.

How much an order gets of an auction print is a pure function: all it wants where its limit is
strictly better than the price, or where it has none; nothing where it is worse. At the very price
somebody was left over, and who is not known: the pessimistic model fills nothing of it, the
optimistic all, the others half, rounded down. Orders that are better come first, then those that
came first, and all of a side together get no more than was printed [Q8].

Sections: phases, what comes, the table, shares. Decision: ADR-0029.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

from tickproof.spec.events import Reason
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.price_queue import FillModel
from tickproof.spec.table import KEEP, Table, TableBuilder, always, go, refuse

DECISION = "ADR-0029"

# --- phases --------------------------------------------------------------------------------------


class VenuePhase(IntEnum):
    """OPENING: before or in the auction that begins trading. CLOSING: in the one that ends it."""

    OPENING = 0
    CONTINUOUS = 1
    CLOSING = 2
    HALTED = 3
    CLOSED = 4
    DELISTED = 5


# --- what comes ----------------------------------------------------------------------------------


class PhaseEvent(IntEnum):
    """A change of status, in the order of `InstrumentState`; a request; a print.

    NEW, REPLACE: of orders that trade continuously. NEW_AT_OPEN, NEW_AT_CLOSE: of those that wait
    for an auction; these cannot be replaced.
    """

    TO_PRE_OPEN = 0
    TO_AUCTION = 1
    TO_CONTINUOUS = 2
    TO_HALTED = 3
    TO_CLOSED = 4
    TO_DELISTED = 5
    NEW = 6
    NEW_AT_OPEN = 7
    NEW_AT_CLOSE = 8
    REPLACE = 9
    CONTINUOUS_PRINT = 10
    AUCTION_PRINT = 11


class PhaseRefusal(IntEnum):
    """Why a request is refused; each has a `Reason` in PHASE_REASONS."""

    NOT_TRADING = 1


PHASE_REASONS: dict[int, int] = {PhaseRefusal.NOT_TRADING: Reason.INSTRUMENT_NOT_TRADING}
"""The reason a refused request carries."""


@frozen
class Turn:
    """What becomes of orders that wait: 1 where they take part in the print, or expire."""

    opens_fill: int = 0
    closes_fill: int = 0
    opens_expire: int = 0
    closes_expire: int = 0


def take(phase: int, event: int) -> Turn:
    """A request is taken; a message changes nothing for who waits."""
    return Turn()


def fill_opens(phase: int, event: int) -> Turn:
    """Orders at the open take part."""
    return Turn(opens_fill=1)


def fill_closes(phase: int, event: int) -> Turn:
    """Orders at the close take part."""
    return Turn(closes_fill=1)


def expire_opens(phase: int, event: int) -> Turn:
    """The opening is over."""
    return Turn(opens_expire=1)


def expire_closes(phase: int, event: int) -> Turn:
    """The close is over."""
    return Turn(closes_expire=1)


def expire_all(phase: int, event: int) -> Turn:
    """There will be no auction."""
    return Turn(opens_expire=1, closes_expire=1)


# --- the table -----------------------------------------------------------------------------------

_P, _E = VenuePhase, PhaseEvent
_ALL = tuple(VenuePhase)
_OVER = (_P.CLOSING, _P.CLOSED)


def _statuses(table: TableBuilder) -> None:
    """Where a change of status leads, and whose auction is over by it."""
    begun = (_P.OPENING, _P.CONTINUOUS, _P.HALTED, _P.DELISTED)
    cells = (
        (_E.TO_PRE_OPEN, begun, take, _P.OPENING),
        (_E.TO_PRE_OPEN, _OVER, expire_closes, _P.OPENING),
        (_E.TO_AUCTION, (_P.OPENING, _P.HALTED, _P.CLOSED, _P.DELISTED), take, _P.OPENING),
        (_E.TO_AUCTION, (_P.CONTINUOUS, _P.CLOSING), take, _P.CLOSING),
        (_E.TO_CONTINUOUS, begun, take, _P.CONTINUOUS),
        (_E.TO_CONTINUOUS, _OVER, expire_closes, _P.CONTINUOUS),
        (_E.TO_HALTED, _ALL, take, _P.HALTED),
        (_E.TO_CLOSED, _ALL, expire_opens, _P.CLOSED),
        (_E.TO_DELISTED, _ALL, expire_all, _P.DELISTED),
    )
    for event, phases, effect, target in cells:
        moved = go(always, effect, target)
        table.on(event, phases, moved, requirements=("M8",), decision=DECISION)


def _requests(table: TableBuilder) -> None:
    """Which requests are taken; a cancel is in every phase, so no row is needed."""
    taken = {
        _E.NEW: (_P.CONTINUOUS,),
        _E.NEW_AT_OPEN: (_P.OPENING,),
        _E.NEW_AT_CLOSE: (_P.OPENING, _P.CONTINUOUS, _P.CLOSING),
        _E.REPLACE: (_P.CONTINUOUS,),
    }
    for event, phases in taken.items():
        others = tuple(phase for phase in _P if phase not in phases)
        table.on(event, phases, go(always, take, KEEP), requirements=("Q9",), decision=DECISION)
        refused = refuse(always, PhaseRefusal.NOT_TRADING)
        table.on(event, others, refused, requirements=("Q9",), decision=DECISION)


def _prints(table: TableBuilder) -> None:
    """Who takes part in a print. Some feeds tell the status before the auction's print."""
    cells = (
        (_E.CONTINUOUS_PRINT, (_P.CONTINUOUS,), expire_opens),
        (_E.CONTINUOUS_PRINT, tuple(each for each in _P if each != _P.CONTINUOUS), take),
        (_E.AUCTION_PRINT, (_P.OPENING, _P.CONTINUOUS, _P.HALTED), fill_opens),
        (_E.AUCTION_PRINT, _OVER, fill_closes),
        (_E.AUCTION_PRINT, (_P.DELISTED,), take),
    )
    for event, phases, effect in cells:
        table.on(
            event, phases, go(always, effect, KEEP), requirements=("M8", "Q8"), decision=DECISION
        )


def _build() -> Table[int, int]:
    table = TableBuilder("VP", "Phase of a simulated venue", VenuePhase, PhaseEvent, PhaseRefusal)
    _statuses(table)
    _requests(table)
    _prints(table)
    return table.build()


PHASES = _build()
"""Phase x what comes: an effect gives a `Turn`."""


def event_of_status(status: int) -> int:
    """The `PhaseEvent` of an instrument's new status."""
    return _E.TO_PRE_OPEN + status - InstrumentState.PRE_OPEN


# --- shares --------------------------------------------------------------------------------------


def auction_share(side: int, limit: int, price: int, leaves: int, left: int, model: int) -> int:
    """Lots one order gets of an auction print at `price`; `limit` 0: it has none.

    `left`: lots of the print that orders before it did not get.
    """
    at_most = min(leaves, left)
    better = (limit - price) * side
    if limit == 0 or better > 0:
        return at_most
    if better < 0 or model == FillModel.PESSIMISTIC:
        return 0
    return at_most if model == FillModel.OPTIMISTIC else at_most // 2


def auction_rank(side: int, limit: int, number: int) -> tuple[int, int, int]:
    """Orders in ascending rank get an auction print: without limit, better limit, earlier."""
    return (0 if limit == 0 else 1, -side * limit, number)
