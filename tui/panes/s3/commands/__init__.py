"""The verbs of the S3 pane, one class each. The order here is the order in the help."""

from __future__ import annotations

from typing import Any

from tui.panes.s3.commands.access import Access
from tui.panes.s3.commands.copy_as import CopyAs
from tui.panes.s3.commands.delete import Delete
from tui.panes.s3.commands.download import Download
from tui.panes.s3.commands.info import Info
from tui.panes.s3.commands.link import Link
from tui.panes.s3.commands.new import New
from tui.panes.s3.commands.places import GoTo, Open, Refresh, Up
from tui.panes.s3.commands.rows import Filter, Mark, MarkAll, PutAway
from tui.panes.s3.commands.sort import Sort
from tui.panes.s3.commands.upload import Upload

COMMANDS: tuple[Any, ...] = (
    Open,
    GoTo,
    Upload,
    Download,
    New,
    Delete,
    Filter,
    PutAway,
    Sort,
    Mark,
    MarkAll,
    Info,
    CopyAs,
    Link,
    Up,
    Access,
    Refresh,
)
