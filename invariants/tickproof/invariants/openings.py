"""Openings: first Events of a run that lead an order to where one rule of its life decides.

What it decides: where a stream begins. Random streams seldom meet the rarer rules of the
order-life table, because several things have to happen to one order in a row; the search in
`witnesses` knows for every rule a shortest sequence of reports. An opening plays such sequences
on whole kernels: a Strategy sends the Requests when it is cued by a print, venue evidence, status
reports, restarts and the operator say the rest. What follows is anybody's, so a run goes on at
random from a State that chance would hardly have reached.

Sections: scenes, worlds, playing.
"""

from __future__ import annotations

from random import Random

from attrs import evolve, frozen

from tickproof.invariants.streams import EventSource
from tickproof.invariants.witnesses import TRADE, traces
from tickproof.invariants.worlds import (
    PRICE_BASE,
    START_NS,
    Cued,
    Idle,
    configuration,
    hostility_of,
)
from tickproof.spec.commands import (
    Decision,
    cancel_order,
    new_order,
    order_id_of,
    replace_order,
)
from tickproof.spec.configuration import Bucket, Configuration, RiskLimits, Timing, Wake, WakeRule
from tickproof.spec.events import (
    Body,
    Checkpoint,
    Event,
    Execution,
    ExecutionFlag,
    OperatorDisposition,
    Restarted,
    SessionStarted,
    Side,
    StatusReport,
    Trade,
)
from tickproof.spec.order_life import EVENT_KIND_OFFSET, OrderEvent, Report
from tickproof.spec.state import State
from tickproof.spec.strategy import Strategy

SETTLING_NS = 1_000
STEP_NS = 10
QUIET_UNTIL_NS = START_NS + 40_000
"""Until then Strategies do nothing but what they are cued to do."""

KEY = 1
"""The order key of every opening: the first that its Strategy uses."""

# --- scenes --------------------------------------------------------------------------------------


@frozen
class Scene:
    """One order's way to `rule`: strategy `index` (and its account) on instrument `index`."""

    index: int
    rule: str
    reports: tuple[Report, ...]

    @property
    def order_id(self) -> int:
        """The order the reports are about."""
        return order_id_of(self.index, KEY)

    @property
    def side(self) -> int:
        """The second sells: on a LINEAR instrument what that locks follows the market."""
        return int(Side.BUY if self.index == 0 else Side.SELL)

    def cues(self) -> tuple[Decision, ...]:
        """What its Strategy sends, in order."""
        return tuple(
            self.decision(each) for each in self.reports if each.event <= OrderEvent.REQUEST_CANCEL
        )

    def decision(self, report: Report) -> Decision:
        """The Intent behind a dispatch."""
        if report.event == OrderEvent.REQUEST_NEW:
            price = PRICE_BASE + report.price
            return new_order(KEY, self.index, self.side, report.total, price)
        if report.event == OrderEvent.REQUEST_REPLACE:
            return replace_order(KEY, report.total, PRICE_BASE + report.price)
        return cancel_order(KEY)


ACCEPTED_FIRST = Report(OrderEvent.ACCEPTED, request_id=1)


