"""What a strategy may return and remember."""

from enum import IntEnum
from typing import Any, ClassVar, NamedTuple

import pytest
from attrs import define, field

from tickproof.invariants.worlds import Dice, Idle, Nothing, Scripted
from tickproof.spec.commands import Intent, SetTimer, cancel_order, new_order
from tickproof.spec.strategy import (
    DECISION_LIMIT,
    Strategy,
    initial_memory,
    is_canonical,
    is_decision,
    memory_fields,
)


class Colour(IntEnum):
    RED = 1


class Pair(NamedTuple):
    first: int


@pytest.mark.parametrize("value", [1, True, "text", b"raw", (), (1, ("two", (b"3",)))])
def test_canonical_data(value: Any) -> None:
    assert is_canonical(value)


@pytest.mark.parametrize("value", [1.0, None, [1], {1: 2}, (1, [2]), Colour.RED, Pair(1), {1}])
def test_what_would_not_come_back_as_it_was(value: Any) -> None:
    """A snapshot gives back plain data: an enumeration or named tuple would have lost itself."""
    assert not is_canonical(value)


def test_decisions() -> None:
    assert is_decision(new_order(1, 0, 1, 5, 100))
    assert is_decision(cancel_order(1))
    assert is_decision(SetTimer(0))
    assert is_decision(SetTimer(DECISION_LIMIT))


@pytest.mark.parametrize("part", [1.5, "1", None, DECISION_LIMIT + 1, -DECISION_LIMIT - 1])
def test_what_is_no_decision(part: Any) -> None:
    """Integers only, and such that no record overflows."""
    assert not is_decision(Intent(1, 1, price=part))
    assert not is_decision(SetTimer(part))
    assert not is_decision(part)


def test_memory_fields_in_order() -> None:
    assert memory_fields(Dice) == ("seed", "shown", "notes")
    assert memory_fields(Nothing) == ()


@define(slots=False)
class Loose:
    count: int = 0


@define
class Partial:
    count: int = field(default=0, init=False)


@define
class Inexact:
    count: float = 0.5


@pytest.mark.parametrize("memory", [Loose, Partial, dict, object])
def test_memory_that_state_could_not_own(memory: type) -> None:
    """D3: what is not a field would be remembered without State knowing."""
    with pytest.raises(TypeError):
        memory_fields(memory)


def test_memory_begins_as_canonical_data() -> None:
    class Vague(Idle):
        memory: ClassVar[type] = Inexact

    assert initial_memory(Idle()) == ()
    assert initial_memory(Scripted(1, 1, 1)) == (1, 0, ())
    with pytest.raises(TypeError, match="Inexact"):
        initial_memory(Vague())


def test_scripted_strategies_are_strategies() -> None:
    assert isinstance(Idle(), Strategy)
    assert isinstance(Scripted(1, 1, 1), Strategy)
