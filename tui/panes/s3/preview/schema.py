"""The schema of a previewed Parquet file."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from tui.services.quantities import size_text
from tui.services.s3.formats.parquet_schema import Schema
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.grid.cells import Column
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content

COLUMNS = (
    Column("Column", max_width=40, min_width=8, grow=True),
    Column("Type", max_width=44),
    Column("NULL"),
    Column("Compression"),
    Column("Stored", align="right"),
    Column("Unpacked", align="right"),
)


class SchemaDialog(Dialog[None]):
    """Names, types, nullability, compression and sizes of the stored columns."""

    BOX_CLASSES = "dialog-large"

    def __init__(self, key: str, schema: Schema) -> None:
        super().__init__(f"Schema of {key}")
        self.schema = schema
        self._grid = Grid()

    def compose_box(self) -> ComposeResult:
        yield Static(content(self.schema.facts, multiline=True), classes="dialog-prompt")
        yield self._grid

    def on_mount(self) -> None:
        rows = [
            (
                each.path,
                each.type,
                "list" if each.repeated else "yes" if each.nullable else "no",
                each.compression,
                size_text(each.packed),
                size_text(each.unpacked),
            )
            for each in self.schema.columns
        ]
        self._grid.show(list(COLUMNS), rows)
        self._grid.focus()
