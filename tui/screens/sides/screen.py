"""The two sides: a local folder and a prefix, and what goes from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen

from tui.panes.s3.commands_transfer import follow
from tui.screens.header import HeaderLine
from tui.screens.sides.local_side import LocalSide
from tui.screens.sides.s3_side import S3Side
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Location
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands import verbs
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine

WIDE = 110
"""Columns from which both sides are seen at once."""


class SidesScreen(LeavesOnce, Screen[None], CommandHost):
    """Local files on the left, S3 on the right; in a narrow terminal one of them."""

    TITLE_HERE = "Both sides"

    DEFAULT_CSS = """
    SidesScreen {
        & #sides { height: 1fr; }
        & .side { width: 1fr; height: 1fr; border: round $panel; }
        & .side:focus-within { border: round $primary; }
        &.-narrow .side { display: none; }
        &.-narrow .side.-active { display: block; }
    }
    """

    BINDINGS = [
        Binding("escape", "leave", "Back", id="dialog.leave"),
        Binding(
            f"{verbs.NEXT_PANE.keys},{verbs.PREVIOUS_PANE.keys}",
            "other_side",
            "Other side",
            id=verbs.NEXT_PANE.id,
        ),
    ]

    def __init__(self, services: Services, location: S3Location) -> None:
        super().__init__()
        self.services = services
        self._start = location
        transfers = services.transfers
        self.local = LocalSide(transfers.folders, transfers.folders.last_upload, self._upload)
        self.s3 = S3Side(services, lambda: self.local.browser.folder, self._upload_chosen)
        self._ended: frozenset[int] = frozenset()
        """The jobs that had ended when the folder was read last."""

    @property
    def takes_keys(self) -> bool:
        # What is typed while a folder is read is meant for what is in it.
        waits = self.local.has_class("-active") and self.local.is_on_the_way
        return super().takes_keys and not waits

    @property
    def location(self) -> S3Location:
        """Where the side of S3 stands."""
        return self.s3.browser.location

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        with Horizontal(id="sides"):
            for side, title in ((self.local, "Local files"), (self.s3, "S3")):
                side.add_class("side")
                side.border_title = Content(f"{title} ") + Content.styled("Tab", "dim")
                yield side
        yield FooterLine()

    def on_mount(self) -> None:
        self.s3.go(self._start)
        self._show(self.local)
        self._fit()
        self._ended = self._over()
        self.start(self._watch(), group="watch")

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    # -- which side ------------------------------------------------------------------------

    def action_other_side(self) -> None:
        """Work on the other side."""
        self._show(self.local if self.s3.has_class("-active") else self.s3)

    def _show(self, side: LocalSide | S3Side) -> None:
        self.local.set_class(side is self.local, "-active")
        self.s3.set_class(side is self.s3, "-active")
        # Not `focus()`, which lets the keys that follow at once still go to the side before.
        self.set_focus(side.grid)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for side in (self.local, self.s3):
            side.set_class(side in event.widget.ancestors_with_self, "-active")

    def busy(self) -> list[str]:
        """What would be lost by quitting now, a sentence for each."""
        return [text for text in (self.s3.busy(), *self.s3.changes_under_way()) if text]

    def action_leave(self) -> None:
        """Back to the panes, unless that would cut off what the S3 side changes."""
        if self.s3.browser.work is not None or self.busy():
            self.hint(
                "The S3 side is changing something: wait for its end, or stop it with Esc there."
            )
            return
        self.dismiss(None)

    # -- sending ---------------------------------------------------------------------------

    async def _upload_chosen(self, asking: S3Side) -> None:
        if not self.local.chosen:
            asking.hint("Nothing is chosen among the local files: Tab leads there.")
            return
        await self._upload(asking, self.local.chosen)

    async def _upload(self, asking: LocalSide | S3Side, paths: Sequence[Path]) -> None:
        from tui.panes.s3.transfers.dialogs import UploadDialog

        browser, transfers = self.s3.browser, self.services.transfers
        transfers.refuse_if_read_only()
        if not browser.bucket:
            raise ServiceError(
                "The other side shows no bucket to upload into.",
                hint="Tab leads there; Enter opens a bucket, n creates one.",
                kind=ErrorKind.INVALID,
            )
        prefix = "" if browser.location.is_root else browser.location.folder
        transfers.folders.last_upload = self.local.browser.folder
        dialog = UploadDialog(transfers, paths, browser.bucket, prefix, at=transfers.connection)
        decided = await asking.ask(dialog)
        if decided is None:
            return
        await transfers.start_upload(
            decided.plan, decided.policy, decided.overrides, more=decided.more
        )
        self.local.unmark()
        follow(self.s3)

    async def _watch(self) -> None:
        """Read the folder again when a transfer has ended: there may be files in it."""
        async for _ in self.services.transfers.queue.watch():
            ended = self._over()
            if ended - self._ended:
                self.local.read_again()
            self._ended = ended

    def _over(self) -> frozenset[int]:
        jobs = self.services.transfers.queue.jobs
        return frozenset(job.id for job in jobs if not job.state.is_active)