def sayable(reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """The reports, with what a whole kernel needs besides.

    A venue order is new only beside one that is known, so the NEW is accepted first; and a command
    is sent for an order of which something is left, so a fill that comes out of nothing is partial.
    """
    first, later = reports[0], reports[1:]
    if first.event == OrderEvent.REQUEST_NEW and any(each.new_leg for each in later):
        return (first, ACCEPTED_FIRST, *later)
    if first.event == OrderEvent.FILLED and any(
        each.event <= OrderEvent.REQUEST_CANCEL for each in later
    ):
        return (evolve(first, total=first.quantity + 2), *later)
    return reports


def scenes(*rules: str) -> tuple[Scene, ...]:
    """At most two: the first strategy plays the first, the second the second."""
    return tuple(Scene(index, rule, sayable(traces()[rule])) for index, rule in enumerate(rules))


def numbered(number: int) -> tuple[Scene, ...]:
    """Two scenes; over all numbers every rule of the table that any sequence of reports uses.

    Those are among them that no whole kernel gets to: it is tried all the same.
    """
    rules = sorted(traces())
    half = (len(rules) + 1) // 2
    return scenes(rules[number % half], rules[-1 - number % half])


# --- worlds --------------------------------------------------------------------------------------


SLOW = Bucket(0, "slow", 8, 1, 8_000, 1, 1, 0)
"""Enough for the openings of a run and little more: afterwards commands wait."""


def world(dice: Random) -> Configuration:
    """A configuration in which nothing denies or delays what an opening sends."""
    made = configuration(dice)
    every = WakeRule(int(Wake.EVERY_EVENT))
    limits = (RiskLimits(self_trade_refused=0), RiskLimits(), RiskLimits(maximum_position=30))
    return evolve(
        made,
        strategies=tuple(evolve(each, wake=every) for each in made.strategies),
        buckets=dice.choice(((), (SLOW,))),
        risk=dice.choice(limits),
        timing=Timing(
            jump_limit_ns=dice.choice((0, 50_000)),
            acknowledgement_ns=dice.choice((0, 50_000)),
            cancel_deadline_ns=dice.choice((0, 500)),
            settling_ns=SETTLING_NS,
        ),
        initial_balances=tuple(
            (account, asset, max(total, 400_000 if asset == 0 else 0))
            for account, asset, total in made.initial_balances
        ),
    )


def strategies(
    seed: int, configured: Configuration, played: tuple[Scene, ...]
) -> tuple[Strategy, ...]:
    """Fresh strategy objects for `world`: as in `worlds.strategies` once the opening is over."""
    sizes = len(configured.instruments), len(configured.assets)
    made: list[Strategy] = []
    for index, hostility in enumerate(hostility_of(seed)):
        cues = next((each.cues() for each in played if each.index == index), ())
        made.append(
            Cued(seed + index, *sizes, hostility, index // 3, cues, index, QUIET_UNTIL_NS)
            if index != 2
            else Idle()
        )
    return tuple(made)


# --- playing -------------------------------------------------------------------------------------


class Playing:
    """Makes the Events of an opening, one after another; their envelopes are the source's."""

    def __init__(self, source: EventSource, played: tuple[Scene, ...]) -> None:
        self.source = source
        self.now_ns = START_NS
        self.waiting = [(scene, report) for scene in played for report in scene.reports]
        self.venue_ids = {scene.index: 100 * (scene.index + 1) for scene in played}
        self.intents_before: dict[int, int] = {}
        self.phase = 0

    def event(self, state: State) -> Event | None:
        """The next Event; None when the opening is over."""
        if self.phase == 0:
            self.phase = 1
            return self.enveloped(SessionStarted(1))
        if self.waiting:
            scene, report = self.waiting.pop(0)
            self.now_ns += SETTLING_NS if report.settled else STEP_NS
            return self.enveloped(self.body(scene, report, state))
        if self.phase == 1:
            self.phase = 2
            self.now_ns = QUIET_UNTIL_NS
            return self.enveloped(Checkpoint(1))
        return None

    def enveloped(self, body: Body) -> Event:
        """At the opening's own time."""
        return self.source.enveloped(body, self.now_ns, self.now_ns)

    def body(self, scene: Scene, report: Report, state: State) -> Body:
        """What makes the kernel see `report`."""
        before = self.intents_before.setdefault(scene.index, state.execution.intents)
        request_id = report.request_id + before if report.request_id else 0
        account = instrument = scene.index
        if report.event <= OrderEvent.REQUEST_CANCEL:
            return Trade(instrument, PRICE_BASE + 10, 1, 1, 0, 0)
        if report.event == OrderEvent.NOT_FOUND:
            unknown = (0,) * 9
            return StatusReport(
                account, instrument, scene.order_id, *unknown, self.now_ns, self.now_ns
            )
        if report.event == OrderEvent.RESTARTED:
            return Restarted(state.control.restarts + 1)
        if report.event == OrderEvent.OPERATOR_DISPOSITION:
            return OperatorDisposition(scene.order_id, report.active)
        if report.new_leg:
            self.venue_ids[scene.index] += 1
        is_fill = report.event == OrderEvent.FILLED
        return Execution(
            report.event + EVENT_KIND_OFFSET,
            account,
            instrument,
            scene.order_id,
            request_id,
            self.venue_ids[scene.index],
            trade_id=TRADE if is_fill else 0,
            reference=0 if is_fill else TRADE,
            side=scene.side,
            price=PRICE_BASE + 9 if is_fill else 0,
            quantity=report.quantity,
            total=report.total,
            leaves=report.leaves,
            reason=report.reason,
            flags=report.restores + int(ExecutionFlag.ACTIVE) * report.active,
        )
