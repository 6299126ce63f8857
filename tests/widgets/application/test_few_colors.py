"""Colours of terminals that have fewer than the theme."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem
from textual.app import App
from textual.theme import BUILTIN_THEMES

from tui.widgets.application.few_colors import fitted, has_few

BARS = ("background", "surface", "panel", "footer-background")


class ThemedApp(App[None]):
    """Only its colours are asked for."""


@pytest.mark.parametrize("theme", ["textual-dark", "nord", "textual-light"])
def test_the_bars_are_grey_in_256_colours(theme: str) -> None:
    app = ThemedApp()
    app.theme = theme
    variables = app.get_css_variables()
    for name in BARS:
        drawn = Color.parse(fitted(variables, "256")[name]).downgrade(ColorSystem.EIGHT_BIT)
        red, green, blue = drawn.get_truecolor()
        assert red == green == blue, (name, variables[name])


def test_a_bluish_grey_would_be_a_blue_stripe() -> None:
    panel = BUILTIN_THEMES["textual-dark"].to_color_system().generate()["panel"]
    assert Color.parse(panel).downgrade(ColorSystem.EIGHT_BIT).number == 17


def test_nothing_changes_where_all_colours_are_there() -> None:
    variables = ThemedApp().get_css_variables()
    assert fitted(variables, "truecolor") == variables


def test_in_16_colours_a_bar_is_as_what_is_around_it() -> None:
    variables = fitted(ThemedApp().get_css_variables(), "standard")
    assert variables["panel"] == variables["footer-background"] == variables["surface"]


@pytest.mark.parametrize(
    ("system", "few"), [("truecolor", False), ("256", False), ("standard", True), (None, True)]
)
def test_which_terminals_have_few_colours(system: str | None, few: bool) -> None:
    assert has_few(system) is few
