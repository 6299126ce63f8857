"""The text of a previewed object on screen."""

from __future__ import annotations

from textual.widgets import TextArea

from tui.services.quantities import size_text
from tui.services.s3.objects import Beginning
from tui.services.s3.preview import Preview, hex_dump, plain_name
from tui.widgets.safe_text import visible
from tui.widgets.value_view import ValueView
from tui.widgets.value_viewer import EDITED

_SOURCE = frozenset(
    {".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".go", ".rs", ".sql", ".json", ".sh", ".rb"}
    | {".toml", ".yaml", ".yml", ".xml", ".html", ".css", ".tf", ".ini", ".cfg", ".scala", ".r"}
)
"""Suffixes of the names of files whose lines are numbered."""

_LANGUAGES = {".json": "json", ".sql": "sql"}

_JSON = frozenset({".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"})


def is_json(key: str) -> bool:
    """Whether a name promises JSON or JSON Lines."""
    return plain_name(key).suffix in _JSON


def drawn(shown: Preview) -> str:
    """What is drawn of an object: its text made safe, or its bytes in hex."""
    return hex_dump(shown.data) if shown.binary else visible(shown.text, multiline=True)


def part_note(shown: Preview, beginning: Beginning, *, may_grow: bool) -> str:
    """What to say of an object of which only a part is shown."""
    part = f"the first {size_text(len(shown.data))}"
    if len(beginning.data) != len(shown.data):
        part += " unpacked"
    more = " + reads more." if may_grow else ""
    return f"Only {part}: the object has {size_text(beginning.size)}.{more}"


def text_widget(key: str, text: str, *, binary: bool) -> TextArea | ValueView:
    """A widget for a text; a long one is drawn where it is looked at, without colours."""
    if len(text) > EDITED:
        view = ValueView(text)
        view.set_reactive(ValueView.soft_wrap, False)
        return view
    suffix = plain_name(key).suffix
    area = TextArea(
        text,
        read_only=True,
        show_line_numbers=not binary and suffix in _SOURCE,
        soft_wrap=False,
        language=None if binary else _LANGUAGES.get(suffix),
    )
    area.cursor_blink = False
    return area
