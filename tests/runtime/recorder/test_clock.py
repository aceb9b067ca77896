"""The capture clock never goes back, follows drift slowly and steps not at all."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.recorder.clock import SLEW_NS, STEP_NS, CaptureClock

SECOND_NS = 1_000_000_000


class Machine:
    """A wall clock and a steady one that tests move."""

    def __init__(self, wall_ns: int = 10**18) -> None:
        self.wall_ns = wall_ns
        self.steady_ns = 5

    def clock(self) -> CaptureClock:
        return CaptureClock(lambda: self.wall_ns, lambda: self.steady_ns)


@given(
    st.lists(st.tuples(st.integers(0, SECOND_NS), st.integers(-(10**12), 10**12), st.booleans()))
)
def test_stamps_never_go_back(moves: list[tuple[int, int, bool]]) -> None:
    machine = Machine()
    clock = machine.clock()
    latest_ns = clock.now_ns()
    for passed_ns, wall_ns, looks in moves:
        machine.steady_ns += passed_ns
        machine.wall_ns += wall_ns
        if looks:
            clock.correct()
        assert clock.now_ns() >= latest_ns
        latest_ns = clock.now_ns()


@given(st.integers(-STEP_NS + 1, STEP_NS - 1))
def test_drift_is_made_up_for_a_little_at_a_time(drift_ns: int) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns += drift_ns
    looks = abs(drift_ns) // SLEW_NS + 1
    for _ in range(looks):
        before_ns = clock.now_ns()
        machine.steady_ns += SECOND_NS
        machine.wall_ns += SECOND_NS
        assert not clock.correct()
        assert abs(clock.now_ns() - before_ns - SECOND_NS) <= SLEW_NS
    assert clock.now_ns() == machine.wall_ns


def test_a_step_is_counted_once_and_not_followed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns -= 3_600 * SECOND_NS
    assert clock.correct()
    assert not clock.correct()
    assert (clock.steps, clock.offset_ns) == (1, -3_600 * SECOND_NS)
    assert clock.now_ns() == 10**18
