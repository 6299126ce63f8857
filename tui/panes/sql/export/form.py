"""The form of an export: which rows, what kind of file, where to."""

from __future__ import annotations

import re
from pathlib import Path

from textual import on
from textual.widgets import Input, Select

from tui.panes.sql.export.exporting import Chosen, about_again, why_not_again
from tui.panes.sql.export.places import find_place
from tui.panes.sql.loaded_result import LoadedResult
from tui.services.bundle import Services
from tui.services.quantities import counted
from tui.services.sql import Session
from tui.services.sql.copies import source_table
from tui.services.sql.export import ExportOptions, Format
from tui.widgets.dialogs.form_fields import (
    ChoiceField,
    Field,
    FlagField,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.dialogs.forms import FormDialog

_AGAIN = "again"
_LOADED = "loaded"
_SHOWN = "shown"
_NULL_VALUES = {"nothing": "", "backslash": "\\N", "word": "NULL"}
_NOTES = {
    Format.JSON_LINES: "Numbers keep all their digits; arrays, dates and intervals are text as the "
    "server prints them. NULL and the null of JSON look alike.",
    Format.EXCEL: "1,048,576 rows a sheet; numbers of more than 15 digits, and dates that Excel "
    "lacks, are text. NULL and an empty text look alike.",
    Format.PARQUET: "Numbers without limits, arrays and intervals are text.",
}


class ExportForm(FormDialog[Chosen]):
    """Asks for an export. The end of the file's name follows its kind, and the kind the end that is
    typed: a file named .parquet must not be CSV. Only .txt is the name of CSV, too."""

    @on(Select.Changed, "#field-kind")
    def _kind_changed(self, event: Select.Changed) -> None:
        field = self.query_one("#field-to", Input)
        if Format.of(field.value).value == event.value:
            return  # it followed the name
        head, dot, end = field.value.rpartition(".")
        if dot and f".{end.lower()}" in {each.value for each in Format}:
            field.value = f"{head}{event.value}"

    @on(Input.Changed, "#field-to")
    def _name_changed(self, event: Input.Changed) -> None:
        kind = Format.of(event.value)
        if kind is not Format.ALIGNED:
            self.query_one("#field-kind", Select).value = kind.value


def export_form(services: Services, shown: LoadedResult, session: Session) -> ExportForm:
    """The form for a result."""
    why_not = why_not_again(shown, session)
    loaded = counted(len(shown.rows), "loaded row")

    async def submit(values: Values) -> Chosen:
        place = await find_place(services, values["to"], replace=bool(values["replace"]))
        services.transfers.folders.last_download = (
            place.target.parent if place.said == str(place.target) else None
        )
        which = values.get("rows", _LOADED)
        return Chosen(shown, options_of(values), place, which == _AGAIN, as_shown=which == _SHOWN)

    return ExportForm(
        "Export the result",
        [*_rows_fields(shown, session, why_not, loaded), *_fields(services, shown)],
        submit=submit,
        submit_label="Export",
        only_reads=True,
        summary=lambda values: _NOTES.get(Format(values["kind"]), ""),
    )


def _rows_fields(shown: LoadedResult, session: Session, why_not: str, loaded: str) -> list[Field]:
    as_shown: list[tuple[str, str]] = []
    if shown.arranged is not None:
        count = counted(len(shown.arranged), "row")
        as_shown = [(f"the {count} that are shown, in their order", _SHOWN)]
    if why_not and not as_shown:
        rest = "" if shown.complete else " There are more, which are not in the file."
        return [NoteField(f"{why_not} The file gets the {loaded}.{rest}", warning=bool(rest))]
    if not shown.complete:
        loaded += ": not the whole result"
    return [
        ChoiceField(
            "rows",
            "Rows",
            [
                *([] if why_not else [("the whole result: the statement runs again", _AGAIN)]),
                (f"the {loaded}", _LOADED),
                *as_shown,
            ],
            value=_LOADED if shown.complete or why_not else _AGAIN,
            note=why_not or about_again(session),
            wide=True,
        )
    ]


def _fields(services: Services, shown: LoadedResult) -> list[Field]:
    folders = services.transfers.folders
    folder = folders.last_download or services.settings.download_dir or folders.start
    return [
        ChoiceField(
            "kind", "Kind of file", [(each.label, each.value) for each in Format], wide=True
        ),
        TextField(
            "to",
            "To a file, or to s3://bucket/key",
            value=str(Path(folder) / f"{file_name(shown)}{Format.CSV.value}"),
            check=lambda text: () if text.strip() else ("Type a name.",),
            wide=True,
        ),
        FlagField("header", "A first line with the names", value=True, when=_is_delimited),
        ChoiceField(
            "null",
            "NULL is written as",
            [('nothing (an empty text is "")', "nothing"), ("\\N", "backslash"), ("NULL", "word")],
            when=_is_delimited,
            note="A text that is the same is in quotes.",
        ),
        FlagField(
            "as_text",
            "Every column as text",
            when=lambda values: values["kind"] == Format.PARQUET.value,
        ),
        FlagField("replace", "Replace what is there", note="Only what is there now."),
    ]


def _is_delimited(values: Values) -> bool:
    return Format(values["kind"]).is_delimited


def options_of(values: Values) -> ExportOptions:
    """How a result is written by what was chosen."""
    return ExportOptions(
        Format(values["kind"]),
        header=bool(values["header"]),
        null=_NULL_VALUES.get(values["null"], ""),
        as_text=bool(values["as_text"]),
    )


def file_name(shown: LoadedResult) -> str:
    """A name for the file of a result: that of its first table."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^.]+', source_table(shown.result.statement))
    name = parts[-1] if parts else ""
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:60] or "result"
