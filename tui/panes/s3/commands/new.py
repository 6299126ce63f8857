"""A new bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.s3 import ROOT, CreatedBucket, check_bucket_name
from tui.widgets import verbs
from tui.widgets.forms import ChoiceField, FlagField, FormDialog, TextField, Values
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

_NAME_NOTE = "3 to 63 of a-z 0-9 . and -. Unique across all of AWS."
_BLOCK_NOTE = "Leave this on unless the bucket is to be read by anybody on the internet."


class New(OldCommand["S3Pane"]):
    """Create a bucket: its name is checked against the rules as you type, public access is
    blocked unless you say otherwise."""

    verb = verbs.NEW
    asks = True
    changes = True
    label = "New bucket"
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.location.is_root

    def instead(self, host: S3Pane) -> str:
        return "Inside a bucket, u uploads; a new bucket is made in the list of buckets."

    async def run(self, host: S3Pane) -> None:
        account = host.services.account
        here = account.target.region or "us-east-1"
        regions = sorted({here, *await account.regions()})

        async def submit(values: Values) -> CreatedBucket:
            return await host.s3.create_bucket(
                values["name"], values["region"], block_public=bool(values["block"])
            )

        created = await host.ask(
            FormDialog(
                "New bucket",
                [
                    TextField("name", "Name", note=_NAME_NOTE, check=check_bucket_name),
                    ChoiceField("region", "Region", [(each, each) for each in regions], here),
                    FlagField("block", "Block all public access", True, note=_BLOCK_NOTE),
                ],
                submit=submit,
            )
        )
        if created is None:
            return
        if host.location == ROOT:
            host.reload(cursor_on=created.name)
        host.say(f"Created {created.name} in {created.region}.")
        if created.problem is not None:
            raise created.problem
