"""Copying what the cursor stands on, in the words of other tools."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui.panes.s3.commands.link import make_link
from tui.panes.s3.entries import Prefix
from tui.services.s3 import Bucket, S3Location, S3Object, is_rewritten_by_clients
from tui.services.s3.copies import Copy, Form, of_location, of_object
from tui.widgets.dialogs import Choice
from tui.widgets.old_shared_commands import CopyAsCommand
from tui.widgets.shared_commands import Copyable

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

KEYS = {
    Form.URI: "u",
    Form.KEY: "k",
    Form.PREFIX: "k",
    Form.BUCKET: "k",
    Form.URL: "h",
    Form.CLI: "c",
    Form.BOTO3: "b",
}
"""The key that copies each form. Those with the same key are never offered together."""

_NOTE = 46
"""Characters of each form that the list shows; the whole is copied."""


class CopyAs(CopyAsCommand["S3Pane"]):
    """Copy what the cursor stands on: as S3 URI, key, web address, AWS CLI command or boto3
    program, or make a link that expires. In an empty place, the place itself."""

    footer = True

    def choices(self, host: S3Pane) -> list[Choice[Copyable]]:
        choices: list[Choice[Copyable]] = [
            Choice(each.text, each.form.value, note=_note(each, host), key=KEYS[each.form])
            for each in _copies(host)
        ]
        if host.current_object is not None:
            link = partial(make_link, host, host.bucket, host.current_object.key)
            choices.append(Choice(link, "a link that expires…", key="l"))
        return choices


def _note(copy: Copy, pane: S3Pane) -> str:
    current = pane.current_object
    if copy.form is Form.URL and current is not None and is_rewritten_by_clients(current.key):
        return "most programs change this address"
    text = copy.text
    return text if len(text) <= _NOTE else text[: _NOTE - 1] + "…"


def _copies(pane: S3Pane) -> tuple[Copy, ...]:
    account = pane.services.account
    target = replace(account.target, endpoint_url=account.endpoint)
    region = pane.s3.region_of(pane.bucket) if account.endpoint is None else None
    match pane.current:
        case S3Object(key=key):
            return of_object(pane.bucket, key, target, region)
        case Prefix(prefix=prefix):
            return of_location(S3Location(pane.bucket, prefix), target, region)
        case Bucket(name=name):
            return of_location(S3Location(name), target, region)
        case None:
            return of_location(pane.location, target, region)
