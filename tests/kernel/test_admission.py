"""What admission decides at a glance is what the specification decides."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.admission import fields_of, is_usual
from tickproof.spec.commands import ORDER_KEY_LIMIT, Intent
from tickproof.spec.execution_control import is_well_formed

codes = st.integers(-1, 8)
intents = st.builds(
    Intent,
    kind=codes,
    key=st.sampled_from((-1, 0, 1, 7, ORDER_KEY_LIMIT - 1, ORDER_KEY_LIMIT)),
    order_type=codes,
    time_in_force=codes,
    good_till_ns=st.integers(-1, 1),
    reduce_only=codes,
)


@given(intents)
def test_what_is_usual_is_well_formed(intent: Intent) -> None:
    assert is_well_formed(intent) or not is_usual(fields_of(intent))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(0, 1))
def test_plain_orders_are_usual(kind: int, order_type: int, time: int, reduce_only: int) -> None:
    intent = Intent(kind, 1, order_type=order_type, time_in_force=time, reduce_only=reduce_only)
    assert is_usual(fields_of(intent))
