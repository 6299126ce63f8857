"""What the forms ask, what they refuse, and what they make of the answers."""

from __future__ import annotations

import pytest

from tests.services.dynamodb import samples
from tui.panes.dynamodb.forms import (
    TABLE_ITSELF,
    billed,
    get_form,
    key_problem,
    new_table_of,
    query_form,
    query_of,
    query_problems,
)
from tui.services.dynamodb import (
    Item,
    ItemSource,
    KeyAttribute,
    KeyType,
    Query,
    SortCondition,
    SortOperator,
    TableInfo,
    Throughput,
)
from tui.services.dynamodb.values import BinaryValue, NumberValue, StringValue
from tui.widgets.dialogs.form_fields import ChoiceField

ID = KeyAttribute("id", KeyType.NUMBER)
AT = KeyAttribute("at", KeyType.STRING)
USERS = ItemSource("users")


def fields_of(table: TableInfo, source: ItemSource = USERS) -> dict[str, object]:
    async def accept(query: Query) -> Query:
        return query

    return {each.name: each for each in query_form(table, source, accept).fields}


def answers(**given: str) -> dict[str, str]:
    return {"value": "1", "descending": "", **given}


# -- a query ---------------------------------------------------------------------------------


def test_a_query_form_asks_only_for_what_the_table_has() -> None:
    assert set(fields_of(samples.table())) == {"value", "descending"}
    assert {"operator", "low", "high"} <= set(fields_of(samples.table(sort=AT)))
    assert "index" in fields_of(samples.table(indexes=(samples.by_email(),)))


def test_an_index_is_offered_with_its_keys_and_chosen_where_the_pane_stands() -> None:
    table = samples.table(indexes=(samples.by_email(),))
    choice = fields_of(table, ItemSource("users", "by-email"))["index"]
    assert isinstance(choice, ChoiceField)
    assert list(choice.options) == [
        ("the table: id (N)", TABLE_ITSELF),
        ("by-email: email (S)", "by-email"),
    ]
    assert choice.value == "by-email"
    query = query_of(table, answers(index="by-email", value="a@b"))
    assert query == Query(ItemSource("users", "by-email"), "email", StringValue("a@b"))


def test_a_range_of_the_sort_key_is_made_of_the_answers() -> None:
    table = samples.table(sort=AT)
    given = answers(operator="BETWEEN", low="2024-01", high="2024-06", descending="yes")
    assert query_problems(table, given) == []
    condition = SortCondition(
        "at", SortOperator.BETWEEN, StringValue("2024-01"), StringValue("2024-06")
    )
    assert query_of(table, given) == Query(
        USERS, "id", NumberValue("1"), condition, descending=True
    )


@pytest.mark.parametrize(
    ("sort", "given", "problem"),
    [
        (None, answers(value="nan"), "id is not a number"),
        (None, answers(operator="EQ"), "no sort key; choose (any)"),
        (AT, answers(operator="BETWEEN", low="a", high=""), "at "),
        (
            KeyAttribute("n", KeyType.NUMBER),
            answers(operator="BEGINS_WITH", low="1"),
            "begins_with does not work on numbers",
        ),
    ],
)
def test_what_no_query_can_ask_is_refused(
    sort: KeyAttribute | None, given: dict[str, str], problem: str
) -> None:
    (said,) = query_problems(samples.table(sort=sort), given)
    assert problem in said


# -- a key -----------------------------------------------------------------------------------


def test_each_key_attribute_is_asked_for_with_its_type() -> None:
    async def submit(key: Item) -> Item:
        return key

    form = get_form(samples.table(sort=AT), submit)
    labels = [getattr(each, "label", "") for each in form.fields]
    assert labels == ["id: partition key, number", "at: sort key, string"]


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        (ID, "x", "is not a number"),
        (ID, "1E+3", None),
        (AT, "", "empty"),
        (KeyAttribute("b", KeyType.BINARY), "not base64!", "is not base64"),
        (KeyAttribute("b", KeyType.BINARY), "AAE=", None),
    ],
)
def test_a_key_has_the_type_of_its_attribute(
    key: KeyAttribute, text: str, problem: str | None
) -> None:
    said = key_problem(key, 0, text)
    assert said is None if problem is None else problem in (said or "")


def test_a_binary_key_is_typed_as_base64() -> None:
    table = samples.table(KeyAttribute("b", KeyType.BINARY))
    assert query_of(table, answers(value="AAE=")).value == BinaryValue(b"\x00\x01")


# -- a new table -----------------------------------------------------------------------------

NEW = {
    "table": "users",
    "partition": "id",
    "partition_type": "N",
    "sort": "",
    "sort_type": "S",
    "billing": "demand",
    "read": "5",
    "write": "1",
}


def test_a_new_table_says_what_is_billed() -> None:
    assert "Billed by the request" in billed(NEW)
    provisioned = billed({**NEW, "billing": "provisioned"})
    assert "Billed by the hour, used or not: 5 read units, 1 write unit" in provisioned


def test_capacity_belongs_to_provisioned_tables_and_must_be_a_number() -> None:
    assert new_table_of(NEW).throughput is None
    provisioned = {**NEW, "billing": "provisioned"}
    assert new_table_of(provisioned).throughput == Throughput(5, 1)
    assert new_table_of({**provisioned, "read": "many"}).throughput == Throughput(0, 1)


def test_a_sort_key_is_optional() -> None:
    assert new_table_of(NEW).sort is None
    assert new_table_of({**NEW, "sort": "at"}).sort == AT
