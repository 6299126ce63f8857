"""What a form can ask: fields, and the widgets that only forms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.content import Content
from textual.geometry import Size
from textual.visual import VisualType
from textual.widgets import Checkbox

from tui.widgets.text.steady_text import SteadyText

Values = Mapping[str, str]
"""Field name -> text; a flag is "yes" or "", a choice is its value."""

Applies = Callable[[Values], bool]
"""Whether a field has a meaning beside these values."""


@dataclass(frozen=True)
class TextField:
    """A line of text."""

    name: str
    label: str
    value: str = ""
    note: str = ""
    """Said under the field while there is no problem."""
    placeholder: str = ""
    secret: bool = False
    check: Callable[[str], Sequence[str]] | None = None
    """Problems of a value, none if it is good. Called at every key."""
    when: Applies | None = None
    """Whether it has a meaning beside these values; None is always."""
    wide: bool = False
    """Whether it has a row for itself where a form has two columns."""


@dataclass(frozen=True)
class ChoiceField:
    """One of a few values."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    """(shown, value) pairs."""
    value: str = ""
    note: str = ""
    when: Applies | None = None
    """Whether it has a meaning beside these values; None is always."""
    wide: bool = False
    """Whether it has a row for itself where a form has two columns."""


@dataclass(frozen=True)
class FlagField:
    """Yes or no."""

    name: str
    label: str
    value: bool = False
    note: str = ""
    when: Applies | None = None
    """Whether it has a meaning beside these values; None is always."""
    wide: bool = False
    """Whether it has a row for itself where a form has two columns."""


@dataclass(frozen=True)
class NoteField:
    """A paragraph between the fields."""

    text: str
    warning: bool = False
    name: str = field(default="", repr=False)


Field = TextField | ChoiceField | FlagField | NoteField


class Flag(Checkbox):
    """A checkbox that says with characters whether it is on: `[x]` or `[ ]`. Textual's own shows
    the same cross in both states, in another colour."""

    DEFAULT_CSS = """
    Flag > .toggle--button, Flag.-on > .toggle--button,
    Flag:focus > .toggle--button, Flag.-on:focus > .toggle--button {
        color: $foreground; background: $surface; text-style: bold;
    }
    """

    @property
    def _button(self) -> Content:
        style = self.get_visual_style("toggle--button")
        return Content.assemble(("[x]" if self.value else "[ ]", style))


class Note(SteadyText):
    """The paragraph of a NoteField. It has a whole row, of two columns too."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        # Textual measures it in the first of its columns, and would leave empty lines below it.
        over_all = container.width if self.styles.column_span > 1 else width
        return super().get_content_height(container, viewport, over_all)


class Hint(SteadyText):
    """What is said under a field. It takes no room while there is nothing to say."""

    def __init__(self, said: Content, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(said, id=id, classes="form-hint")
        self.display = bool(said.plain)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        super().update(content, layout=layout)
        self.display = bool(str(content))
