"""What the commands of the SQL pane offer, without an application."""

from __future__ import annotations

import pytest

from tui.panes.sql.rows.copying import of_row
from tui.services.sql import Result, ResultColumn, split

COLUMNS = (
    ResultColumn("id", "integer", numeric=True),
    ResultColumn("name", "text", numeric=False),
    ResultColumn("n", "integer", numeric=True),
)
ROW = ("1", "O'Hara", None)


def result_of(text: str) -> Result:
    (statement,) = split(text)
    return Result(statement, COLUMNS, (ROW,), True, "SELECT 1", 0.0, ())


@pytest.mark.parametrize(
    ("key", "copied"),
    [
        ("j", '{"id": 1, "name": "O\'Hara", "n": null}'),
        ("c", "id,name,n\n1,O'Hara,\n"),
        ("i", "INSERT INTO t (id, name, n) VALUES (1, 'O''Hara', NULL);"),
        ("t", "id\tname\tn\n1\tO'Hara\t\n"),
        ("m", "| id | name | n |\n| ---: | --- | ---: |\n| 1 | O'Hara | *NULL* |\n"),
        ("s", "select * from t"),
        ("v", "1"),
    ],
)
def test_a_row_is_copied_in_the_form_that_is_chosen(key: str, copied: str) -> None:
    offered = {each.key: each.value for each in of_row(result_of("select * from t"), ROW, 0)}
    assert offered[key] == copied


def test_null_has_no_value_to_copy_and_no_row_leaves_the_statement() -> None:
    result = result_of("select * from t")
    assert [each.key for each in of_row(result, ROW, 2)] == [*"jctmis"]
    assert [each.key for each in of_row(result, None, 0)] == ["s"]
