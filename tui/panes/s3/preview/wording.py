"""What a preview says about what it shows. No Textual here."""

from __future__ import annotations

from collections.abc import Mapping

from tui.panes.s3.preview.model import PreviewModel, Shape
from tui.panes.s3.preview.rows import table_facts
from tui.panes.s3.preview.text import part_note
from tui.services.quantities import counted, size_text

EMPTY = "The object is empty: 0 bytes."

PLACES = {
    False: "A line (1200), a byte (@4096 or 0x1000), a percentage (50%), start or end:",
    True: "A byte (4096 or 0x1000), a percentage (50%), start or end:",
}
"""What can be typed as a place; in binary data there are no lines."""


KEYS_OF_SHAPES = {
    "header": {Shape.DELIMITED},
    "delimiter": {Shape.DELIMITED},
    "quote": {Shape.DELIMITED},
    "cell": {Shape.DELIMITED, Shape.ROWS},
    "wrap": {Shape.TEXT, Shape.HEX},
    "table": {Shape.TEXT, Shape.DELIMITED, Shape.TREE},
    "copy": {Shape.TEXT, Shape.HEX, Shape.DELIMITED, Shape.ROWS, Shape.TREE},
}
"""Action -> what has to be shown for it."""


def facts(model: PreviewModel, rows: int) -> str:
    """The line below: how large the object is, and its table; `rows` are those on screen."""
    if model.window is None:
        return ""
    size = size_text(model.size)
    if model.source is not None:
        return f"{size} · {model.source.facts} · {counted(rows, 'row')} read"
    shown, table = model.shown, model.table
    if model.shape is Shape.DELIMITED and table is not None and shown is not None:
        return f"{size} · {table_facts(table, truncated=shown.truncated, quote=model.quote)}"
    return size


def notes(model: PreviewModel) -> list[str]:
    """What has to be known of what is shown, as sentences."""
    window, shown = model.window, model.shown
    found = [each for each in (model.problem, model.moving.progress, model.said) if each]
    if model.source is not None or shown is None or window is None:
        return found
    if shown.truncated or not window.at_start:
        found.append(part_note(window, shown, may_go_on=model.may_go_on))
    found += shown.notes
    if model.shape is Shape.DELIMITED and model.table is not None:
        found += model.table.notes
    if model.shape is Shape.TREE and model.json is not None and model.json.note:
        found.append(model.json.note)
    return found


def labels(model: PreviewModel) -> Mapping[str, str]:
    """What the footer calls the keys of some actions."""
    match model.shape:
        case Shape.DELIMITED:
            return {"copy": "Copy cell", "table": "Text"}
        case Shape.ROWS:
            return {"copy": "Copy cell", "schema": "Schema"}
        case Shape.TREE:
            return {"copy": "Copy all", "table": "Text"}
        case _:
            return {"table": "Tree" if model.is_json else "Table"}
