"""How long a message is under way: declared delays, drawn or recorded, and never out of order [T2].

What it decides: the delay of a Request by its kind and of an answer, as a pure function of what was
declared, the message's number and its time. Nothing is drawn from a generator that somebody else
could have drawn from: a draw is a mixing function of (seed, number, leg), so the same run has the
same delays in every process, and one message more changes no other's [D2, D5].

* **Declared**: delays at equal steps of probability, from the least to the most. One value is a
  constant; between two neighbours a draw is linear.
* **Recorded**: (sent, request, response) of real messages. A Request's delay is read at the time
  it is sent, an answer's at the time the venue gives it, linearly between two recorded ones and
  the nearest one outside them.
* **One connection**: a message arrives no sooner than the one sent before it, either way. A fast
  CANCEL does not overtake the NEW it is meant for.

Every division is rounded down; delays are never negative. Sections: declarations, drawing, reading,
order, predicate. Decision: ADR-0030.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise

from attrs import frozen

from tickproof.spec.commands import CommandKind

# --- declarations --------------------------------------------------------------------------------


class Leg(IntEnum):
    """What is under way: a Request by its kind, or an answer."""

    NEW = 1
    REPLACE = 2
    CANCEL = 3
    RESPONSE = 4


@frozen
class RecordedDelay:
    """A message sent at `sent_ns` took `request_ns` to the venue, its answer `response_ns`."""

    sent_ns: int
    request_ns: int
    response_ns: int


@frozen
class Delays:
    """Delays in ns by leg, ascending, at equal steps of probability; one is a constant.

    `recorded`: in their place, ascending in `sent_ns`, where there are any.
    """

    new: tuple[int, ...] = (0,)
    replace: tuple[int, ...] = (0,)
    cancel: tuple[int, ...] = (0,)
    response: tuple[int, ...] = (0,)
    seed: int = 0
    recorded: tuple[RecordedDelay, ...] = ()


def declared(delays: Delays, leg: int) -> tuple[int, ...]:
    """The delays of a leg."""
    if leg == Leg.NEW:
        return delays.new
    if leg == Leg.REPLACE:
        return delays.replace
    return delays.cancel if leg == Leg.CANCEL else delays.response


def leg_of(kind: int) -> int:
    """The leg a Request of a `CommandKind` is."""
    if kind == CommandKind.NEW:
        return Leg.NEW
    return Leg.REPLACE if kind == CommandKind.REPLACE else Leg.CANCEL


# --- drawing -------------------------------------------------------------------------------------

WORD = 2**64
"""Draws are integers in [0, WORD)."""

_STEP = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
LEGS = 8
"""More legs than there are: so far apart are the draws of two numbers."""


def mixed(seed: int, number: int, leg: int) -> int:
    """A draw in [0, WORD): SplitMix64's mixing of the place that (seed, number, leg) names.

    The mixing is a bijection of 64-bit words (Steele, Lea and Flood, 2014), so two messages of one
    seed share a draw only where they share a place.
    """
    word = (seed + (number * LEGS + leg + 1) * _STEP) % WORD
    word = ((word ^ (word // 2**30)) * _FIRST) % WORD
    word = ((word ^ (word // 2**27)) * _SECOND) % WORD
    return word ^ (word // 2**31)


def at_quantile(delays: tuple[int, ...], word: int) -> int:
    """The delay at `word` parts of WORD of the way from the least to the most."""
    steps = len(delays) - 1
    index = word * steps // WORD
    if index >= steps:
        return delays[steps]
    part = word * steps % WORD
    return delays[index] + (delays[index + 1] - delays[index]) * part // WORD


# --- reading -------------------------------------------------------------------------------------


def between(
    first_ns: int, first_delay: int, second_ns: int, second_delay: int, time_ns: int
) -> int:
    """The delay at a time from `first_ns` to before `second_ns`, on the straight line."""
    change = (second_delay - first_delay) * (time_ns - first_ns)
    return first_delay + change // (second_ns - first_ns)


def read_at(points: tuple[tuple[int, int], ...], time_ns: int) -> int:
    """The delay at a time, of (time, delay) points in ascending time; outside, the nearest one."""
    found = points[0][1]
    for first, second in pairwise(points):
        if first[0] <= time_ns < second[0]:
            return between(first[0], first[1], second[0], second[1], time_ns)
    if time_ns >= points[-1][0]:
        found = points[-1][1]
    return found


def request_points(delays: Delays) -> tuple[tuple[int, int], ...]:
    """Delays of Requests by the time they were sent."""
    return tuple((each.sent_ns, each.request_ns) for each in delays.recorded)


def response_points(delays: Delays) -> tuple[tuple[int, int], ...]:
    """Delays of answers by the time they were given; of two at one time or out of order the first.

    The venue answers at once, so that time is when the Request arrived.
    """
    points: list[tuple[int, int]] = []
    for each in delays.recorded:
        given_ns = each.sent_ns + each.request_ns
        if not points or given_ns > points[-1][0]:
            points.append((given_ns, each.response_ns))
    return tuple(points)


def request_delay(delays: Delays, kind: int, number: int, sent_ns: int) -> int:
    """How long a Request takes to the venue, before order is kept; `number`: Requests so far."""
    if delays.recorded:
        return read_at(request_points(delays), sent_ns)
    leg = leg_of(kind)
    return at_quantile(declared(delays, leg), mixed(delays.seed, number, leg))


def response_delay(delays: Delays, number: int, given_ns: int) -> int:
    """How long an answer takes back, before order is kept; `number`: answers so far."""
    if delays.recorded:
        return read_at(response_points(delays), given_ns)
    return at_quantile(delays.response, mixed(delays.seed, number, Leg.RESPONSE))


# --- order ---------------------------------------------------------------------------------------


def arrival(latest_ns: int, sent_ns: int, delay_ns: int) -> int:
    """When a message arrives; `latest_ns`: when the one before it on the connection does."""
    return max(latest_ns, sent_ns + delay_ns)


# --- predicate -----------------------------------------------------------------------------------


def is_sound(delays: Delays) -> bool:
    """Whether all delays are there, none is negative, and all ascend in what they go by."""
    legs = tuple(declared(delays, leg) for leg in Leg)
    sent = [each.sent_ns for each in delays.recorded]
    return (
        all(each and each[0] >= 0 and list(each) == sorted(each) for each in legs)
        and all(later > sooner for sooner, later in pairwise(sent))
        and all(min(each.request_ns, each.response_ns) >= 0 for each in delays.recorded)
    )
