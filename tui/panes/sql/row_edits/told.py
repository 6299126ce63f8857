"""What is said of staged changes: a line for each, and what is stored now beside what was shown."""

from __future__ import annotations

from collections.abc import Sequence

from tui.panes.sql.row_edits.staged import StagedChanges, StagedRow, text_of
from tui.services.quantities import counted
from tui.services.sql.row_edits.applying import ChangeRefusedError, EditsApplied
from tui.services.sql.row_edits.changes import InsertRow, shown_values
from tui.services.sql.row_edits.taken_along import MOST_COUNTED, TakenAlong
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.text.safe_text import visible

COLUMNS = (
    Column(""),
    Column("change"),
    Column("row", max_width=40),
    Column("what", grow=True, max_width=200),
)

LONGEST = 60
"""Characters of a value in a line; the statement below has the whole."""


def brief(value: str | None) -> str:
    """A value in a few words."""
    # The whole of a long value is not gone through for its beginning.
    text = visible(text_of(value if value is None else value[: LONGEST * 20]))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def cells_of(staged: StagedChanges, at: int) -> tuple[CellValue, ...]:
    """A staged change in the list of all."""
    row = staged.rows[at]
    is_refused = staged.refused is not None and staged.refused.at == at
    sign: CellValue = Cell("✗", Tone.ERROR) if is_refused else Absent.BLANK
    kind = "INSERT" if row.old is None else "DELETE" if row.deleted else "UPDATE"
    return (sign, kind, _row_name(staged, row), _what(staged, row))


def _row_name(staged: StagedChanges, row: StagedRow) -> str:
    if row.old is None:
        return "new"
    names = (visible(staged.table.column(number).name) for number in staged.table.key)
    key = staged.table.key_of(row.old)
    return ", ".join(f"{name} {brief(value)}" for name, value in zip(names, key, strict=True))


def _what(staged: StagedChanges, row: StagedRow) -> str:
    if row.deleted:
        return "the whole row"
    if row.old is None:
        given = (f"{staged.table.column(n).name}: {brief(v)}" for n, v in row.values.items())
        return ", ".join(given) or "every column gets its default"
    place = dict(staged.table.places)
    return ", ".join(
        f"{staged.table.column(number).name}: {brief(row.old[place[number]])} → {brief(value)}"
        for number, value in row.values.items()
    )


UNKNOWN_ALONG = "Whether rows of other tables refer to these, and go with them, is unknown."


def along_text(found: Sequence[TakenAlong]) -> str:
    """What the server changes by itself with the staged changes, a line each; "" if nothing."""
    return "\n".join(map(_along_line, found))


def _along_line(along: TakenAlong) -> str:
    what = {"DELETE": "The deletion", "UPDATE": "The new key"}[along.event]
    if along.count is None:
        rows = f"rows of {along.table}, how many is unknown: {along.why_unknown}"
    elif along.count > MOST_COUNTED:
        rows = f"more than {MOST_COUNTED:,} rows of {along.table}"
    else:
        rows = f"{counted(along.count, 'row')} of {along.table}"
    does = f"{'deletes' if along.event == 'DELETE' else 'changes'} {rows}"
    if along.action != "CASCADE":
        does = f"sets to {along.action.removeprefix('SET ')} the reference of {rows}"
    return f"{what} also {does} (ON {along.event} {along.action})."


def refusal_text(staged: StagedChanges, refused: ChangeRefusedError) -> str:
    """Why nothing was applied, of which row, and what is stored now beside what was shown."""
    row = staged.rows[refused.at]
    kind, name = cells_of(staged, refused.at)[1:3]
    lines = [f"{kind}, {name}: {refused.message}", refused.cause]
    if refused.conflict and refused.now is not None and row.old is not None:
        lines += ["", *_differences(staged, row, refused.now)]
    lines.append(refused.hint)
    if refused.now is not None:
        lines.append("K keeps your change on the row as it is now; U takes it back.")
    elif refused.conflict:
        lines.append("U takes the change back.")
    return "\n".join(line for line in lines if line)


def _differences(staged: StagedChanges, row: StagedRow, now: tuple[str | None, ...]) -> list[str]:
    assert row.old is not None, "a new row has no conflict"
    lines = []
    old = shown_values(staged.table, row.old)
    for (number, _), was, is_now in zip(staged.table.places, old, now, strict=True):
        if was == is_now and number not in row.values:
            continue
        said = f"was {brief(was)}, stored now {brief(is_now)}"
        if was == is_now:
            said = f"stored {brief(was)}"
        if number in row.values and not row.deleted:
            said += f", yours {brief(row.values[number])}"
        lines.append(f"  {visible(staged.table.column(number).name)}: {said}")
    return lines


def applied_text(staged: StagedChanges, applied: EditsApplied) -> str:
    """One line of what was done; before it is forgotten what was staged."""
    kinds = [
        "added" if each.old is None else "deleted" if each.deleted else "changed"
        for each in staged.rows
    ]
    parts = [
        f"{counted(kinds.count(kind), 'row')} {kind}"
        for kind in ("changed", "added", "deleted")
        if kind in kinds
    ]
    end = "; the transaction is open: F7 commits it" if applied.is_open else " and committed"
    return ", ".join(parts) + end + "."


def stored_otherwise(staged: StagedChanges, applied: EditsApplied) -> str:
    """Where the server stored something else than was sent (a trigger, a type that prints it in
    another way), and new rows as they are stored; "" if there is nothing to tell."""
    lines: list[str] = []
    table = staged.table
    for row, stored in zip(staged.rows, applied.rows, strict=True):
        now = {number: value for (number, _), value in zip(table.places, stored, strict=True)}
        if isinstance(row.change, InsertRow):
            said = ", ".join(f"{visible(table.column(n).name)}: {brief(v)}" for n, v in now.items())
            lines.append(f"new row: {said}")
            continue
        if row.deleted:
            continue
        lines += [
            f"{_row_name(staged, row)}: {visible(table.column(number).name)} is stored as "
            f"{brief(now[number])}; you wrote {brief(value)}"
            for number, value in row.values.items()
            if now[number] != value
        ]
    return "\n".join(lines)
