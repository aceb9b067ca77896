"""The desk as a whole."""

from collections.abc import Iterable

import pytest
from tickproof.invariants.driving import market
from tickproof.invariants.evidence import broken_by_orders
from tickproof.invariants.monitor import CheckLevel, MonitoredKernel
from tickproof.invariants.predicates import broken_by_state, broken_by_step
from tickproof.kernel.kernel import Kernel
from tickproof.spec.events import Event

from desk.session import Session, configuration
from desk.strategy import Joiner

PRICE = 5_000


def a_market(length: int = 300) -> Iterable[Event]:
    return market(2, length, PRICE)


def test_the_desk_trades() -> None:
    session = Session()
    session.run(a_market())
    state = session.kernel.state()
    assert len(state.execution.fills) >= 3
    assert state.execution.refused == 0
    assert state.control.clock.backwards == 0


def test_two_runs_are_one() -> None:
    digests = set()
    for _ in range(2):
        session = Session()
        session.run(a_market())
        digests.add((session.kernel.chain_digest(), session.kernel.state_digest()))
    assert len(digests) == 1


def test_no_predicate_breaks_on_the_way() -> None:
    seen = [Session().kernel.state()]

    def look(kernel: Kernel, event: Event) -> None:
        before, after = seen[-1], kernel.state()
        about = (kernel.configuration, before, event, after, tuple(kernel.records))
        broken = broken_by_state(kernel.configuration, after)
        assert broken + broken_by_step(*about) + broken_by_orders(*about) == ()
        seen.append(after)

    Session(watch=look).run(a_market(120))
    assert len(seen) > 120


@pytest.mark.parametrize("level", [CheckLevel.EVERY, CheckLevel.SAMPLED])
def test_the_same_with_a_monitored_kernel(level: CheckLevel) -> None:
    kernel = MonitoredKernel(configuration(), (Joiner(),), level, 16)
    session = Session(kernel)
    session.run(a_market(120))
    kernel.check_state()
    assert kernel.checked == (
        len(session.events) if level is CheckLevel.EVERY else kernel.position // 16
    )
