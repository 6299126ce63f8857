"""The settings of a bucket, shown and changed."""

from __future__ import annotations

import json
from functools import partial

from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.s3 import Unknown
from tui.services.s3.bucket.bucket_settings import beginning, can_remove, can_write
from tui.services.s3.bucket.setting_rules import Setting, opens_to_anybody, setting_problems
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm
from tui.widgets.dialogs.json_editor import JsonEditor

_KEYS = {
    Setting.VERSIONING: "v",
    Setting.POLICY: "p",
    Setting.CORS: "c",
    Setting.LIFECYCLE: "l",
    Setting.ENCRYPTION: "e",
    Setting.TAGS: "t",
    Setting.ACL: "a",
}

_NOTES = {
    Setting.VERSIONING: "Enabled keeps every version, which is billed; Suspended keeps those there "
    "are and makes no new ones.",
    Setting.LIFECYCLE: "A rule with an Expiration deletes objects by itself, about once a day.",
}

OPENS = (
    "This policy allows something to anybody, without a condition. Whatever it allows, everybody "
    "on the internet may do, unless the public access block is on."
)
OPENS_ON_CONDITION = (
    "This policy allows something to anybody who meets a condition. A condition that says little "
    "(a user agent, a referer, any address) opens it to everybody on the internet."
)
SUSPENDS = (
    "From now on, what is overwritten or deleted is gone for good, unless it is a version that was "
    "made before."
)
REMOVES = "The document is empty: the setting is taken away from the bucket."

EXPIRES = (
    "A rule of this document deletes objects or versions by itself when they are old enough: also "
    "those that are old enough now."
)


async def bucket_settings(view: S3View) -> None:
    """Show and change what a bucket is set to: versioning, policy, CORS, lifecycle, encryption and
    tags as JSON, checked as it is typed; its ACL is shown. Raises ServiceError."""
    bucket, at = view.browser.bucket, view.services.account.connection
    while True:
        found = await view.browser.s3.read_settings(bucket, at=at)
        choices = [
            Choice(each, each.value, note=setting_state(found[each]), key=_KEYS[each])
            for each in Setting
        ]
        setting = await view.ask(Choose(f"Settings of {bucket}", choices), follows=True)
        if setting is None:
            return
        now = found[setting]
        if isinstance(now, Unknown):
            raise now.error
        editable = can_write(setting) and not view.is_read_only
        saved = await view.ask(
            JsonEditor(
                f"{setting.value} of {bucket}",
                now if now is not None else (beginning(setting, bucket) if editable else ""),
                check=partial(setting_problems, setting),
                submit=partial(_save, view, at, bucket, setting, now) if editable else None,
                note=_note(setting, now),
            ),
            follows=True,
        )
        if saved:
            view.say(f"{setting.value} of {bucket} saved.")


def setting_state(found: str | Unknown | None) -> str:
    """What the list says of a setting."""
    match found:
        case None:
            return "not set"
        case Unknown():
            # Choosing it says which permission is missing.
            return "unknown: access denied" if found.denied else _shortened(str(found))
        case str():
            return _shortened(" ".join(found.split()))


def _shortened(text: str) -> str:
    return text if len(text) <= 44 else f"{text[:43]}…"


def _note(setting: Setting, now: str | None) -> str:
    parts = [] if now is not None else ["Not set now; this is a beginning."]
    if can_remove(setting) and now is not None:
        parts.append("An empty text takes it away.")
    parts.append(_NOTES.get(setting, ""))
    return " ".join(filter(None, parts))


async def _save(
    view: S3View, at: Connection, bucket: str, setting: Setting, before: str | None, text: str
) -> bool:
    """Ask where something would be opened or lost; whether it was saved."""
    warning = _warning(setting, text)
    if warning:
        sure = await view.app.push_screen_wait(
            Confirm(f"{setting.value} of {bucket}", warning, yes="Save", danger=True)
        )
        if not sure:
            return False
    view.browser.summaries.expire(bucket)
    dropped = await view.browser.s3.write_setting(bucket, setting, text, before=before, at=at)
    if dropped:
        names = ", ".join(dropped)
        view.say(f"The server did not keep all of it: {names} is gone.", severity="warning")
    return True


def _warning(setting: Setting, text: str) -> str:
    if not text.strip():
        return REMOVES
    if setting is Setting.POLICY and opens_to_anybody(text):
        return OPENS
    if setting is Setting.POLICY and opens_to_anybody(text, on_condition=True):
        return OPENS_ON_CONDITION
    if setting is Setting.VERSIONING and json.loads(text)["Status"] == "Suspended":
        return SUSPENDS
    if setting is Setting.LIFECYCLE and "Expiration" in text:
        return EXPIRES
    return ""
