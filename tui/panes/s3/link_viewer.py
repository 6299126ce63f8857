"""A link that expires, as text and as a QR code."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Static

from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer

TOO_LONG = "The link is too long for a QR code: 2,953 characters is the most."

MOST = 2953
"""Bytes that the largest QR code holds, with the least correction. Source: ISO/IEC 18004."""

QUIET = 2
"""Light modules around the code. The standard asks for 4; readers do with 2, and the dialog around
it is free of dark."""


class LinkViewer(ValueViewer):
    """The whole link; `c` shows it as a QR code, for a telephone."""

    BINDINGS = [Binding("c", "code", "QR code", id="link.code")]

    def action_code(self) -> None:
        if len(self.value.encode()) > MOST:
            self.app.notify(TOO_LONG, severity="warning", markup=False)
        else:
            self.app.push_screen(CodeDialog(self.dialog_title, qr_lines(self.value)))


class CodeDialog(Dialog[None]):
    """A QR code, black on white whatever the theme is: readers want a light ground."""

    BOX_CLASSES = "dialog-large"

    BINDINGS = [Binding("q", "leave", show=False)]

    def __init__(self, title: str, lines: list[str]) -> None:
        super().__init__(title)
        self.lines = lines

    def compose_box(self) -> ComposeResult:
        with ScrollableContainer():
            yield Static(Content.styled("\n".join(self.lines), "#000000 on #ffffff"), id="code")
        yield SteadyText("", id="room", classes="dialog-prompt", markup=False)

    def on_mount(self) -> None:
        self.query_one(ScrollableContainer).focus()
        code = self.query_one("#code")
        code.styles.width = len(self.lines[0])
        code.styles.height = len(self.lines)

    def on_resize(self) -> None:
        columns, rows = len(self.lines[0]), len(self.lines)
        fits = columns <= self.size.width - 6 and rows <= self.size.height - 6
        self.query_one("#room", Static).update(
            ""
            if fits
            else f"The code needs a terminal of about {columns + 6}×{rows + 6}: make it larger."
        )


def qr_lines(text: str) -> list[str]:
    """The QR code of a text, two modules in each character, one above the other."""
    import segno

    code = segno.make_qr(text, error="l", boost_error=False)
    modules = [list(row) for row in code.matrix_iter(scale=1, border=QUIET)]
    if len(modules) % 2:
        modules.append([0] * len(modules[0]))
    return [
        "".join(" ▀▄█"[upper + 2 * lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(modules[::2], modules[1::2], strict=True)
    ]
