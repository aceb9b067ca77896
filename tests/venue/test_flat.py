"""What the venue decides on flat tables and plain integers is what the specification decides."""

from itertools import product
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import INSTRUMENT
from tickproof.kernel.intent_queue import QueuedCommand
from tickproof.spec import venue_admission as spec
from tickproof.spec.commands import OrderType, Request
from tickproof.spec.instructions import PLAIN, Instructions, instruction_values
from tickproof.spec.table import Refuse
from tickproof.venue import verdicts
from tickproof.venue.market import Market
from tickproof.venue.requests import VenueRequest, request_record

REQUEST = Request(7, 1, 0, 0, 3, 0, 1, 1, 1, 100, 5, 0, 0)
BITS = (False, True)
ASKED = instruction_values(Instructions(list_id=3, display=2))


def test_the_situation_is_the_specified() -> None:
    for bits in product(BITS, repeat=8):
        for shown, unused, wanted in product(range(3), repeat=3):
            found: tuple[Any, ...] = (*bits, shown, unused, wanted)
            assert verdicts.seen_situation(*found) == spec.situation(*found)


def test_the_class_is_the_specified() -> None:
    asked = (PLAIN, Instructions(display=1), Instructions(quote_quantity=1))
    for order_type, time, instructions in product(range(-1, 12), range(-1, 10), asked):
        request = evolve(
            REQUEST, order_type=order_type, time_in_force=time, instructions=instructions
        )
        seen = VenueRequest(request_record(request))
        assert seen.instructions == instructions
        assert (seen.instructions is PLAIN) == (instructions is PLAIN)
        assert verdicts.class_of(seen) == spec.order_class(order_type, time, instructions)


def test_the_tenure_table_is_the_specified() -> None:
    for state, command in product(spec.Tenure, spec.Command):
        rule = spec.TENURE.cells[state][command][0]
        expected = (rule.code, -1) if isinstance(rule, Refuse) else (0, rule.target)
        assert verdicts._TENURE[state][command] == expected


@pytest.mark.parametrize("instructions", [(), ASKED])
def test_a_command_is_carried_as_its_record_is_read(instructions: tuple[int, ...]) -> None:
    terms = (2, 40, 7, 1, 3, 0, -1, 3, 4, 100, 5, 99, 1)
    command = QueuedCommand(*terms)
    command.instructions = instructions
    seen = VenueRequest.__new__(VenueRequest)
    seen.carry(command)
    record = (5, 7, 2, *terms[3:5], 40, *terms[5:], *instructions)
    read = VenueRequest(record)
    for name in (*(each.name for each in fields(Request)), "list_id", "display"):
        assert getattr(seen, name) == getattr(read, name)


@given(
    st.sampled_from([*OrderType]),
    st.integers(-3, 60),
    st.integers(-3, 60),
    st.tuples(*[st.integers(1, 5)] * 2, *[st.integers(0, 40)] * 2, st.integers(0, 900)),
    st.integers(1, 3),
)
def test_filters_are_the_specified(
    order_type: int, price: int, quantity: int, values: tuple[int, ...], unit: int
) -> None:
    filters = spec.Filters(*values)
    about = evolve(INSTRUMENT, money_per_price_lot=unit)
    market = Market(about)
    market.set_filters(filters)
    expected = spec.filters_passed(filters, about, order_type, price, quantity)
    assert market.passes(order_type, price, quantity) == expected


@given(st.integers(-2, 2), st.integers(-2, 2), st.sampled_from((0, 1, 3, 1 << 70)))
def test_a_value_beyond_64_bits_is_compared_as_it_is(less: int, more: int, unit: int) -> None:
    """A minimum about as large as a price times a quantity that no 64 bits hold."""
    price, quantity = (1 << 40) + less, (1 << 40) + more
    for minimum in (1, unit << 61, unit << 62, (unit << 62) + 1, unit << 80):
        filters = spec.Filters(1, 1, 1, 1 << 50, minimum)
        about = evolve(INSTRUMENT, money_per_price_lot=unit)
        market = Market(about)
        market.set_filters(filters)
        for terms in ((price, quantity), (1 << 31, 1 << 31), (1 << 31, (1 << 31) - 1)):
            expected = spec.filters_passed(filters, about, OrderType.LIMIT, *terms)
            assert market.passes(OrderType.LIMIT, *terms) == expected
