"""The requirement list is complete, unambiguous and readable."""

import pytest

from tickproof.spec.requirements import REQUIREMENTS, by_id

# Prefix -> how many there are; a requirement is added here and there together, deliberately.
COUNTS = {
    "E": 6,
    "D": 7,
    "T": 8,
    "S": 4,
    "I": 3,
    "L": 5,
    "EC": 7,
    "ID": 3,
    "OL": 12,
    "R": 3,
    "Q": 9,
    "M": 8,
    "A": 7,
    "F": 5,
    "P": 3,
}
EXPECTED = [f"{prefix}{n}" for prefix, count in COUNTS.items() for n in range(1, count + 1)]


def test_every_expected_id_is_listed_once_in_order() -> None:
    assert [requirement.id for requirement in REQUIREMENTS] == EXPECTED


@pytest.mark.parametrize("requirement_id", EXPECTED)
def test_each_is_found_by_id_and_is_a_sentence(requirement_id: str) -> None:
    requirement = by_id(requirement_id)
    assert requirement.id == requirement_id
    assert requirement.text.endswith(".")
    assert requirement.section


def test_texts_are_distinct() -> None:
    assert len({requirement.text for requirement in REQUIREMENTS}) == len(REQUIREMENTS)


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        by_id("OL99")
