"""Delays on the way to a venue and back, as `tickproof.spec.latency` has them, found by bisection.

Decides nothing; it keeps the numbers of messages and when the last one of either way arrives.
"""

from __future__ import annotations

from bisect import bisect_right

from tickproof.spec.latency import (
    Delays,
    Leg,
    at_quantile,
    between,
    declared,
    leg_of,
    mixed,
    request_points,
    response_points,
)


class Connection:
    """One connection to a venue: every message either way, in the order they are sent."""

    __slots__ = (
        "latest_request_ns",
        "latest_response_ns",
        "recorded",
        "requests",
        "responses",
        "seed",
        "_delays",
        "_request_times",
        "_request_delays",
        "_response_times",
        "_response_delays",
    )

    latest_request_ns: int
    latest_response_ns: int
    recorded: bool
    requests: int
    responses: int
    seed: int

    def __init__(self, delays: Delays) -> None:
        self.latest_request_ns = 0
        self.latest_response_ns = 0
        self.recorded = bool(delays.recorded)
        self.requests = 0
        self.responses = 0
        self.seed = delays.seed
        self._delays = [(0,), *(declared(delays, leg) for leg in Leg)]
        there, back = request_points(delays), response_points(delays)
        self._request_times = [time_ns for time_ns, _ in there]
        self._request_delays = [delay_ns for _, delay_ns in there]
        self._response_times = [time_ns for time_ns, _ in back]
        self._response_delays = [delay_ns for _, delay_ns in back]

    def request_arrival(self, kind: int, sent_ns: int) -> int:
        """When a Request of a kind, sent now, reaches the venue."""
        number = self.requests
        self.requests = number + 1
        if self.recorded:
            delay_ns = read(self._request_times, self._request_delays, sent_ns)
        else:
            delay_ns = self._drawn(leg_of(kind), number)
        self.latest_request_ns = max(self.latest_request_ns, sent_ns + delay_ns)
        return self.latest_request_ns

    def response_arrival(self, given_ns: int) -> int:
        """When an answer given now is back."""
        number = self.responses
        self.responses = number + 1
        if self.recorded:
            delay_ns = read(self._response_times, self._response_delays, given_ns)
        else:
            delay_ns = self._drawn(int(Leg.RESPONSE), number)
        self.latest_response_ns = max(self.latest_response_ns, given_ns + delay_ns)
        return self.latest_response_ns

    def _drawn(self, leg: int, number: int) -> int:
        delays = self._delays[leg]
        if len(delays) == 1:
            return delays[0]
        return at_quantile(delays, mixed(self.seed, number, leg))


def read(times: list[int], delays: list[int], time_ns: int) -> int:
    """The delay at a time, of delays at ascending times; `spec.latency.read_at`, by bisection."""
    index = bisect_right(times, time_ns)
    if index == 0:
        return delays[0]
    if index == len(times):
        return delays[-1]
    before = index - 1
    return between(times[before], delays[before], times[index], delays[index], time_ns)
