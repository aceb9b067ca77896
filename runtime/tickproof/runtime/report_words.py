"""Codes, amounts and stamps of a run in words and decimal text, for people.

Decides how a number is shown: exactly, with its unit, without trailing zeros; a code by its name
in the specification; a fill's cause and chain as sentences.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum

from tickproof.runtime.explain import UNKNOWN, FillStory, wake_words
from tickproof.runtime.readers.decimals import unscaled
from tickproof.spec.commands import CommandKind, key_of
from tickproof.spec.dominance import DominanceCode
from tickproof.spec.events import FillCause, Side
from tickproof.spec.fill_life import FillRefusal
from tickproof.spec.instrument import Instrument
from tickproof.spec.order_life import OrderRefusal
from tickproof.spec.outputs import AccountRefusal, RefusalSource
from tickproof.spec.session import ConnectionCode, InstrumentStatusCode, SessionCode
from tickproof.spec.trading_state import TradingStateCode

SECOND_NS = 1_000_000_000

REFUSAL_CODES: dict[int, type[IntEnum]] = {
    RefusalSource.ORDER_LIFE: OrderRefusal,
    RefusalSource.FILL_LIFE: FillRefusal,
    RefusalSource.DOMINANCE: DominanceCode,
    RefusalSource.STATUS_REPORT: OrderRefusal,
    RefusalSource.TRADING_STATE: TradingStateCode,
    RefusalSource.SESSION: SessionCode,
    RefusalSource.CONNECTION: ConnectionCode,
    RefusalSource.INSTRUMENT_STATUS: InstrumentStatusCode,
    RefusalSource.ACCOUNT: AccountRefusal,
}
"""The codes a refusal's source speaks in."""

CAUSES = {
    FillCause.VENUE: "reported by the venue",
    FillCause.PRINT: "print",
    FillCause.CROSSED_BOOK: "crossed book",
    FillCause.SWEEP: "sweep on arrival",
    FillCause.AUCTION: "auction",
}
"""Causes as the filter of the report names them."""

MODELS = {
    "pessimistic": "whatever may stand ahead of an order does (ahead_max)",
    "calibrated": "cancels ahead of an order come from the fifths of its queue, front to back, as "
    "5, 5, 5, 9 and 76 parts of a hundred, within the bounds of the other two",
    "fitted": "what joined a level is remembered, and what leaves it is matched to that by a "
    "fitted table, within the bounds of pessimistic and optimistic",
    "exact": "who stands ahead of an order is known by name, from order-by-order data",
    "optimistic": "only what must stand ahead of an order does (ahead_min)",
}
"""What each fill model supposes."""


def name_of(codes: type[IntEnum], code: int) -> str:
    """The name of a code in words; its number where it has none."""
    try:
        return codes(code).name.lower().replace("_", " ")
    except ValueError:
        return f"code {code}"


def coded(codes: type[IntEnum], code: int) -> str:
    """The name of a code as the specification has it, with its number."""
    try:
        return f"{codes(code).name} ({code})"
    except ValueError:
        return f"({code})"


def decimal(value: int, decimals: int) -> str:
    """Exact decimal text with thousands separators and without trailing zeros."""
    text = unscaled(value, decimals)
    whole, point, fraction = text.partition(".")
    fraction = fraction.rstrip("0") if point else ""
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}" + (f".{fraction}" if fraction else "")


def duration(nanoseconds: int) -> str:
    """A span in the largest fitting unit, to three digits after the point at most."""
    sign = "-" if nanoseconds < 0 else ""
    size = abs(nanoseconds)
    if size >= 60 * SECOND_NS:
        seconds = size // SECOND_NS
        hours, minutes = seconds // 3600, seconds // 60 % 60
        text = f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s"
        return sign + text
    for unit, scale in (("s", SECOND_NS), ("ms", 1_000_000), ("\u00b5s", 1_000)):
        if size >= scale:
            return f"{sign}{decimal(size * 1000 // scale, 3)} {unit}"
    return f"{sign}{size} ns" if size else "0"


def moment(stamp_ns: int) -> str:
    """A stamp in UTC, to the microsecond."""
    seconds, rest = divmod(stamp_ns, SECOND_NS)
    day = datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{day}.{rest // 1000:06d}"


def order_name(story: FillStory) -> str:
    """The order as its strategy calls it; with the strategy when there may be several."""
    if story.strategy < 0:
        return f"external {story.order_id}"
    key = str(key_of(story.order_id))
    return key if story.strategy == 0 else f"{story.strategy}/{key}"


def cause_sentence(story: FillStory, instrument: Instrument) -> str:
    """Why this fill happened, in words; what the data shows of its queue on a second line."""
    price = decimal(story.trigger_price, instrument.price_decimals)
    lots = _lots(story.trigger_lots, instrument)
    found = story.trigger_price != 0
    if story.cause == FillCause.PRINT:
        if not found:
            why = "a print reached it"
        elif story.trigger_price == story.price:
            why = f"a print of {lots} at its own price reached its place in the queue"
        else:
            why = (
                f"a print of {lots} at {price}, through its price: what stood ahead counts as gone"
            )
    elif story.cause == FillCause.CROSSED_BOOK:
        other = "ask" if story.side == Side.BUY else "bid"
        why = f"the book crossed it: the {other} came to {price} with {lots}"
        if not found:
            why = "the book crossed it: the other side came to its price or through it"
    elif story.cause == FillCause.SWEEP:
        own = decimal(story.price, instrument.price_decimals)
        why = f"marketable on arrival: it took what was shown at {own}"
    elif story.cause == FillCause.AUCTION:
        why = "it took part in an auction, at its price"
    else:
        why = "reported by the venue"
    queue = queue_sentence(story, instrument)
    return f"{why}\n{queue}" if queue else why


def queue_sentence(story: FillStory, instrument: Instrument) -> str:
    """What the data showed at the order's price; empty where it tells nothing."""
    facts = []
    if story.shown_on_arrival != UNKNOWN:
        facts.append(f"{_lots(story.shown_on_arrival, instrument)} shown on arrival")
    if story.printed != UNKNOWN:
        facts.append(f"{_lots(story.printed, instrument)} printed since")
    if story.shown_before != UNKNOWN:
        facts.append(f"{_lots(story.shown_before, instrument)} shown just before")
    return f"at its price: {', '.join(facts)}" if facts else ""


def chain_sentence(story: FillStory) -> str:
    """Decision, request, arrival, fill: with positions, and the time from each to the next."""
    if story.request_id == UNKNOWN:
        return f"known at position {story.position:,}"
    parts = []
    if story.decided_position != UNKNOWN:
        woken = wake_words(story.wake) or "not recorded"
        parts.append(f"position {story.decided_position:,}, woken by {woken}")
    sent = f"{CommandKind(story.request_kind).name} request {story.request_id:,}"
    if story.request_position != story.decided_position:
        sent += f" sent at position {story.request_position:,}"
    parts.append(sent)
    parts.append(f"at the venue {_later(story.arrived_ns - story.sent_ns)}")
    parts.append(f"filled {_later(story.venue_ns - story.arrived_ns)}")
    known = _later(story.known_ns - story.venue_ns)
    parts.append(f"known {known}, position {story.position:,}")
    return " \u2192 ".join(parts)


def _later(nanoseconds: int) -> str:
    """A span after the step before, kept on one line."""
    return f"+{duration(nanoseconds)}".replace(" ", "\u00a0")


def _lots(lots: int, instrument: Instrument) -> str:
    return decimal(lots, instrument.quantity_decimals)
