"""The help: every key that works, in the words of the footer and the palette."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.verbs import key_names
from tui.widgets.text.safe_input import SafeInput

HelpRow = tuple[str, str, str, str]
"""Keys as shown, label, help, settings id."""

HelpSection = tuple[str, list[HelpRow]]
"""The name of a place, and its keys."""

Line = list[tuple[str, str]]
"""The texts of a drawn line, each with what it is."""

FOOTNOTE = "The name in brackets is what [keys] in the settings file rebinds."

NOTHING_FOUND = "No key matches. Esc shows all of them again."


KEYS_WIDTH = 14
LABEL_WIDTH = 16
TEXT_FROM = KEYS_WIDTH + LABEL_WIDTH + 4
"""The column in which the texts begin: two blanks stand between columns."""


class KeyTable(ScrollView, can_focus=False):
    """Sections of keys, labels and texts in columns; a long text wraps beside its key.

    One widget that draws the lines in view: a widget for each section took 40 times as long.
    """

    COMPONENT_CLASSES = {"key-table--title", "key-table--key", "key-table--id"}

    DEFAULT_CSS = """
    KeyTable {
        height: 1fr; background: $surface; color: $foreground;
        overflow-y: scroll;
        & > .key-table--title { text-style: bold; color: $text-primary; }
        & > .key-table--key { text-style: bold; }
        & > .key-table--id { text-style: dim; }
    }
    """

    def __init__(self, sections: Sequence[HelpSection]) -> None:
        super().__init__()
        self._sections = sections
        self._lines: list[Line] = []

    def show(self, sections: Sequence[HelpSection]) -> None:
        """Show other keys, from the first line on."""
        self._sections = sections
        self._arrange()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self._lines = key_lines(self._sections, self.scrollable_content_region.width)
        # Its place on the screen stays: nothing needs to be laid out for more or fewer lines.
        size = Size(0, len(self._lines))
        self.set_reactive(KeyTable.virtual_size, size)
        self._scroll_update(size)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, plain = self.size.width, self.rich_style
        line = self._lines[y + self.scroll_offset.y :][:1]
        segments = [
            Segment(text, self.get_component_rich_style(f"key-table--{kind}") if kind else plain)
            for text, kind in (line[0] if line else ())
        ]
        return Strip(segments).adjust_cell_length(width, plain)


class HelpScreen(LeavesOnce, ModalScreen[None]):
    """All keys, the pane that is worked in first. What is typed narrows them."""

    CSS_PATH = "../styles/dialogs.tcss"

    BINDINGS = [
        Binding("escape", "back", "Back"),
        Binding("f1", "leave", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        # Before the field sees them: its one line has no need of them.
        Binding("home", "edge(-1)", show=False, priority=True),
        Binding("end", "edge(1)", show=False, priority=True),
    ]

    def __init__(self, sections: Iterable[HelpSection]) -> None:
        super().__init__()
        self.sections = list(sections)
        self.search = SafeInput(placeholder="search", id="help-search")
        self.table = KeyTable(self.sections)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog dialog-large") as box:
            box.border_title = "Keys"
            box.border_subtitle = "type to search"
            yield self.search
            yield self.table
        yield FooterLine()

    def on_mount(self) -> None:
        self.search.focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.table.show(narrowed(self.sections, event.value))

    def action_back(self) -> None:
        """Show all keys again, or else leave."""
        if self.search.value:
            self.search.value = ""
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, direction: int) -> None:
        self.table.scroll_relative(y=direction, animate=False)

    def action_page(self, direction: int) -> None:
        self.table.scroll_relative(y=direction * (self.table.size.height - 1), animate=False)

    def action_edge(self, direction: int) -> None:
        if direction < 0:
            self.table.scroll_home(animate=False)
        else:
            self.table.scroll_end(animate=False)


def narrowed(sections: Sequence[HelpSection], text: str) -> list[HelpSection]:
    """The rows in which every word of a text occurs, whatever the case, in the same sections."""
    words = text.casefold().split()

    def passes(row: HelpRow) -> bool:
        said = " ".join(row).casefold()
        return all(word in said for word in words)

    return [(title, [row for row in rows if passes(row)]) for title, rows in sections]


def key_lines(sections: Sequence[HelpSection], width: int) -> list[Line]:
    """The lines of the help in so many columns: for each its texts and what they are (`title`,
    `key`, `id` or nothing)."""
    lines: list[Line] = []
    if not any(rows for _, rows in sections):
        lines.append([(NOTHING_FOUND, "")])
    for title, rows in sections:
        if rows:
            lines += [[], [(title, "title")]]
            for row in rows:
                lines += _row_lines(row, max(width - TEXT_FROM, LABEL_WIDTH))
    lines.append([])
    lines += [[(line, "")] for line in wrap(FOOTNOTE, max(width, 1))]
    return lines


def _row_lines(row: HelpRow, room: int) -> list[Line]:
    keys, label, text, verb_id = row
    ending = f"({verb_id})" if verb_id else ""
    texts = wrap(f"{text}  {ending}".rstrip(), room)
    columns = zip_longest(wrap(keys, KEYS_WIDTH), wrap(label, LABEL_WIDTH), texts, fillvalue="")
    lines: list[Line] = [
        [(f"{key:{KEYS_WIDTH}}  ", "key"), (f"{word:{LABEL_WIDTH}}  ", ""), (said, "")]
        for key, word, said in columns
    ]
    if ending and lines[len(texts) - 1][2][0].endswith(ending):
        before = texts[-1].removesuffix(ending)
        lines[len(texts) - 1][2:] = [(before, ""), (ending, "id")]
    return lines


def help_sections(
    screen: Screen[object], everywhere: Sequence[Sequence[BindingType]], keys: Mapping[str, str]
) -> list[HelpSection]:
    """A section for each command host on the screen, the focused one first, then the rest.

    `keys` are the keys that the user rebound, by verb id.
    """
    hosts = [host for host in screen.walk_children(CommandHost) if host.COMMANDS_HERE]
    if isinstance(screen, CommandHost):
        hosts.append(screen)
    around = set() if screen.focused is None else set(screen.focused.ancestors_with_self)
    hosts.sort(key=lambda host: host not in around)
    sections = [(host.TITLE_HERE, _rows_of_host(type(host), keys)) for host in hosts]
    general = [row for bindings in everywhere for row in _rows_of_bindings(bindings, keys)]
    general.append(("Ctrl+P", "Palette", "Find and run any command by its name.", ""))
    return [*sections, ("Everywhere", general)]


def _rows_of_host(host: type[CommandHost], keys: Mapping[str, str]) -> list[HelpRow]:
    commands = [
        (
            key_names(keys.get(command.verb.id, command.verb.keys)),
            command.label,
            command.help,
            command.verb.id,
        )
        for command in host.COMMANDS_HERE
    ]
    return [*commands, *_rows_of_bindings(host.KEYS_HERE, keys)]


def _rows_of_bindings(bindings: Sequence[BindingType], keys: Mapping[str, str]) -> list[HelpRow]:
    return [
        (
            key_names(keys.get(binding.id or "", binding.key)),
            binding.description,
            binding.tooltip,
            binding.id or "",
        )
        for binding in bindings
        if isinstance(binding, Binding) and binding.tooltip
    ]
