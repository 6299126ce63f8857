"""The changes of one result that are staged: nothing of them is sent before they are applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import Result, ResultColumn, Row
from tui.services.sql.row_edits.applying import ChangeRefusedError, EditsApplied
from tui.services.sql.row_edits.changes import DeleteRow, InsertRow, RowChange, UpdateRow
from tui.services.sql.row_edits.table import EditableTable, EditedColumn
from tui.widgets.grid.cells import Absent, Cell, CellValue, Tone, drawn_text

CHANGED = "✎ "
DELETED = "✗ "
"""Stand in front of a value that is staged, and of each value of a row that is to be deleted."""

STAGED = "±"
"""Stands in front of a row of which something is staged."""

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class StagedRow:
    """What is staged of one row of the result, or a new row."""

    old: Row | None
    """The row as it is shown; None for a new one."""
    at: int | None
    """Its place among the rows of the result; None for a new one."""
    values: Mapping[int, str | None]
    """The number of each column that gets another value -> that value."""
    deleted: bool = False
    """Whether the row is to be deleted, whatever `values` says."""

    @property
    def change(self) -> RowChange:
        """What is sent of it."""
        if self.old is None:
            return InsertRow(self.values)
        return DeleteRow(self.old) if self.deleted else UpdateRow(self.old, self.values)


@dataclass(frozen=True)
class StoredRow:
    """A row of the result that was changed."""

    at: int
    """Its place among the rows of the result."""
    key: Key
    """What told it from the others before."""
    row: Row
    """As it is to be shown now."""
    shown: Row
    """The columns of the table in it, as the server has stored them."""


class StagedChanges:
    """The changes of the rows of one table, in the order in which they were begun."""

    def __init__(self, table: EditableTable, columns: Sequence[ResultColumn], oid: int) -> None:
        """`oid` is the table, as the columns of the result name it."""
        self.table = table
        self.rows: list[StagedRow] = []
        self.refused: ChangeRefusedError | None = None
        """Why the last attempt to apply them failed, if it was because of one of them."""
        self._numbers = tuple(each.attribute if each.table == oid else 0 for each in columns)
        self._columns = tuple(columns)
        self._places: dict[Key, int] = {}
        """The key of each row that is staged and shown -> its place in `rows`."""
        self._gone: set[Key] = set()
        """The keys of rows that are shown and were deleted."""

    @staticmethod
    def of(table: EditableTable, result: Result) -> StagedChanges:
        """Nothing is staged yet."""
        columns = result.columns or ()
        return StagedChanges(table, columns, columns[table.places[0][1]].table)

    # -- what is staged ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows are changed, new or to be deleted."""
        return len(self.rows)

    @property
    def shows_others(self) -> bool:
        """Whether a column of the result is computed, or of another table."""
        return 0 in self._numbers

    @property
    def changes(self) -> list[RowChange]:
        """What is sent, in order."""
        return [each.change for each in self.rows]

    @property
    def line(self) -> str:
        """ "3 changes staged (1 new row)"; "" if there are none."""
        if not self.rows:
            return ""
        new = sum(each.old is None for each in self.rows)
        also = f" ({counted(new, 'new row')})" if new else ""
        return f"{counted(self.count, 'change')} staged{also}"

    def of_row(self, row: Row) -> StagedRow | None:
        """What is staged of a row that is shown."""
        found = self._find(self.table.key_of(row))
        return None if found is None else self.rows[found]

    def column_at(self, place: int) -> EditedColumn:
        """The column of the table in a column of the result. INVALID if it cannot be changed."""
        number = self._numbers[place]
        name = self._columns[place].name
        if not number:
            raise ServiceError(
                f"“{name}” cannot be changed: it is no column of {self.table.sql_name}.",
                hint="It is computed, or a column of another table.",
                kind=ErrorKind.INVALID,
            )
        column = self.table.column(number)
        if column.fixed:
            raise ServiceError(
                f"“{column.name}” cannot be changed: {column.fixed}.", kind=ErrorKind.INVALID
            )
        return column

    def value_at(self, row: Row, place: int) -> str | None:
        """The value in a column of the result, as it is staged."""
        staged = self.of_row(row)
        number = self._numbers[place]
        return staged.values.get(number, row[place]) if staged and number else row[place]

    def refuse_lost_row(self, row: Row) -> None:
        """Raise INVALID for a row that nobody can change: it was deleted, or an outer join found
        none."""
        key = self.table.key_of(row)
        if key in self._gone:
            raise ServiceError("This row was deleted.", kind=ErrorKind.INVALID)
        if None in key:
            raise ServiceError(
                f"There is no row of {self.table.sql_name} here: its key is NULL.",
                kind=ErrorKind.INVALID,
            )

    # -- staging ----------------------------------------------------------------------------------

    def set_value(self, row: Row, at: int, number: int, value: str | None) -> None:
        """Stage another value for a column of a row; none if it is the one that is shown."""
        found = self._find(self.table.key_of(row))
        staged = StagedRow(row, at, {}) if found is None else self.rows[found]
        values = {each: other for each, other in staged.values.items() if each != number}
        if value != row[dict(self.table.places)[number]]:
            values[number] = value
        self._put(found, replace(staged, values=values))

    def toggle_delete(self, row: Row, at: int) -> bool:
        """Stage the deletion of a row, or take it back; whether it is staged now."""
        found = self._find(self.table.key_of(row))
        staged = StagedRow(row, at, {}) if found is None else self.rows[found]
        self._put(found, replace(staged, deleted=not staged.deleted))
        return not staged.deleted

    def add(self, values: Mapping[int, str | None]) -> None:
        """Stage a new row."""
        self._put(None, StagedRow(None, None, dict(values)))

    def take_back(self, at: int) -> None:
        """Forget what is staged of one row."""
        del self.rows[at]
        self._rows_changed()

    def take_back_row(self, row: Row | None) -> bool:
        """Forget what is staged of a row that is shown, or else what was begun last; whether there
        was anything."""
        found = None if row is None else self._find(self.table.key_of(row))
        if not self.rows:
            return False
        self.take_back(len(self.rows) - 1 if found is None else found)
        return True

    def clear(self) -> None:
        """Forget everything that is staged."""
        self.rows = []
        self._rows_changed()

    def keep_mine(self) -> tuple[int, Row] | None:
        """After a conflict: stage the same change of the row as it is now. Gives the place of the
        row in the result and what stands there now; None if there is nothing to keep."""
        refused = self.refused
        if refused is None or refused.now is None:
            return None
        staged = self.rows[refused.at]
        if staged.old is None or staged.at is None:
            return None
        now = self._with_shown(staged.old, refused.now)
        self.rows[refused.at] = replace(staged, old=now)
        self._rows_changed()
        return staged.at, now

    def applied(self, applied: EditsApplied) -> list[StoredRow]:
        """Everything was applied: gives the rows that changed as they are stored, and forgets what
        was staged."""
        changed = []
        for staged, shown in zip(self.rows, applied.rows, strict=True):
            if staged.old is None or staged.at is None:
                continue
            key = self.table.key_of(staged.old)
            if staged.deleted:
                self._gone.add(key)
            else:
                changed.append(
                    StoredRow(staged.at, key, self._with_shown(staged.old, shown), shown)
                )
        self.clear()
        return changed

    def shown_again(
        self, rows: Sequence[Row], changed: Sequence[StoredRow]
    ) -> list[tuple[int, Row]]:
        """The other places at which a join shows the rows that changed, and what stands there now.
        Goes through all `rows`: for a thread of its own."""
        stored = {each.key: each for each in changed}
        found = ((at, row, stored.get(self.table.key_of(row))) for at, row in enumerate(rows))
        return [
            (at, self._with_shown(row, each.shown))
            for at, row, each in found
            if each is not None and each.at != at
        ]

    def _with_shown(self, row: Row, shown: Row) -> Row:
        """A row of the result with other values in the columns of the table."""
        values = dict(zip((number for number, _ in self.table.places), shown, strict=True))
        return tuple(
            values.get(number, value) if number else value
            for number, value in zip(self._numbers, row, strict=True)
        )

    def _find(self, key: Key) -> int | None:
        return self._places.get(key)

    def _put(self, at: int | None, staged: StagedRow) -> None:
        is_empty = staged.old is not None and not staged.values and not staged.deleted
        if at is None:
            self.rows += [] if is_empty else [staged]
        elif is_empty:
            del self.rows[at]
        else:
            self.rows[at] = staged
        self._rows_changed()

    def _rows_changed(self) -> None:
        self.refused = None
        self._places = {
            self.table.key_of(each.old): at
            for at, each in enumerate(self.rows)
            if each.old is not None
        }

    # -- drawing ----------------------------------------------------------------------------------

    def is_marked(self, row: Row) -> bool:
        """Whether something of a row is staged."""
        return bool(self.rows) and self.of_row(row) is not None

    def cells(self, row: Row) -> tuple[CellValue, ...]:
        """A row for the grid, with what is staged of it."""
        if self._gone and self.table.key_of(row) in self._gone:
            return (Cell("(deleted)", Tone.DIM), *(Absent.BLANK,) * (len(row) - 1))
        staged = self.of_row(row) if self.rows else None
        if staged is None:
            return tuple(Absent.NULL if value is None else value for value in row)
        if staged.deleted:
            return tuple(Cell(DELETED + text_of(value), Tone.ERROR) for value in row)
        cells: list[CellValue] = []
        for number, value in zip(self._numbers, row, strict=True):
            if number in staged.values:
                cells.append(Cell(CHANGED + text_of(staged.values[number]), Tone.WARNING))
            else:
                cells.append(Absent.NULL if value is None else value)
        return tuple(cells)


def text_of(value: str | None) -> str:
    """A value in a line, so that NULL differs from the text NULL and from nothing."""
    return Absent.NULL.value if value is None else drawn_text(value)
