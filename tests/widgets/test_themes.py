"""The themes of high contrast keep what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from tui.config import Settings, check_names
from tui.widgets import themes


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
