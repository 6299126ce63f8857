"""An error in the place that it belongs to."""

from __future__ import annotations

from textual.content import Content

from tui.services.errors import ServiceError
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText


class ErrorBanner(SteadyText):
    """What went wrong, why, what to do. Hidden while nothing has."""

    DEFAULT_CSS = """
    ErrorBanner {
        display: none; height: auto; max-height: 40%; padding: 0 1; overflow-y: auto;
        border-left: thick $error; background: $error 15%;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, error: ServiceError) -> None:
        lines = [Content("✗ ") + content(error.message, "bold")]
        if error.cause:
            lines.append(content(error.cause, "$text-muted", multiline=True))
        if error.hint:
            lines.append(Content("→ ") + content(error.hint, multiline=True))
        self.update(Content("\n").join(lines))
        self.add_class("-shown")

    def clear(self) -> None:
        self.remove_class("-shown")
        self.update("")
