"""Numbers are text: ordered by value, checked against DynamoDB's range, never rounded."""

import itertools

import pytest

from tui.services.dynamodb.values import number_problem, parse_number, same_number

ASCENDING = [
    "-9.9999999999999999999999999999999999999E+125",
    "-1E+20",
    "-12",
    "-9",
    "-0.5",
    "-1E-130",
    "0",
    "1E-130",
    "0.05",
    "0.5",
    "1",
    "1.5",
    "9",
    "10",
    "9007199254740992",
    "9007199254740993",
    "12345678901234567890123456789012345678",
    "12345678901234567890123456789012345679",
    "9.9999999999999999999999999999999999999E+125",
]


def test_order_is_that_of_the_exact_values() -> None:
    keys = [parse_number(text) for text in ASCENDING]
    shuffled = keys[1::2] + keys[::2]
    assert sorted(shuffled) == keys
    assert all(low < high for low, high in itertools.pairwise(keys))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1", "1.0"),
        ("1", "10E-1"),
        ("100", "1e2"),
        ("0", "-0.00"),
        ("0", "0E99"),
        ("007", "7"),
        ("-.5", "-0.50"),
        ("+3", "3."),
    ],
)
def test_spellings_of_one_value_are_the_same_number(first: str, second: str) -> None:
    assert same_number(first, second)
    assert not parse_number(first) < parse_number(second)


@pytest.mark.parametrize("text", [*ASCENDING, "1" * 38, "0." + "0" * 129 + "1", "1" + "0" * 125])
def test_what_dynamodb_keeps_has_no_problem(text: str) -> None:
    assert number_problem(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1" * 39, "39 significant digits"),
        ("1.0000000000000000000000000000000000000001", "41 significant"),
        ("1E+126", "too large"),
        ("-1E+126", "too large"),
        ("1E-131", "too close to zero"),
        ("", "not a number"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("1,5", "not a number"),
        ("0x10", "not a number"),
        ("١٢", "not a number"),
        (" 1", "not a number"),
        ("1_000", "not a number"),
        ("--1", "not a number"),
        (".", "not a number"),
        ("1E", "not a number"),
    ],
)
def test_what_dynamodb_would_refuse_is_said(text: str, says: str) -> None:
    problem = number_problem(text)
    assert problem is not None
    assert says in problem
