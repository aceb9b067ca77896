"""The two digests: what they depend on, and that nothing runs together."""

import pytest
from attrs import evolve, field, fields_dict, frozen
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.configuration import Configuration, StrategySettings, WakeRule
from tickproof.spec.decoding import Undecodable, decode
from tickproof.spec.digest import (
    LIMB,
    SEGMENT_LENGTH,
    Chain,
    configuration_digest,
    encode,
    extended,
    genesis,
    record_words,
    state_digest,
    value,
)
from tickproof.spec.dominance import Pending
from tickproof.spec.events import INT64_MAX, Event, Trade
from tickproof.spec.instrument import Instrument
from tickproof.spec.left_out import LEFT_OUT
from tickproof.spec.state import Ticket

integers = st.integers() | st.integers(-(2**64), 2**64)
records = st.lists(integers, min_size=1, max_size=6).map(tuple)


def trade(index: int, price: int = 5) -> Event:
    return Event(index, index, 0, index, 0, Trade(0, price, 1, 1, 0, index))


@given(records)
def test_words_of_a_record_fit_64_bits(record: tuple[int, ...]) -> None:
    assert all(-INT64_MAX - 1 <= word <= INT64_MAX for word in record_words(record))


@given(records)
def test_words_tell_every_record_apart(record: tuple[int, ...]) -> None:
    """They can be read back, so no two records have the same."""
    words = list(record_words(record))
    length = words.pop(0)
    if length > 0:
        assert tuple(words) == record
        return
    found = []
    for _ in range(-length):
        sign, limbs = words.pop(0), words.pop(0)
        found.append(sign * sum(words.pop(0) * LIMB**power for power in range(limbs)))
    assert tuple(found) == record
    assert words == []


def test_a_chain_depends_on_events_and_records_and_their_order() -> None:
    start = Chain(b"head")
    one = extended(extended(start, trade(1), ((1, 2),)), trade(2), ())
    other = extended(extended(start, trade(1), ()), trade(2), ((1, 2),))
    third = extended(extended(start, trade(1), ((1,), (2,))), trade(2), ())
    fourth = extended(extended(start, trade(1, price=6), ((1, 2),)), trade(2), ())
    assert len({value(each) for each in (one, other, third, fourth)}) == 4


def test_a_full_segment_becomes_the_head() -> None:
    chain = Chain(b"head", tuple(trade(index) for index in range(SEGMENT_LENGTH - 1)))
    closed = extended(chain, trade(SEGMENT_LENGTH - 1), ())
    assert closed.events == ()
    assert value(closed) == closed.head != value(chain)


def test_code_identity_is_not_in_the_first_head() -> None:
    """D7: code that changed and decides alike gives equal chains; parameters count."""
    settings = StrategySettings(0, "one", 0, "code", (("size", 1),), WakeRule(1), ())
    made = Configuration(1, (), (), (), (settings,))
    recoded = evolve(made, strategies=(evolve(settings, code_identity="other"),))
    resized = evolve(made, strategies=(evolve(settings, parameters=(("size", 2),)),))
    assert genesis(recoded) == genesis(made)
    assert configuration_digest(resized) != configuration_digest(made)


def test_mappings_are_written_in_key_order() -> None:
    assert encode({2: 1, 1: 2}) == encode({1: 2, 2: 1})


def test_truth_is_not_a_number() -> None:
    assert len({encode(True), encode(1), encode((True,)), encode((1,))}) == 4


def test_text_of_any_code_point_is_written() -> None:
    assert encode("\ud800") != encode("\ud801")


def test_what_state_may_not_hold_has_no_digest() -> None:
    with pytest.raises(TypeError, match="float"):
        state_digest((1.5,))


@frozen
class Before:
    """A type as it was."""

    first: int


@frozen
class After:
    """The same type with two fields that may be left out."""

    first: int
    second: int = field(default=3, metadata={LEFT_OUT: True})
    third: int = field(default=4, metadata={LEFT_OUT: True})


@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 1))
def test_a_field_that_may_be_left_out_is_written_where_it_says_something(
    second: int, third: int, first: int
) -> None:
    made = After(first, second, third)
    written = encode(made)
    assert decode(written, After) == made
    assert (written == encode(Before(first))) == (second == 3 and third == 4)
    others = {encode(After(first, a, b)) for a in range(2, 6) for b in range(2, 6)}
    assert len(others) == 16


def test_what_plain_orders_do_not_have_is_not_written_for_them() -> None:
    """Digests of runs that have none of them are what they were before there were any."""
    for owner, name in (
        (Pending, "instructions"),
        (Ticket, "instructions"),
        (Instrument, "fees"),
    ):
        assert fields_dict(owner)[name].metadata[LEFT_OUT] is True


@pytest.mark.parametrize(
    "written",
    [b"o0:", b"o5:i1;s5:thirdi5;s6:secondi5;", b"o3:i1;s5:firsti2;", b"o2:i1;s5:third"],
)
def test_fields_out_of_order_or_unknown_are_not_decoded(written: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(written, After)
