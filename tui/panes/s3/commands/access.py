"""Seeing and changing a bucket's public access block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.errors import ServiceError
from tui.services.s3 import PublicAccessBlock
from tui.widgets import verbs
from tui.widgets.dialogs import Confirm
from tui.widgets.forms import FlagField, FormDialog, NoteField, Values
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

SWITCHES = (
    ("block_acls", "Block new public ACLs", "Refuses ACLs that would open something."),
    ("ignore_acls", "Ignore existing public ACLs", "ACLs that open something have no effect."),
    ("block_policy", "Block new public policies", "Refuses bucket policies that are public."),
    (
        "restrict_buckets",
        "Restrict a public bucket to its own account",
        "A policy that is public opens the bucket to nobody outside.",
    ),
)


class Access(OldCommand["S3Pane"]):
    """See and change the bucket's public access block: the four switches against its becoming
    public. Turning one off asks first."""

    verb = verbs.ACCESS
    asks = True
    changes = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return bool(host.bucket)

    def instead(self, host: S3Pane) -> str:
        return "Public access is set on a bucket; there is none here."

    async def run(self, host: S3Pane) -> None:
        await change_access(host, host.bucket)


async def change_access(pane: S3Pane, bucket: str) -> None:
    """Show the switches, take another setting, warn if it opens something, set, read back."""
    now: PublicAccessBlock | None = None
    try:
        now = await pane.s3.public_access_block(bucket)
    except ServiceError as error:
        state = f"The present state is unknown. {error.cause or error.message}\n{error.hint}"
    else:
        state = f"Now: {now}" if now is not None else _NOT_CONFIGURED
    wanted = await _ask(pane, bucket, now, state)
    if wanted is None or wanted == now:
        return
    if _opens(now, wanted) and not await _is_sure(pane, bucket, wanted):
        return
    await pane.s3.set_public_access_block(bucket, wanted)
    try:
        set_to = str(await pane.s3.public_access_block(bucket))
    except ServiceError:
        set_to = f"set to {wanted}; it cannot be read back"
    pane.say(f"Public access block of {bucket}: {set_to}.")


_NOT_CONFIGURED = (
    "Now: not configured on this bucket. Nothing here stops an ACL or a policy from making it "
    "public; the account may have a block of its own. Below is what is recommended."
)


async def _ask(
    pane: S3Pane, bucket: str, now: PublicAccessBlock | None, state: str
) -> PublicAccessBlock | None:
    async def submit(values: Values) -> PublicAccessBlock:
        return PublicAccessBlock(*(bool(values[name]) for name, _, _ in SWITCHES))

    # Where nothing is known or set, the form offers the safe setting.
    offered = now or PublicAccessBlock.all(True)
    return await pane.ask(
        FormDialog(
            f"Public access block of {bucket}",
            [
                NoteField(state, warning=now is None or not now.is_full),
                *(
                    FlagField(name, label, getattr(offered, name), note=note)
                    for name, label, note in SWITCHES
                ),
            ],
            submit=submit,
            submit_label="Set",
        ),
        follows=lambda wanted: wanted != now and _opens(now, wanted),
    )


def _opens(now: PublicAccessBlock | None, wanted: PublicAccessBlock) -> bool:
    before = now or PublicAccessBlock.all(True)
    return any(getattr(before, name) and not getattr(wanted, name) for name, _, _ in SWITCHES)


async def _is_sure(pane: S3Pane, bucket: str, wanted: PublicAccessBlock) -> bool:
    sure = await pane.ask(
        Confirm(
            f"Let {bucket} become public?",
            f"Public access block of {bucket} will be: {wanted}.\n\n"
            "Whatever an ACL or a policy then makes public can be read by anybody on the "
            "internet, without credentials. This alone makes nothing public that no ACL or "
            "policy opens.",
            yes="Turn off",
            danger=True,
        )
    )
    return sure is True
