"""Facts about a bucket or an object, and the dialog that shows and copies them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from textwrap import wrap

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.services.s3 import (
    BucketDetails,
    Exposure,
    Grants,
    PolicyStatus,
    PublicAccessBlock,
    S3Location,
    Unknown,
    Versioning,
)
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content, visible

Facts = Sequence[tuple[str, str]]
"""(what, how it is) pairs; raw text."""

_LABEL_WIDTH = 22
_WIDTH = 92
MOST_LINES = 5
"""Lines up to which a value stands below its beginning."""

_PART_OF_SCREEN = 0.96
"""The most that a dialog takes, as dialogs.tcss says it."""

_AROUND = 6
"""Columns of the border, the padding and the scrollbar."""
_NAMES = {"Bucket", "Key", "Prefix", "URI"}
"""The facts that are names: every character of them is shown."""


class DetailsDialog(Dialog[str]):
    """Facts, one a line. Answers "access" when the public access block is to be changed."""

    BINDINGS = [
        Binding("y", "copy", "Copy all", id="details.copy"),
        Binding("a", "access", "Public access", id="details.access"),
        Binding("i,q,enter", "leave", show=False),
    ]

    def __init__(self, title: str, facts: Facts, *, changeable: bool = False) -> None:
        super().__init__(title)
        self.facts = facts
        self.changeable = changeable

    def compose_box(self) -> ComposeResult:
        room = room_of_values(self.app.size.width)
        lines = [
            content(f"{label:<{_LABEL_WIDTH}} ", "$text-muted") + fact_content(label, value, room)
            for label, value in self.facts
        ]
        with VerticalScroll(classes="dialog-body"):
            yield Static(Content("\n").join(lines))

    def on_mount(self) -> None:
        self.query_one(".dialog").styles.width = _WIDTH
        self.query_one(VerticalScroll).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "access":
            return self.changeable
        return super().check_action(action, parameters)

    async def action_copy(self) -> None:
        await copy_text(self.app, "\n".join(f"{label}: {value}" for label, value in self.facts))

    def action_access(self) -> None:
        self.dismiss("access")


def room_of_values(screen: int) -> int:
    """Columns that the dialog has for a value on a screen of so many."""
    return min(_WIDTH, int(screen * _PART_OF_SCREEN)) - _AROUND - _LABEL_WIDTH - 1


def indented(value: str, indent: int, room: int) -> str:
    """A value in lines of at most `room` characters, those after the first below its beginning.
    No character of it is dropped. What is very long has the whole width instead."""
    if len(value) > MOST_LINES * room:
        return value.replace("\n", "\n" + " " * indent)
    lines = [
        part
        for line in value.split("\n")
        for part in wrap(
            line,
            max(room, 10),
            drop_whitespace=False,
            replace_whitespace=False,
            expand_tabs=False,
            break_on_hyphens=False,
        )
        or [""]
    ]
    return ("\n" + " " * indent).join(lines)


def fact_content(label: str, value: str, room: int) -> Content:
    """How a fact is drawn behind its label, in `room` columns."""
    # A key may begin or end with blanks, tabs or newlines, which are part of it.
    text = visible(value, edges=True) if label in _NAMES else value
    return content(indented(text, _LABEL_WIDTH + 1, room), multiline=True)


def bucket_facts(details: BucketDetails) -> Facts:
    """A bucket; what is unknown says why."""
    seen = details.exposure
    return [
        ("Bucket", details.name),
        ("URI", str(S3Location(details.name))),
        ("Region", str(details.region)),
        ("Versioning", _versioning(details.versioning)),
        ("Public access block", _block(seen.public_access_block)),
        ("Bucket policy", policy_text(seen)),
        ("Bucket ACL", acl_text(seen.grants, seen.public_access_block)),
        ("Default encryption", str(details.encryption or "not configured")),
    ]


def _versioning(state: Versioning | Unknown) -> str:
    return str(state) if isinstance(state, Unknown) else str(state.value)


def _block(state: PublicAccessBlock | Unknown | None) -> str:
    if isinstance(state, Unknown) and state.not_offered:
        return "not offered by this server"
    return "not configured on this bucket" if state is None else str(state)


def policy_text(exposure: Exposure) -> str:
    """Whether the policy of a bucket makes it public, and whether it is let."""
    policy = exposure.policy
    if isinstance(policy, Unknown):
        return str(policy)
    block = exposure.public_access_block
    if policy is PolicyStatus.PUBLIC:
        if isinstance(block, PublicAccessBlock) and block.restrict_buckets:
            return "public by its policy, but the public access block prevents that"
        return "PUBLIC: anybody on the internet may have access"
    return str(policy.value)


def acl_text(grants: Grants | Unknown, block: PublicAccessBlock | Unknown | None) -> str:
    """What an ACL gives to everybody, and whether the public access block of the bucket lets it."""
    if isinstance(grants, Unknown):
        return str(grants)
    if not grants:
        return "gives nothing to everybody"
    given = ", ".join(map(str, grants))
    if isinstance(block, PublicAccessBlock) and block.ignore_acls:
        return f"{given}; but the public access block makes it ineffective"
    if isinstance(block, Unknown) and not block.not_offered:
        return f"PUBLIC unless the public access block prevents it, which is unknown: {given}"
    return f"PUBLIC unless the account's own public access block prevents it: {given}"


def policy_facts(exposure: Exposure | Unknown) -> Facts:
    """What the policy of its bucket means for an object."""
    if isinstance(exposure, Unknown):
        return [("Bucket policy", str(exposure))]
    said = policy_text(exposure)
    if exposure.policy is PolicyStatus.PUBLIC and said.startswith("PUBLIC"):
        said = "PUBLIC through the bucket's policy, which may name only some keys"
    return [("Bucket policy", said)]


def payer_facts(pays: bool) -> Facts:
    """Who pays for the requests, where that was agreed."""
    return [("Requester pays", "you pay for each request; $ ends that")] if pays else []


def prefix_facts(location: S3Location) -> Facts:
    """A prefix, which is nothing but a part of keys."""
    return [
        ("Prefix", location.prefix),
        ("URI", str(location)),
        ("", "A prefix is the beginning of keys: it has no size and no date of its own."),
    ]


def exact_moment(when: datetime | None) -> str:
    """To the second, in UTC and in the time of this machine."""
    if when is None:
        return "unknown"
    text = f"{when:%Y-%m-%d %H:%M:%S} UTC"
    local = when.astimezone()
    return text if local.utcoffset() == timedelta(0) else f"{text} ({local:%Y-%m-%d %H:%M:%S %Z})"
