"""Our own themes, beside those of Textual: high contrast, dark and light."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#00ffff",
    warning="#ffd000",
    error="#ff8080",
    success="#80ff80",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    dark=True,
    variables={"text-muted": "#e0e0e0", "border": "#ffffff", "footer-key-foreground": "#ffff00"},
)

HIGH_CONTRAST_LIGHT = Theme(
    name="high-contrast-light",
    primary="#0000b0",
    secondary="#005050",
    accent="#0000b0",
    warning="#804000",
    error="#b00000",
    success="#006000",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#d8d8d8",
    dark=False,
    variables={"text-muted": "#303030", "border": "#000000", "footer-key-foreground": "#0000b0"},
)

OWN = (HIGH_CONTRAST, HIGH_CONTRAST_LIGHT)

NAMES = frozenset(BUILTIN_THEMES) | {theme.name for theme in OWN}
"""What may stand in the settings file."""
