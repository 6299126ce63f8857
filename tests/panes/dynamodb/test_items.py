"""What a list of items makes of the pages that come: columns, rows, order, counts."""

from __future__ import annotations

import pytest

from tests.services.dynamodb.samples import from_json, table
from tui.panes.dynamodb import items
from tui.panes.dynamodb.items import ItemList
from tui.services.dynamodb import Item, ItemPage, ItemSource, PageToken
from tui.services.dynamodb.values import AttributeValue, NullValue, NumberValue, StringValue
from tui.widgets.grid.cells import Absent, LazyRows


def page(*items: Item, token: bool = False) -> ItemPage:
    return ItemPage(ItemSource("users"), items, len(items), PageToken({}) if token else None, 0.5)


def person(identity: str, **attributes: AttributeValue) -> Item:
    return Item({**attributes, "id": NumberValue(identity)})


def shown(loaded: ItemList) -> list[str]:
    for _ in loaded.arrange():
        pass
    loaded.settle()
    return [str(loaded.item_at(row)["id"]) for row in range(len(loaded.shown))]


def test_keys_come_first_then_attributes_as_they_appear() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    loaded.add_page(page(person("1", b=NullValue()), token=True))
    loaded.add_page(page(person("2", a=NullValue(), b=NullValue())))
    assert loaded.names == ["id", "b", "a"]
    assert loaded.state == "2 items · 1 RCU"


def test_the_number_of_items_is_only_claimed_when_it_is_known() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    loaded.add_page(page(person("1"), token=True))
    assert loaded.state.startswith("1+ items ")


def test_an_item_that_comes_twice_is_shown_once_as_it_is_now() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    loaded.add_page(page(person("1", a=StringValue("old")), token=True))
    loaded.add_page(page(person("1.0", a=StringValue("new"))))
    assert len(loaded.items) == 1
    assert loaded.items[0]["a"] == StringValue("new")


def test_sorting_is_by_exact_value_with_missing_last() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    texts = ["10", "9", "9007199254740993", "9007199254740992", "-1E+20", "1E-130"]
    people = [person(str(number), n=NumberValue(text)) for number, text in enumerate(texts)]
    loaded.add_page(page(person("7", n=StringValue("0")), person("6"), *people))
    loaded.sort = ("n", False)
    expected = [NumberValue(text) for text in ("4", "5", "1", "0", "3", "2", "7", "6")]
    assert shown(loaded) == [str(each) for each in expected]
    loaded.sort = ("n", True)
    assert shown(loaded) == [str(each) for each in (*expected[-2::-1], expected[-1])]


def test_a_filter_looks_at_what_the_cells_show() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    loaded.add_page(page(person("1", a=StringValue("Łódź")), person("2", a=NumberValue("33"))))
    loaded.filter = "łó"
    assert shown(loaded) == [str(NumberValue("1"))]
    loaded.filter = "33"
    assert shown(loaded) == [str(NumberValue("2"))]
    assert loaded.state.startswith("1 of 2 items")


def test_loading_makes_no_cell_and_adds_only_the_rows_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[object] = []
    monkeypatch.setattr(items, "cell_of", made.append)
    loaded = ItemList(table(), ItemSource("users"))
    loaded.settle()
    for page in range(20):
        came = tuple(
            Item({"id": NumberValue(str(page * 100 + n)), f"odd{n}": StringValue("x")})
            for n in range(100)
        )
        first = len(loaded.shown)
        loaded.add_page(ItemPage(loaded.source, came, 100, PageToken(page), None))
        assert loaded.settle_page()
        assert loaded.shown_items(first) == list(came)
    assert not made


def test_a_row_has_the_columns_that_came_after_it() -> None:
    loaded = ItemList(table(), ItemSource("users"))
    loaded.put(from_json('{"id": 1}'))
    loaded.settle()
    (row,) = LazyRows(loaded.shown_items(), loaded.cells)
    assert len(row) == 1
    rows = LazyRows(loaded.shown_items(), loaded.cells)
    loaded.put(from_json('{"id": 2, "late": 1}'))
    assert rows[0] == [row[0], Absent.MISSING]
