"""A link that expires."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tui.services.s3 import PresignedLink, is_rewritten_by_clients
from tui.widgets import verbs
from tui.widgets.dialogs import Choice, Choose
from tui.widgets.old_command import OldCommand
from tui.widgets.safe_text import visible
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

_LASTING = (
    Choice(timedelta(hours=1), "1 hour", key="1"),
    Choice(timedelta(hours=12), "12 hours", key="2"),
    Choice(timedelta(days=7), "7 days", note="the longest that S3 allows", key="7"),
)

REWRITTEN = (
    "A part of this key is “.” or “..”. Browsers and most programs remove such parts from an "
    "address, so the link does not work in them. The program curl sends it unchanged with the "
    "option --path-as-is."
)


class Link(OldCommand["S3Pane"]):
    """Make a link with which anybody can read this object until it expires, and show when that
    really is: never later than the credentials that sign it."""

    verb = verbs.LINK
    asks = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.current_object is not None

    def instead(self, host: S3Pane) -> str:
        here = "buckets" if host.location.is_root else "prefixes"
        return f"A link leads to an object; here are {here}: Enter opens one."

    async def run(self, host: S3Pane) -> None:
        if host.current_object is not None:
            await make_link(host, host.bucket, host.current_object.key)


async def make_link(pane: S3Pane, bucket: str, key: str) -> None:
    """Ask for how long, sign, show."""
    shown = visible(key, edges=True)
    body = f"Anybody who has the link can read {shown} without credentials."
    if is_rewritten_by_clients(key):
        body += f"\n{REWRITTEN}"
    lasting = await pane.ask(
        Choose(
            "Link that expires",
            _LASTING,
            body=body,
        ),
        follows=True,
    )
    if lasting is not None:
        link = await pane.s3.presign(bucket, key, lasting)
        note = expiry_text(link)
        if is_rewritten_by_clients(key):
            note += "  ·  most programs change this address: use curl --path-as-is"
        await pane.ask(ValueViewer("Link that expires", link.url, note=note))


def expiry_text(link: PresignedLink) -> str:
    """When the link stops working, and why then."""
    text = f"works until {link.expires:%Y-%m-%d %H:%M} UTC"
    if link.limited_by:
        text += f": {link.limited_by}"
    if not link.certain:
        text += ", or until the temporary credentials that sign it end; when that is, is unknown"
    return text
