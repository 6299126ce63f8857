"""The command with which the user agrees to pay for the requests to somebody else's bucket."""

from __future__ import annotations

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.view import S3View
from tui.services.s3 import S3Location
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.text.safe_text import visible


@command(
    verbs.REQUESTER_PAYS,
    asks=True,
    when=has_bucket,
    instead="It is agreed for one bucket to pay for its requests: go to s3://bucket/ first.",
)
async def requester_pays(view: S3View) -> None:
    """Read a requester-pays bucket of another account at your own cost: asks once, and holds for
    this bucket until Tristore ends. Pressed again, it ends that."""
    browser = view.browser
    s3, bucket = browser.s3, browser.bucket
    at = view.services.account.connection
    if s3.pays(bucket):
        s3.stop_paying(bucket)
        view.say(f"Requests to {visible(bucket)} no longer say that you pay for them.")
        view.redraw()
        return
    who = f"account {at.account_id}" if at.account_id else "the account of your credentials"
    sure = await view.ask(
        Confirm(
            f"Pay for the requests to {bucket}?",
            f"Each request to {bucket} will say that the requester pays. If its owner has made it "
            f"requester-pays, AWS bills {who} for every listing, preview, download and copy, and "
            "for the data that leaves the region.\n\nThis holds for this bucket until Tristore "
            "ends. $ ends it earlier.",
            yes="Pay",
            danger=True,
        )
    )
    if sure is not True:
        return
    s3.agree_to_pay(bucket, at)
    if browser.location.is_root:
        view.go(S3Location(bucket))
    else:
        view.reload()
