"""How many rows are asked for at once, by how long those before were."""

from __future__ import annotations

from dataclasses import replace

from tui.services.sql import split
from tui.services.sql.session.row_lengths import FIRST_ROWS, PAGE_CHARACTERS, RowLengths

QUERY = split("select doc from docs")[0]


def test_short_rows_at_its_end_say_nothing_of_the_beginning_of_a_query() -> None:
    lengths = RowLengths()
    lengths.begin(QUERY)
    assert lengths.step() == FIRST_ROWS
    lengths.note(8, 8 * PAGE_CHARACTERS // 4)
    lengths.note(500, 500)
    # In the same result the rows that came last say how long the next ones are.
    assert lengths.step() == PAGE_CHARACTERS
    lengths.begin(QUERY)
    assert lengths.step() == 4


def test_other_values_may_give_other_rows() -> None:
    lengths = RowLengths()
    lengths.begin(replace(QUERY, bound=("small",)))
    lengths.note(500, 500)
    lengths.begin(replace(QUERY, bound=("large",)))
    assert lengths.step() == FIRST_ROWS
