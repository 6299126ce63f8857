"""A tree is counted before anything is done with it: how far it is, and Esc to leave it."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.panes.s3.change.tree import Tree
from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText


class CountingDialog(Dialog[Tree]):
    """Counts a tree, and answers it when it is complete, or has `enough` objects."""

    def __init__(
        self, s3: S3Service, tree: Tree, *, at: Connection, enough: int | None = None
    ) -> None:
        super().__init__("Counting")
        self._s3 = s3
        self._tree = tree
        self._at = at
        self._enough = enough
        self._said = SteadyText("", id="counted")

    def compose_box(self) -> ComposeResult:
        yield self._said

    def on_mount(self) -> None:
        self._say()
        self.run_worker(self._count(), group="count", exclusive=True)

    def _say(self) -> None:
        if self._said.is_attached:
            text = f"{self._tree.amount} so far. Nothing is changed; Esc leaves."
            self._said.update(content(text))

    async def _count(self) -> None:
        try:
            await self._tree.count(self._s3, self._say, at=self._at, enough=self._enough)
        except ServiceError as error:
            self._said.update(content(str(error), "$text-error", multiline=True))
            return
        if not self._tree.stopped:
            self.dismiss(self._tree)

    def action_leave(self) -> None:
        self._tree.stopped = True
        self.dismiss(None)
