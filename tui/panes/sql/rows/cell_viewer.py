"""The value of a cell: as it is stored, or in the form that says most of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import TextArea, Tree

from tui.services.errors import ServiceError
from tui.services.sql.value_forms import ValueForm, ValueLooks
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.drawing import Drawing
from tui.widgets.json_view import Item, JsonView
from tui.widgets.kitty_graphics import shows_pictures
from tui.widgets.picture import drawn_picture
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_view import ValueView
from tui.widgets.text.value_viewer import ValueViewer, text_widget

_Shown = TextArea | ValueView | JsonView | Drawing


class CellViewer(Dialog[None]):
    """A value of any length. `y` copies it as it is stored and whole, whatever its form here."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    CellViewer #value-body { height: 1fr; }
    CellViewer JsonView { background: $surface; }
    """

    BINDINGS = [
        Binding(
            "t",
            "form",
            "Next form",
            id="viewer.form",
            tooltip="In the value of a cell: its next form (JSON as a tree, XML laid out, bytes as "
            "hex, text or picture, as stored).",
        ),
        Binding("y", "copy", "Copy all", id="viewer.copy"),
        Binding("w", "wrap", "Wrap", id="viewer.wrap"),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, title: str, looks: ValueLooks, *, note: str = "") -> None:
        super().__init__(title)
        self._looks = looks
        self._note = note
        self._form = ValueForm.STORED
        self._body = Vertical(id="value-body")
        self._facts = SteadyText("", classes="dialog-prompt", markup=False)
        self._shown: _Shown | None = None
        """None until its forms are known."""

    def compose_box(self) -> ComposeResult:
        yield self._body
        yield self._facts

    def on_mount(self) -> None:
        self.run_worker(self._begin(), group="value", exclusive=True)

    async def _begin(self) -> None:
        if self._looks.may_be_more:
            await asyncio.to_thread(self._looks.read)
        await self._show(self._looks.forms[0])

    async def _show(self, form: ValueForm) -> None:
        problem = ""
        try:
            shown = await self._drawn(form)
        except ServiceError as error:
            # What cannot be drawn as a picture is no reason to show nothing.
            problem, form = str(error), ValueForm.HEX
            shown = await self._drawn(form)
        self._form = form
        # Not awaited: see PaneFrame.fill.
        self._body.remove_children()
        await self._body.mount(shown)
        self._shown = shown
        if shown.can_focus:
            shown.focus()
        else:
            self.set_focus(None)
        said = [problem, self._looks.note(form), self._note]
        self._facts.update(content("  ·  ".join(each for each in said if each)))
        self.refresh_bindings()

    async def _drawn(self, form: ValueForm) -> _Shown:
        looks = self._looks
        if form is ValueForm.PICTURE:
            return await self._picture()
        if form is ValueForm.TREE and looks.tree is not None:
            return JsonView(looks.tree)
        text = await asyncio.to_thread(looks.drawn, form)
        return text_widget(text)

    async def _picture(self) -> Drawing:
        width, height = self._body.content_size
        as_picture = shows_pictures(self.app)
        return await drawn_picture(self._looks.data, width, height, as_picture=as_picture)

    # -- keys ------------------------------------------------------------------------------------

    @property
    def _next_form(self) -> ValueForm:
        forms = self._looks.forms
        return forms[(forms.index(self._form) + 1) % len(forms)]

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"form": self._next_form.value.capitalize()}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "form":
            return self._shown is not None and len(self._looks.forms) > 1
        if action == "wrap":
            return isinstance(self._shown, TextArea | ValueView)
        return super().check_action(action, parameters)

    def action_form(self) -> None:
        self.run_worker(self._show(self._next_form), group="value", exclusive=True)

    def action_wrap(self) -> None:
        if isinstance(self._shown, TextArea | ValueView):
            self._shown.soft_wrap = not self._shown.soft_wrap

    async def action_copy(self) -> None:
        await copy_text(self.app, self._looks.value)

    @on(Tree.NodeSelected)
    def _open_value(self, event: Tree.NodeSelected[Item]) -> None:
        if isinstance(event.control, JsonView):
            value = event.control.chosen(event.node)
            if value is not None:
                self.app.push_screen(ValueViewer(value.label or self.dialog_title, value.text))
