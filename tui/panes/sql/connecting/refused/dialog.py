"""The dialog that explains a refusal: the cause, what was looked at, the server's own words, and
what can be done, by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.panes.sql.connecting.refused.conclusion import LABELS, NOTES, Fix
from tui.panes.sql.connecting.refused.facts import LookedAt, Verdict
from tui.panes.sql.connecting.refused.looking import Diagnosis
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialog import YES, Dialog
from tui.widgets.dialogs.option_pages import PagedOptions
from tui.widgets.text.safe_text import content

MARKS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.GOOD: ("✓", "$text-success"),
    Verdict.PROBLEM: ("✗", "bold $text-error"),
    Verdict.UNKNOWN: ("?", "$text-warning"),
    Verdict.NOT_LOOKED: ("–", "$text-muted"),
    Verdict.UNDER_WAY: ("…", "$text-accent"),
}
LOOKING = "Looking for the cause…"
_ALWAYS = {Fix.RETRY, Fix.EDIT}
"""What can be chosen while it is still looked for the cause."""


class RefusedDialog(Dialog[Fix]):
    """Answers what is to be done. It looks while it is open: Esc leaves, and ends the looking."""

    DEFAULT_CSS = """
    RefusedDialog #refused-cause { height: auto; margin: 1 0 0 0; }
    RefusedDialog .dialog-body { max-height: 40vh; }
    RefusedDialog OptionList { margin: 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        YES,
        Binding("y", "copy", "Copy all", id="refused.copy"),
    ]

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(f"Not connected to {diagnosis.facts.target.label}")
        self.diagnosis = diagnosis
        # Made here: the diagnosis may tell something before they are composed.
        self._cause = Static(id="refused-cause", markup=False)
        self._looked = Static(markup=False)
        self._fixes = PagedOptions()
        self._offered: tuple[Fix, ...] = ()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Choose"}

    def compose_box(self) -> ComposeResult:
        yield self._cause
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield self._looked
        yield self._fixes

    def on_mount(self) -> None:
        self._fixes.focus()
        self.diagnosis.changed = self._draw
        self._draw()
        if self.diagnosis.conclusion is None:
            self.run_worker(self.diagnosis.run(), group="diagnosis", exclusive=True)

    def on_unmount(self) -> None:
        self.diagnosis.changed = lambda: None

    def _draw(self) -> None:
        conclusion = self.diagnosis.conclusion
        self._cause.update(content(LOOKING if conclusion is None else conclusion.sentence, "bold"))
        lines = [_line(each) for each in self.diagnosis.looked]
        self._looked.update(Content("\n").join([*lines, *self._words()]))
        if conclusion is not None and self._offered != conclusion.offered:
            self._offered = conclusion.offered
            self._fixes.clear_options()
            self._fixes.add_options([Option(_choice(each)) for each in self._offered])
            self._fixes.highlighted = 0
        self.refresh_bindings()

    def _words(self) -> list[Content]:
        """What the server or libpq said, and what can be done outside the application."""
        error, conclusion = self.diagnosis.facts.error, self.diagnosis.conclusion
        words = [Content(""), content(error.cause or error.message, "$text-muted", multiline=True)]
        if conclusion is not None and conclusion.advice:
            words = [Content("→ ") + content(conclusion.advice, multiline=True), *words]
        return words

    @property
    def report(self) -> str:
        """Everything as text, for the clipboard."""
        error, conclusion = self.diagnosis.facts.error, self.diagnosis.conclusion
        parts = [self.dialog_title]
        parts += [LOOKING] if conclusion is None else [conclusion.sentence, conclusion.advice]
        parts += [
            f"{MARKS[each.verdict][0]} {each.aspect.value}: {each.said}"
            for each in self.diagnosis.looked
        ]
        parts += [error.message, error.cause]
        return "\n".join(part for part in parts if part)

    # -- keys -------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """A letter chooses its line."""
        available = self._offered or tuple(_ALWAYS)
        chosen = next((each for each in available if each.value == event.character), None)
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)

    async def action_copy(self) -> None:
        await copy_text(self.app, self.report)

    def action_submit(self) -> None:
        """Choose the highlighted line."""
        number = self._fixes.highlighted
        if number is not None and number < len(self._offered):
            self.dismiss(self._offered[number])

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_submit()


def _line(looked: LookedAt) -> Content:
    mark, style = MARKS[looked.verdict]
    return (
        Content.styled(f"{mark} ", style)
        + content(f"{looked.aspect.value:<14} ", "$text-muted")
        + content(looked.said)
    )


def _choice(fix: Fix) -> Content:
    line = Content.styled(f"{fix.value}  ", "bold $text-accent") + Content(LABELS[fix])
    note = NOTES.get(fix, "")
    return line + Content.styled(f"  {note}", "$text-muted") if note else line
