"""Instructions: what goes together, what records carry, and that none leave nothing behind."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.commands import (
    CONDITIONAL_TYPES,
    CommandKind,
    OrderType,
    TimeInForce,
    cancel_order,
    new_order,
)
from tickproof.spec.digest import state_digest
from tickproof.spec.dominance import Pending, Target, dominate
from tickproof.spec.execution_control import is_well_formed, request_record
from tickproof.spec.instructions import (
    INSTRUCTION_FIELDS,
    PLAIN,
    Instructions,
    instruction_values,
    instructions_of,
)
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind, record_fields, request_of
from tickproof.spec.strategy import is_decision
from tickproof.venue.requests import VenueRequest

LIMIT, MARKET, MAKER, STOP, STOP_LIMIT, TAKE_PROFIT, TAKE_PROFIT_LIMIT = OrderType
GTC, IOC, FOK, GTD = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD

numbers = st.integers(0, 2**40)
some_instructions = st.builds(Instructions, *[numbers] * len(INSTRUCTION_FIELDS))


def formed(order_type: int, quantity: int = 6, tif: int = GTC, **asked: int) -> bool:
    intent = new_order(
        1,
        0,
        1,
        quantity,
        100,
        order_type=order_type,
        time_in_force=tif,
        instructions=Instructions(**asked),
    )
    return is_well_formed(intent)


@given(some_instructions)
def test_integers_and_back(asked: Instructions) -> None:
    values = instruction_values(asked)
    assert instructions_of(values) == asked
    assert len(values) == (0 if asked == PLAIN else 9)


def test_none_at_all_is_said_by_nothing() -> None:
    zero = Instructions()
    assert zero is not PLAIN
    assert instruction_values(zero) == ()
    assert instructions_of(()) is instructions_of((0,) * 9) is PLAIN
    assert is_well_formed(new_order(1, 0, 1, 6, 100, instructions=zero))


@given(some_instructions)
def test_a_request_carries_them_in_both_forms(asked: Instructions) -> None:
    record = request_record(Pending(int(CommandKind.NEW), 7, 1, quantity=6, instructions=asked))
    plain = len(RECORD_FIELDS[RecordKind.REQUEST])
    assert len(record) == 1 + plain + (0 if asked == PLAIN else 9)
    request = request_of(record)
    fast = VenueRequest(record)
    assert request.instructions == fast.instructions == asked
    for name in RECORD_FIELDS[RecordKind.REQUEST]:
        assert getattr(request, name) == getattr(fast, name)


def test_fields_of_either_length_have_names() -> None:
    plain = RECORD_FIELDS[RecordKind.INTENT]
    assert record_fields(RecordKind.INTENT, len(plain)) == plain
    assert record_fields(RecordKind.INTENT, len(plain) + 9) == (*plain, *INSTRUCTION_FIELDS)
    assert record_fields(RecordKind.INTENT, len(plain) + 1) == ()
    assert record_fields(RecordKind.WAKE, 11) == ()


def test_state_without_them_has_the_digest_it_had() -> None:
    plain = Pending(int(CommandKind.NEW), 7, 1)
    assert state_digest(plain) == state_digest(evolve(plain, instructions=Instructions()))
    assert state_digest(plain) != state_digest(evolve(plain, instructions=Instructions(display=1)))


def test_a_replace_of_a_queued_order_keeps_them() -> None:
    asked = Instructions(display=2)
    queued = Pending(int(CommandKind.NEW), 7, 1, quantity=6, instructions=asked)
    merged = dominate(
        queued, Target.NEVER_SENT, Pending(int(CommandKind.REPLACE), 7, 2, quantity=4)
    )
    assert merged.pending == evolve(queued, quantity=4)


@pytest.mark.parametrize("order_type", CONDITIONAL_TYPES)
def test_what_waits_has_something_to_wait_for(order_type: int) -> None:
    assert not is_well_formed(new_order(1, 0, 1, 6, 100, order_type=order_type))
    assert formed(order_type, trigger_price=100)
    assert formed(order_type, trigger_price=100, trigger_on=1)
    assert formed(order_type, trailing_e4=1)
    assert formed(order_type, trigger_price=100, trailing_e4=9_999)
    assert not formed(order_type, trigger_on=1)
    assert not formed(order_type, trigger_price=100, trigger_on=2)
    assert not formed(order_type, trailing_e4=10_000)
    assert not formed(order_type, trigger_price=-1)


@pytest.mark.parametrize("order_type", [LIMIT, MARKET, MAKER])
def test_what_does_not_wait_has_no_trigger(order_type: int) -> None:
    assert not formed(order_type, trigger_price=100)
    assert not formed(order_type, trailing_e4=10)
    assert not formed(order_type, trigger_on=1)


def test_only_what_may_rest_shows_a_part_of_itself() -> None:
    for order_type in (LIMIT, MAKER):
        assert formed(order_type, display=6)
        assert not formed(order_type, display=7)
        assert not formed(order_type, display=-1)
    assert formed(STOP_LIMIT, trigger_price=100, display=2)
    assert not formed(LIMIT, tif=IOC, display=2)
    assert not formed(LIMIT, tif=FOK, display=2)
    assert not formed(MARKET, display=2)
    assert not formed(STOP, trigger_price=100, display=2)


def test_money_takes_the_place_of_a_quantity() -> None:
    assert formed(MARKET, quantity=0, quote_quantity=1)
    assert not formed(MARKET, quantity=1, quote_quantity=1)
    assert not formed(LIMIT, quantity=0, quote_quantity=1)
    assert not formed(MARKET, quantity=0, quote_quantity=-1)


def test_lists_and_prevention() -> None:
    assert formed(LIMIT, list_id=1)
    assert formed(LIMIT, list_id=1, list_kind=1, list_leg=1)
    assert formed(LIMIT, list_id=1, list_kind=2, list_leg=2)
    assert not formed(LIMIT, list_id=1, list_kind=3)
    assert not formed(LIMIT, list_id=1, list_kind=1, list_leg=2)
    assert not formed(LIMIT, list_kind=1)
    assert not formed(LIMIT, list_leg=1)
    assert formed(LIMIT, prevention=4)
    assert not formed(LIMIT, prevention=5)


def test_only_a_new_order_has_any() -> None:
    assert not is_well_formed(cancel_order(1)._replace(instructions=Instructions(display=1)))
    assert is_well_formed(cancel_order(1)._replace(instructions=Instructions()))


def test_a_decision_is_integers_throughout() -> None:
    good = new_order(1, 0, 1, 6, 100, instructions=Instructions(display=1))
    text: Any = "1"
    nothing: Any = None
    assert is_decision(good)
    assert not is_decision(good._replace(instructions=Instructions(display=text)))
    assert not is_decision(good._replace(instructions=Instructions(display=2**63)))
    assert not is_decision(good._replace(instructions=nothing))
