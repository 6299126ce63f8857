"""Commands that share an object: a link that expires, and its names in the words of other tools."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from tui.panes.s3.commands_browse import on_object
from tui.panes.s3.entries import Prefix
from tui.panes.s3.link_viewer import LinkViewer
from tui.panes.s3.view import S3View
from tui.services.s3 import (
    Bucket,
    PresignedLink,
    S3Location,
    S3Object,
    is_rewritten_by_clients,
)
from tui.services.s3.copies import Copy, CopyForm, of_location, of_object
from tui.services.s3.link_life import lifetime_problems, parse_lifetime
from tui.widgets.commands import shared_commands, verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.shared_commands import Copyable
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose
from tui.widgets.text.safe_text import visible

# -- a link that expires -------------------------------------------------------------------

OTHER = timedelta(0)

_LASTING = (
    Choice(timedelta(minutes=15), "15 minutes", key="m"),
    Choice(timedelta(hours=1), "1 hour", key="1"),
    Choice(timedelta(hours=12), "12 hours", key="2"),
    Choice(timedelta(days=7), "7 days", note="the longest that S3 allows", key="7"),
    Choice(OTHER, "another time…", key="o"),
)

REWRITTEN = (
    "A part of this key is “.” or “..”. Browsers and most programs remove such parts from an "
    "address, so the link does not work in them. The program curl sends it unchanged with the "
    "option --path-as-is."
)


def no_object_here(view: S3View) -> str:
    """What to say of a link where no object is under the cursor."""
    here = "buckets" if view.browser.location.is_root else "prefixes"
    return f"A link leads to an object; here are {here}: Enter opens one."


@command(verbs.LINK, footer=True, asks=True, when=on_object, instead=no_object_here)
async def link(view: S3View) -> None:
    """Make a link with which anybody can read this object until it expires, and show when that
    really is: never later than the credentials that sign it."""
    current = view.browser.current_object
    if current is not None:
        await _make_link(view, view.browser.bucket, current.key)


async def _make_link(view: S3View, bucket: str, key: str) -> None:
    """Ask for how long, sign, show."""
    body = f"Anybody who has the link can read {visible(key, edges=True)} without credentials."
    rewritten = is_rewritten_by_clients(key)
    if rewritten:
        body += f"\n{REWRITTEN}"
    lasting = await view.ask(Choose("Link that expires", _LASTING, body=body), follows=True)
    if lasting == OTHER:
        lasting = await _other_time(view)
    if lasting is not None:
        made = await view.browser.s3.presign(bucket, key, lasting)
        note = expiry_text(made)
        if rewritten:
            note += "  ·  most programs change this address: use curl --path-as-is"
        await view.ask(LinkViewer("Link that expires", made.url, note=note))


async def _other_time(view: S3View) -> timedelta | None:
    """A lifetime that is typed; None if it is given up."""
    typed = await view.ask(
        AskText(
            "Link that expires",
            "How long the link works: 90m, 2h 30m, 3d; at most 7 days",
            check=lifetime_problems,
        ),
        follows=True,
    )
    return None if typed is None else parse_lifetime(typed)


def expiry_text(made: PresignedLink) -> str:
    """When the link stops working, and why then."""
    text = f"works until {made.expires:%Y-%m-%d %H:%M} UTC"
    if made.limited_by:
        text += f": {made.limited_by}"
    if not made.certain:
        text += ", or until the temporary credentials that sign it end; when that is, is unknown"
    return text


# -- copies in the words of other tools ----------------------------------------------------

COPY_KEYS = {
    CopyForm.URI: "u",
    CopyForm.KEY: "k",
    CopyForm.PREFIX: "k",
    CopyForm.BUCKET: "k",
    CopyForm.URL: "h",
    CopyForm.ARN: "a",
    CopyForm.CONSOLE: "o",
    CopyForm.ETAG: "e",
    CopyForm.VERSION: "v",
    CopyForm.CLI: "c",
    CopyForm.BOTO3: "b",
}
"""The key that copies each form. Those with the same key are never offered together."""

_NOTE = 46
"""Characters of each form that the list shows; the whole is copied."""


def _choices(view: S3View) -> list[Choice[Copyable]]:
    choices: list[Choice[Copyable]] = [
        Choice(each.text, each.form.value, note=_note(each, view), key=COPY_KEYS[each.form])
        for each in _copies(view)
    ]
    current = view.browser.current_object
    if current is not None:
        make = partial(_make_link, view, view.browser.bucket, current.key)
        choices.append(Choice(make, "a link that expires…", key="l"))
    return choices


def _note(copy: Copy, view: S3View) -> str:
    current = view.browser.current_object
    if copy.form is CopyForm.URL and current is not None and is_rewritten_by_clients(current.key):
        return "most programs change this address"
    return short(copy.text)


def short(text: str) -> str:
    """The beginning of what is copied, for the list."""
    return text if len(text) <= _NOTE else text[: _NOTE - 1] + "…"


def _copies(view: S3View) -> tuple[Copy, ...]:
    account, browser = view.services.account, view.browser
    target = replace(account.target, endpoint_url=account.endpoint)
    region = browser.s3.region_of(browser.bucket) if account.endpoint is None else None
    pays = bool(browser.bucket) and browser.s3.pays(browser.bucket)
    match browser.current:
        case S3Object(key=key, etag=etag):
            return of_object(browser.bucket, key, target, region, etag=etag, pays=pays)
        case Prefix(prefix=prefix):
            return of_location(S3Location(browser.bucket, prefix), target, region, pays=pays)
        case Bucket(name=name):
            return of_location(S3Location(name), target, region, pays=pays)
        case None:
            return of_location(browser.location, target, region, pays=pays)


copy_as = shared_commands.copy_as(
    _choices,
    """Copy what the cursor stands on: as S3 URI, key, web address, ARN, ETag, page of the AWS
    console, AWS CLI command or boto3 program, or make a link that expires. In an empty place, the
    place itself.""",
    footer=True,
)
