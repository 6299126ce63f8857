"""The themes of high contrast keep what they promise, and a theme that is chosen is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from tests.driver import screen_text
from tui.app import TristoreApp
from tui.config import Settings, check_names
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.widgets.application import themes


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio)."""

    def luminance(name: str) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in Color.parse(name).normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize("background", ["background", "panel"])
def test_every_colour_of_text_is_read_on_every_background(theme: Theme, background: str) -> None:
    behind = getattr(theme, background)
    for name in ("foreground", "primary", "secondary", "accent", "warning", "error", "success"):
        assert contrast(getattr(theme, name), behind) >= 4.5, name
    assert contrast(theme.foreground or "", theme.background or "") >= 15
    assert contrast(theme.variables["text-muted"], theme.background or "") >= 10


def test_they_may_stand_in_the_settings(tmp_path: Path) -> None:
    for theme in themes.OWN:
        settings = Settings(theme=theme.name)
        check_names(tmp_path, settings, keys=(), themes=themes.NAMES)


# -- the choice is kept -----------------------------------------------------------------------


async def no_services(progress: Callable[[str], None]) -> Services:
    raise ServiceError("There is no account.")


async def chosen(app: TristoreApp, name: str, said: str = "") -> None:
    """Start the application, and choose a theme as the palette does."""
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        app.theme = name
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert said in screen_text(app)


async def test_a_theme_that_was_chosen_is_there_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "state" / "theme"
    app = TristoreApp(no_services, Settings(), theme_file=kept)
    assert app.theme == themes.DEFAULT
    await chosen(app, "high-contrast-light")
    again = TristoreApp(no_services, Settings(), theme_file=kept)
    assert again.theme == "high-contrast-light"
    assert [each.name for each in kept.parent.iterdir()] == ["theme"]


async def test_a_theme_that_the_settings_name_comes_first(tmp_path: Path) -> None:
    kept = tmp_path / "theme"
    themes.remember(kept, "nord")
    app = TristoreApp(no_services, Settings(theme="dracula"), theme_file=kept)
    assert app.theme == "dracula"
    await chosen(app, "gruvbox", said="The settings file names dracula")
    assert themes.remembered(kept) == "nord"


async def test_a_theme_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = TristoreApp(no_services, Settings(), theme_file=tmp_path / "file" / "theme")
    await chosen(app, "nord", said="cannot be kept")


async def test_starting_writes_no_theme(tmp_path: Path) -> None:
    app = TristoreApp(no_services, Settings(), theme_file=tmp_path / "theme")
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
    assert not (tmp_path / "theme").exists()


@pytest.mark.parametrize("held", [b"no-such-theme", b"\xff\xfe", b"", b"nord\n\n"])
def test_what_is_no_theme_is_the_default(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "theme").write_bytes(held)
    expected = "nord" if held.startswith(b"nord") else themes.DEFAULT
    assert themes.remembered(tmp_path / "theme") == expected


async def test_the_palette_finds_the_themes(tmp_path: Path) -> None:
    app = TristoreApp(no_services, Settings(), theme_file=tmp_path / "theme")
    app.animation_level = "none"
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", *"theme")
        async with asyncio.timeout(20):
            while "Change how the application looks." not in screen_text(app):
                await pilot.pause(0.02)
