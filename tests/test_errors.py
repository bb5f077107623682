"""Messages: bounded, whatever a file holds."""

from __future__ import annotations

import pytest

from wordloom.errors import (
    LONGEST_MESSAGE,
    DataError,
    UsageError,
    WordloomWarning,
    did_you_mean,
    listed,
    shown,
)


@pytest.mark.parametrize("kind", [DataError, UsageError, WordloomWarning])
def test_a_long_message_keeps_its_beginning_and_the_way_out(kind: type[Exception]) -> None:
    message = str(kind("a.csv: line 3 " + "x" * 9_900_000 + " Rename the column."))
    assert len(message) < LONGEST_MESSAGE
    assert message.startswith("a.csv: line 3 x")
    assert message.endswith("x Rename the column.")
    assert str(kind("short")) == "short"


def test_a_value_of_any_size_is_shown_in_a_few_characters() -> None:
    long = "x" * 10**6
    for value in (long, [[long] * 10**4], 10**9_000, -(10**9_000), {"a": [1] * 10**6}, long.encode()):
        assert len(shown(value)) < 70
    assert shown("short") == "'short'"
    assert shown(-3) == "-3"


@pytest.mark.slow
def test_a_deeply_nested_value_is_shown() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "[[[[...]]]]"


def test_very_many_names_are_listed_in_part_and_compared_in_no_time() -> None:
    names = [f"column number {number}" for number in range(1_000_000)]
    assert listed(names).startswith("'column number 0', 'column number 1', ")
    assert listed(names).endswith("'column number 19' and 999,980 more")
    assert len(did_you_mean("zzzz", names)) < 1_000
    assert did_you_mean("column number 7", names).startswith("Did you mean 'column number 7'")
    assert did_you_mean("x" * 10**6, ["y" * 10**6]).startswith("There are: 'yy")
