"""The bucket in place against the specification's, look by look and take by take."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.rate_bucket import RateBucket
from tickproof.spec import rate_bucket as spec
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket

KINDS = [int(kind) for kind in CommandKind if kind]


@st.composite
def sound_buckets(draw: st.DrawFn) -> Bucket:
    capacity = draw(st.integers(0, 20))
    reserve = draw(st.integers(0, capacity))
    most = st.integers(0, capacity - reserve)
    refill, interval_ns = draw(st.integers(1, 5)), draw(st.integers(1, 40))
    costs = draw(most), draw(most), draw(st.integers(0, capacity))
    return Bucket(0, "bucket", capacity, refill, interval_ns, *costs, reserve)


@given(
    sound_buckets(),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(-20, 200)), max_size=40),
)
def test_side_by_side_with_the_specification(
    bucket: Bucket, requests: list[tuple[int, int]]
) -> None:
    assert spec.bucket_is_sound(bucket)
    fast, state, now_ns = RateBucket(bucket), spec.initial_state(bucket), 0
    for kind, wait_ns in requests:
        now_ns += wait_ns
        view = spec.refilled(bucket, state, now_ns)
        assert fast.tokens_at(now_ns) == view.tokens
        for each in KINDS:
            assert fast.needs[each] == spec.needed(bucket, each)
            assert fast.next_time_for(each) == spec.next_time_for(bucket, state, each)
            assert fast.fits(each, now_ns) == spec.can_take(bucket, view, each)
        if spec.can_take(bucket, view, kind) and spec.cost_of(bucket, kind):
            state = spec.take(bucket, view, kind)
        if fast.fits(kind, now_ns):
            fast.take(kind, now_ns)
        assert (fast.tokens, fast.refilled_at_ns) == (state.tokens, state.refilled_at_ns)


def test_a_long_absence_multiplies_nothing_large() -> None:
    bucket = RateBucket(Bucket(0, "bucket", 10, 1_000_000, 1, 1, 1, 1))
    bucket.take(CommandKind.NEW, 0)
    assert bucket.tokens_at(9_000_000_000_000_000_000) == 10
