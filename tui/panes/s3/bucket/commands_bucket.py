"""Commands that change buckets: create, public access."""

from __future__ import annotations

from tui.panes.s3.view import S3View
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    AWS_KEY,
    ROOT,
    CreatedBucket,
    NewBucket,
    PublicAccessBlock,
    check_bucket_name,
    parse_tags,
    tag_problems,
)
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.dialogs.forms import (
    ChoiceField,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)

# -- a new bucket --------------------------------------------------------------------------

_NAME_NOTE = "3 to 63 of a-z 0-9 . and -. Unique across all of AWS."
_BLOCK_NOTE = "Leave this on unless the bucket is to be read by anybody on the internet."


_VERSIONS_NOTE = "Overwritten and deleted objects stay, and are billed, until their versions go."
_LOCK_NOTE = "Cannot be taken away again. Versions can be kept from deletion; keeps every version."
_KEY_NOTE = (
    f"Empty: S3 encrypts with its own keys. {AWS_KEY}, an alias, an id or an ARN: with that "
    "key of KMS, whose calls are billed."
)


def _new_bucket(values: Values) -> NewBucket:
    key = values["key"].strip()
    return NewBucket(
        values["name"],
        values["region"],
        block_public=bool(values["block"]),
        versioning=bool(values["versioning"]),
        lock=bool(values["lock"]),
        kms_key=AWS_KEY if key == f"alias/{AWS_KEY}" else key,
        tags=parse_tags(values["tags"]),
    )


def among_buckets(view: S3View) -> bool:
    """Whether the buckets are listed."""
    return view.browser.location.is_root


@command(
    verbs.NEW,
    label="New bucket",
    footer=True,
    asks=True,
    changes=True,
    when=among_buckets,
    instead="Inside a bucket, u uploads; a new bucket is made in the list of buckets.",
)
async def new_bucket(view: S3View) -> None:
    """Create a bucket: its name is checked against the rules as you type, public access is
    blocked unless you say otherwise."""
    account, browser = view.services.account, view.browser
    # The bucket is made where the form was opened, though the account may move on meanwhile.
    at = account.connection
    here = at.target.region or "us-east-1"
    regions = sorted({here, *await account.regions()})

    async def submit(values: Values) -> CreatedBucket:
        return await browser.s3.create_bucket(_new_bucket(values), at=at)

    created = await view.ask(
        FormDialog(
            "New bucket",
            [
                TextField("name", "Name", note=_NAME_NOTE, check=check_bucket_name),
                ChoiceField("region", "Region", [(each, each) for each in regions], here),
                FlagField("block", "Block all public access", True, note=_BLOCK_NOTE),
                FlagField("versioning", "Keep every version of an object", note=_VERSIONS_NOTE),
                FlagField("lock", "Object lock", note=_LOCK_NOTE),
                TextField("key", "KMS key", placeholder=AWS_KEY, note=_KEY_NOTE),
                TextField("tags", "Tags", placeholder="team=data, cost=42", check=tag_problems),
            ],
            submit=submit,
        )
    )
    if created is None:
        return
    if browser.location == ROOT:
        view.reload(cursor_on=created.name)
    view.say(f"Created {created.name} in {created.region}.\n{created.note}".rstrip())
    if created.problem is not None:
        raise created.problem


# -- public access -------------------------------------------------------------------------

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

_NOT_CONFIGURED = (
    "Now: not configured on this bucket. Nothing here stops an ACL or a policy from making it "
    "public; the account may have a block of its own. Below is what is recommended."
)


def has_bucket(view: S3View) -> bool:
    """Whether the view is in a bucket, or the cursor is on one."""
    return bool(view.browser.bucket)


@command(
    verbs.ACCESS,
    footer=True,
    asks=True,
    changes=True,
    when=has_bucket,
    instead="Public access is set on a bucket; there is none here.",
)
async def access(view: S3View) -> None:
    """See and change the bucket's public access block: the four switches against its becoming
    public. Turning one off asks first."""
    await change_access(view, view.browser.bucket)


async def change_access(view: S3View, bucket: str) -> None:
    """Show the switches, take another setting, warn if it opens something, set, read back."""
    s3 = view.browser.s3
    now: PublicAccessBlock | None = None
    known = True
    try:
        now = await s3.public_access_block(bucket)
    except ServiceError as error:
        if error.code == "NotImplemented":  # Of a server such as MinIO: a form could not be sent.
            raise
        known = False
        state = f"The present state is unknown. {error.cause or error.message}\n{error.hint}"
    else:
        state = f"Now: {now}" if now is not None else _NOT_CONFIGURED
    wanted = await _ask_for_access(view, bucket, now, state)
    if wanted is None or wanted == now:
        return
    if _opens(now, wanted) and not await _is_sure(view, bucket, wanted):
        return
    # All four are set at once: one that somebody turned on meanwhile would be turned off again.
    if known and await s3.public_access_block(bucket) != now:
        raise ServiceError(
            f"The public access block of {bucket} was changed by somebody else meanwhile.",
            hint="Press a again to see what it is now.",
            kind=ErrorKind.CONFLICT,
        )
    view.browser.summaries.expire(bucket)
    await s3.set_public_access_block(bucket, wanted)
    try:
        set_to = str(await s3.public_access_block(bucket))
    except ServiceError:
        set_to = f"set to {wanted}; it cannot be read back"
    view.say(f"Public access block of {bucket}: {set_to}.")


async def _ask_for_access(
    view: S3View, bucket: str, now: PublicAccessBlock | None, state: str
) -> PublicAccessBlock | None:
    async def submit(values: Values) -> PublicAccessBlock:
        return PublicAccessBlock(*(bool(values[name]) for name, _, _ in SWITCHES))

    # Where nothing is known or set, the form offers the safe setting.
    offered = now or PublicAccessBlock.all(True)
    return await view.ask(
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


async def _is_sure(view: S3View, bucket: str, wanted: PublicAccessBlock) -> bool:
    sure = await view.ask(
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
