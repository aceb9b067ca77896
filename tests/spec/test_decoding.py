"""What `digest.encode` writes is read back, and nothing else is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.configuration import Configuration, Timing
from tickproof.spec.decoding import Undecodable, decode
from tickproof.spec.digest import encode
from tickproof.spec.events import Side
from tickproof.spec.state import State
from tickproof.spec.time import Clock

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=5)
)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_encoded_is_read_back(value: Any) -> None:
    back = decode(encode(value), object)
    assert back == value
    assert encode(back) == encode(value)
    assert type(back) is type(value)


@given(values, values)
def test_one_encoding_means_one_value(first: Any, second: Any) -> None:
    if encode(first) == encode(second):
        assert first == second


@given(st.binary(max_size=60) | st.text("itbsmo0123:;-,nTF", max_size=40).map(str.encode))
def test_bytes_that_encode_nothing_are_refused(data: bytes) -> None:
    try:
        value = decode(data, State)
    except Undecodable:
        return
    assert encode(value) == data


def test_types_come_from_the_fields() -> None:
    made = Configuration(3, (), (), (), (), timing=Timing(settling_ns=7))
    assert decode(encode(made), Configuration) == made


def test_an_enumeration_comes_back_as_its_integer() -> None:
    back = decode(encode(Side.SELL), int)
    assert back == Side.SELL
    assert type(back) is int


@pytest.mark.parametrize("data", [b"", b"o3:i1;i2;", b"o2:i1;i2;", b"i1;", b"o3:i1;i2;i3;i4;"])
def test_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(data, Clock)
