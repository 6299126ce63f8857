"""Our own themes, beside those of Textual: high contrast, dark and light; which one was chosen."""

from __future__ import annotations

from pathlib import Path

from textual.theme import BUILTIN_THEMES, Theme

from tui.services.private_file import replace_private

DEFAULT = "textual-dark"

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


def remembered(path: Path) -> str:
    """The theme that was chosen last; the default where none was, or none that is known."""
    try:
        name = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return DEFAULT
    return name if name in NAMES else DEFAULT


def remember(path: Path, name: str, in_settings: str | None = None) -> str:
    """Keep a theme for the next start, unless the settings file names one. Blocks.

    Gives a sentence if the next start will have another theme; empty if all is well.
    """
    if in_settings is not None:
        return f"The settings file names {in_settings}: the next start has that one again."
    try:
        replace_private(path, f"{name}\n".encode())
    except OSError as error:
        return f"The theme cannot be kept for the next start: {error}"
    return ""
