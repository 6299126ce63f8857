"""The help: every key that works, in the words of the footer and the palette."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from tui.widgets.command_host import CommandHost
from tui.widgets.dialog import keys_line
from tui.widgets.key_names import key_names
from tui.widgets.leaving import LeavesOnce

HelpRow = tuple[str, str, str, str]
"""Keys as shown, label, help, settings id."""


FOOTNOTE = "The name in brackets is what [keys] in the settings file rebinds."

NOTHING_FOUND = "No key matches. Esc shows all of them again."


KEYS_WIDTH = 14
LABEL_WIDTH = 16


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

    def __init__(self, sections: Iterable[tuple[str, list[HelpRow]]]) -> None:
        super().__init__()
        self.sections = list(sections)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog dialog-large") as box:
            box.border_title = "Keys"
            box.border_subtitle = keys_line("type to search · Esc back")
            yield Input(placeholder="search", id="help-search")
            with VerticalScroll(id="help", can_focus=False):
                yield Static(NOTHING_FOUND, id="help-nothing")
                for title, rows in self.sections:
                    with Vertical(classes="help-section"):
                        yield Static(Content.styled(title, "bold $text-primary"))
                        yield Static(_table(rows), classes="help-rows", expand=True)
                yield Static(Content(FOOTNOTE), classes="help-title")

    def on_mount(self) -> None:
        self.query_one("#help-nothing").display = False
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        found = narrowed(self.sections, event.value)
        for around, (_, rows) in zip(self.query(".help-section"), found, strict=True):
            around.display = bool(rows)
            around.query_one(".help-rows", Static).update(_table(rows))
        self.query_one("#help-nothing").display = not any(rows for _, rows in found)
        self.action_edge(-1)

    @property
    def _box(self) -> VerticalScroll:
        return self.query_one("#help", VerticalScroll)

    def action_back(self) -> None:
        """Show all keys again, or else leave."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, direction: int) -> None:
        self._box.scroll_relative(y=direction, animate=False)

    def action_page(self, direction: int) -> None:
        self._box.scroll_relative(y=direction * (self._box.size.height - 1), animate=False)

    def action_edge(self, direction: int) -> None:
        if direction < 0:
            self._box.scroll_home(animate=False)
        else:
            self._box.scroll_end(animate=False)


def narrowed(
    sections: Sequence[tuple[str, list[HelpRow]]], text: str
) -> list[tuple[str, list[HelpRow]]]:
    """The rows in which every word of a text occurs, whatever the case, in the same sections."""
    words = text.casefold().split()

    def passes(row: HelpRow) -> bool:
        said = " ".join(row).casefold()
        return all(word in said for word in words)

    return [(title, [row for row in rows if passes(row)]) for title, rows in sections]


def _table(rows: Sequence[HelpRow]) -> Table:
    """Keys, label and text in columns, so that a long text wraps beside its key."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=KEYS_WIDTH)
    table.add_column(width=LABEL_WIDTH)
    table.add_column(ratio=1)
    for keys, label, text, verb_id in rows:
        said = Text(text)
        if verb_id:
            said.append(f"  ({verb_id})", style="dim")
        table.add_row(Text(keys, style="bold"), Text(label), said)
    return table


def help_sections(
    screen: Screen[object], everywhere: Sequence[Sequence[BindingType]], keys: Mapping[str, str]
) -> list[tuple[str, list[HelpRow]]]:
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
    return [
        (
            key_names(keys.get(command.verb.id, command.verb.keys)),
            command.label,
            command.help,
            command.verb.id,
        )
        for command in host.COMMANDS_HERE
    ]


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
