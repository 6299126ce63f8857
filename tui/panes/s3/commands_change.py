"""Commands that change buckets and objects: create, delete, public access."""

from __future__ import annotations

from collections.abc import Sequence

from tui.panes.s3.deleting import SHOWN
from tui.panes.s3.view import S3View
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import ROOT, CreatedBucket, PublicAccessBlock, S3Object, check_bucket_name
from tui.widgets import verbs
from tui.widgets.command import command
from tui.widgets.dialogs import Confirm
from tui.widgets.forms import ChoiceField, FlagField, FormDialog, NoteField, TextField, Values
from tui.widgets.safe_text import visible

# -- a new bucket --------------------------------------------------------------------------

_NAME_NOTE = "3 to 63 of a-z 0-9 . and -. Unique across all of AWS."
_BLOCK_NOTE = "Leave this on unless the bucket is to be read by anybody on the internet."


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
    here = account.target.region or "us-east-1"
    regions = sorted({here, *await account.regions()})

    async def submit(values: Values) -> CreatedBucket:
        return await browser.s3.create_bucket(
            values["name"], values["region"], block_public=bool(values["block"])
        )

    created = await view.ask(
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
    if browser.location == ROOT:
        view.reload(cursor_on=created.name)
    view.say(f"Created {created.name} in {created.region}.")
    if created.problem is not None:
        raise created.problem


# -- deleting objects ----------------------------------------------------------------------


def has_targets(view: S3View) -> bool:
    """Whether something is marked or under the cursor."""
    return view.browser.has_targets


@command(verbs.DELETE, footer=True, asks=True, changes=True, when=has_targets)
async def delete(view: S3View) -> None:
    """Delete the marked objects, or the one under the cursor, after a question that says how many
    and where. Esc stops after the thousand in flight. Whole buckets are emptied and deleted
    on the cleanup screen (F8)."""
    browser = view.browser
    if browser.location.is_root:
        raise ServiceError(
            "Whole buckets are deleted in cleanup: F8.",
            hint="It shows first what they hold, and asks.",
            kind=ErrorKind.INVALID,
        )
    targets = browser.targets()
    objects = [entry for entry in targets if isinstance(entry, S3Object)]
    if not objects:
        raise ServiceError(
            "A prefix is not an object: there is nothing of its own to delete.",
            hint="Open it and mark its objects (* marks all that are shown), "
            "or empty the bucket on the cleanup screen (F8).",
            kind=ErrorKind.INVALID,
        )
    bucket, here = browser.bucket, view.services.account.connection
    # Said of where the objects were chosen, though the account may move on meanwhile.
    where = _where(view, bucket)
    keeps = await _what_stays(view, bucket)
    question = _question(objects, len(targets) - len(objects), bucket, where, keeps)
    if not await view.ask(Confirm("Delete?", question, yes="Delete", danger=True)):
        return
    deletion = await browser.delete(bucket, [each.key for each in objects], at=here)
    if browser.location.bucket == bucket:
        view.reload()
    if deletion.report:
        view.say(deletion.report)
    if deletion.problem is not None:
        raise deletion.problem


async def _what_stays(view: S3View, bucket: str) -> str:
    try:
        versioning = await view.browser.s3.versioning(bucket)
    except ServiceError as error:
        why = "access denied" if error.kind is ErrorKind.DENIED else error.cause
        return f"Whether the bucket keeps old versions is unknown: {why}."
    if versioning.keeps_versions:
        return (
            f"Versioning is {versioning.value}: this only adds delete markers. Versions that are "
            "kept stay, and cost, until they are deleted themselves."
        )
    return "The bucket keeps no versions: this cannot be undone."


def _where(view: S3View, bucket: str) -> str:
    """Account, region and endpoint in one line. Asks nobody."""
    account = view.services.account
    known = account.connection.identity
    who = f"account {known.account_id}" if known else "account unknown"
    if known and known.alias:
        who += f" ({known.alias})"
    region = view.browser.s3.region_of(bucket) or account.target.region or "unknown"
    return f"In {who}, region {region}, {account.endpoint or 'AWS'}."


def _question(
    objects: Sequence[S3Object], folders: int, bucket: str, where: str, keeps: str
) -> str:
    count = len(objects)
    size = size_text(sum(each.size for each in objects))
    lines = [
        f"{counted(count, 'object')} ({size}) from the bucket {bucket}:",
        *(f"  {visible(each.key, edges=True)}" for each in objects[:SHOWN]),
    ]
    if count > SHOWN:
        lines.append(f"  … and {count - SHOWN:,} more")
    lines += ["", where, keeps]
    if folders:
        lines.append("Marked prefixes are left alone.")
    return "\n".join(lines)


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
    try:
        now = await s3.public_access_block(bucket)
    except ServiceError as error:
        state = f"The present state is unknown. {error.cause or error.message}\n{error.hint}"
    else:
        state = f"Now: {now}" if now is not None else _NOT_CONFIGURED
    wanted = await _ask_for_access(view, bucket, now, state)
    if wanted is None or wanted == now:
        return
    if _opens(now, wanted) and not await _is_sure(view, bucket, wanted):
        return
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
