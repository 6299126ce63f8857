"""Whatever the theme: text is readable on what is drawn behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.color import Color as DrawnColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color
from textual.screen import Screen
from textual.widgets import Button, Input

from tests.driver import screen_text
from tui.app import TristoreApp
from tui.config import Settings
from tui.screens.header import HeaderLine, HeaderState
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.widgets.application import themes
from tui.widgets.commands.footer import FooterLine
from tui.widgets.dialogs.dialogs import TypedConfirm
from tui.widgets.dialogs.forms import ChoiceField, FlagField, FormDialog, NoteField, TextField
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.cells import Absent, Cell, Column, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.kitty_graphics import cells
from tui.widgets.path_box import PathBox
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.readable import LEAST, ReadableText, contrast, readable

WHITE, BLACK = ColorTriplet(255, 255, 255), ColorTriplet(0, 0, 0)


def test_the_contrast_is_that_of_the_guidelines() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(ColorTriplet(118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)


def test_what_can_be_read_is_left_as_the_theme_wants_it() -> None:
    yellow = ColorTriplet(255, 255, 0)
    assert readable(yellow, BLACK) == yellow


@pytest.mark.parametrize("grey", range(0, 256, 15))
def test_on_every_background_there_is_a_colour_that_can_be_read(grey: int) -> None:
    behind = ColorTriplet(grey, grey, grey)
    for faint in (behind, ColorTriplet(200, 30, 30), ColorTriplet(30, 30, 200)):
        assert contrast(readable(faint, behind), behind) >= LEAST


def test_a_reversed_text_is_changed_where_it_shows() -> None:
    grey = DrawnColor.from_rgb(120, 120, 120)
    style = Style(color=grey, bgcolor=grey, reverse=True)
    (drawn,) = ReadableText().apply([Segment("text", style)], Color(0, 0, 0))
    assert drawn.style is not None
    assert drawn.style.color == grey
    assert drawn.style.bgcolor is not None
    assert drawn.style.bgcolor.triplet is not None
    assert contrast(drawn.style.bgcolor.triplet, ColorTriplet(120, 120, 120)) >= LEAST


def test_borders_and_the_colours_of_the_terminal_are_left_alone() -> None:
    faint = Style(color=DrawnColor.from_rgb(10, 10, 10), bgcolor=DrawnColor.from_rgb(0, 0, 0))
    named = Style(color=DrawnColor.parse("blue"), bgcolor=DrawnColor.parse("black"))
    line = [Segment("╭──█ ", faint), Segment("text", named), Segment("plain", None)]
    assert ReadableText().apply(line, Color(0, 0, 0)) == line


# -- the themes -------------------------------------------------------------------------------

GROUNDS = ("surface", "background", "panel", "footer-background", "primary", "error")
"""Behind rows, dialogs, bars, the footer, the cursor, and a button that deletes."""

TEXTS = (
    "foreground",
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "footer-foreground",
    "footer-key-foreground",
    "text-primary",
    "text-accent",
    "text-warning",
    "text-error",
    "text-success",
)


@pytest.mark.parametrize("name", sorted(each for each in themes.NAMES if "ansi" not in each))
def test_every_colour_of_a_theme_is_readable_on_every_ground(name: str) -> None:
    app = TristoreApp(no_services, Settings(theme=name))
    colors = app.get_css_variables()
    surface = Color.parse(colors["surface"])
    for ground in GROUNDS:
        behind = surface + Color.parse(colors[ground])
        for text in TEXTS:
            style = Style.from_color((behind + Color.parse(colors[text])).rich_color)
            style += Style(bgcolor=behind.rich_color)
            (drawn,) = ReadableText().apply([Segment("text", style)], behind)
            assert drawn.style is not None
            assert drawn.style.color is not None
            assert drawn.style.color.triplet is not None
            assert contrast(drawn.style.color.triplet, ColorTriplet(*behind.rgb)) >= LEAST, text


# -- what is drawn ----------------------------------------------------------------------------


async def no_services(progress: Callable[[str], None]) -> Services:
    raise ServiceError("There is no account.")


class Pieces(Screen[None]):
    """What panes are made of."""

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield PathBox()
        banner = ErrorBanner()
        yield banner
        yield Grid()
        yield Grid(cursor_type="cell")
        yield Input(placeholder="a placeholder")
        yield Input("disabled", disabled=True)
        yield Button("Disabled", disabled=True)
        yield LongTextArea("SELECT 'text', 1 -- comment\nFROM weather", language="sql")
        yield FooterLine()

    def on_mount(self) -> None:
        self.query_one(HeaderLine).state = HeaderState(
            "profile dev",
            "123456789012",
            False,
            "eu-west-1",
            "http://host",
            True,
            True,
            True,
            "2 in flight",
        )
        self.query_one(PathBox).show("s3://bucket/", "500+ entries")
        self.query_one(ErrorBanner).show(ServiceError("A message.", cause="Cause", hint="A hint."))
        row = (*(Cell(each.value, each) for each in Tone), *Absent, "plain", "con\x1btrol")
        columns = [Column(f"Title {number}") for number in range(len(row))]
        for grid in self.query(Grid):
            grid.styles.height = 6
            grid.show(columns, [row] * 4)
            grid.mark_only([0, 2])
        self.query(Grid).first().focus()


async def nothing(values: Any) -> None:
    return None


def dialogs() -> Iterator[Screen[Any]]:
    yield Pieces()
    yield FormDialog(
        "A form",
        [
            NoteField("A warning.", warning=True),
            TextField("name", "Name", note="A note.", placeholder="empty"),
            TextField("wrong", "Wrong", "x", check=lambda _: ("is wrong",)),
            ChoiceField("choice", "Choice", [("One", "one"), ("Two", "two")]),
            FlagField("flag", "A flag", True, note="What it means."),
        ],
        submit=nothing,
        summary=lambda _: "a summary",
        danger=True,
    )
    yield TypedConfirm("Delete all?", "What goes.", word="bucket")


def faint(app: TristoreApp) -> list[str]:
    """The texts on the screen that cannot be read, with their contrast; what is below a dialog is
    faint on purpose."""
    screen_text(app)  # as it is drawn
    boxes = app.screen.query(".dialog")
    region = boxes.first().region if boxes else app.screen.region
    found = []
    for strip in app.screen._compositor.render_strips()[region.y : region.bottom]:
        for text, style, _ in strip.crop(region.x, region.right):
            if not any(character.isalnum() for character in text) or style is None:
                continue
            front, behind = style.color, style.bgcolor
            if front is None or front.triplet is None or behind is None or behind.triplet is None:
                continue
            if contrast(front.triplet, behind.triplet) < LEAST:
                found.append(f"{text.strip()!r} {contrast(front.triplet, behind.triplet):.1f}")
    return found


DRAWN = ("solarized-light",)
"""A theme whose own colours fail nearly everywhere: whatever is drawn has to be changed."""


async def test_all_text_on_the_screen_is_readable() -> None:
    app = TristoreApp(no_services, Settings())
    app.animation_level = "none"
    unreadable = {}
    async with app.run_test(size=(150, 40), notifications=True) as pilot:
        app.notify("A message", severity="warning")
        for screen in dialogs():
            app.push_screen(screen)
            for name in DRAWN:
                app.theme = name
                await pilot.pause()
                if found := faint(app):
                    unreadable[f"{type(screen).__name__} in {name}"] = found
    assert unreadable == {}


def test_the_cells_of_a_picture_that_the_terminal_shows_keep_their_colour() -> None:
    (line,) = cells(1, 4, 1)
    assert ReadableText().apply([*line], Color(0, 0, 0)) == [*line]
