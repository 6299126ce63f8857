"""The command that changes what a bucket or objects are set to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tui.panes.s3.bucket.commands_settings import bucket_settings
from tui.panes.s3.change.commands_delete import counted_tree, refuse_while_at_work, where_text
from tui.panes.s3.properties.documents import HeadersDocument, TagsDocument
from tui.panes.s3.properties.facts import hold_text
from tui.panes.s3.properties.forms import (
    class_change,
    class_fields,
    class_problems,
    retention_change,
    retention_fields,
)
from tui.panes.s3.properties.planning import PlanningDialog, plan_text, refusal
from tui.panes.s3.properties.work import ObjectWork
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import Bucket, S3Object, Unknown
from tui.services.s3.properties.models import ObjectProperties, Stored
from tui.services.s3.properties.property_changes import PlannedChange, PropertyChange
from tui.services.s3.properties.rewriting import PartsWatch
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm, TypedConfirm
from tui.widgets.dialogs.forms import FormDialog, Values
from tui.widgets.dialogs.json_editor import JsonEditor

MOST_OBJECTS = 10_000
"""Objects that one change is planned for: all their properties are held."""


class Property(Enum):
    """What can be changed of objects; the value is what a person calls it."""

    TAGS = "Tags"
    HEADERS = "Headers and metadata"
    CLASS = "Storage class and encryption"
    RETENTION = "Retention"
    HOLD = "Legal hold"


_KEYS = {
    Property.TAGS: "t",
    Property.HEADERS: "m",
    Property.CLASS: "s",
    Property.RETENTION: "r",
    Property.HOLD: "h",
}


def on_bucket(view: S3View) -> bool:
    """Whether the cursor is on a bucket."""
    return isinstance(view.browser.current, Bucket)


def has_settings(view: S3View) -> bool:
    """Whether there is a bucket or an object to change."""
    return on_bucket(view) or (not view.browser.location.is_root and view.browser.has_targets)


@command(
    verbs.EDIT,
    label="Settings",
    footer=True,
    asks=True,
    changes=True,
    when=has_settings,
    instead="e works on a bucket, and on objects: tags, metadata, class and lock.",
)
async def settings(view: S3View) -> None:
    """Change what a bucket is set to (versioning, policy, CORS, lifecycle, encryption, tags as
    JSON), or of the marked objects, or of what is under the cursor: tags, headers and metadata,
    storage class and encryption, retention, legal hold. What changes is shown before; nothing else
    of an object is lost. Esc stops between two objects."""
    if on_bucket(view):
        await bucket_settings(view)
    else:
        await object_settings(view)


@dataclass
class _Asked:
    """The objects that are to be changed, and how it is asked."""

    view: S3View
    at: Connection
    bucket: str
    objects: Sequence[S3Object]
    only: ObjectProperties | None
    """The properties of the only object; None for many."""
    plans: Sequence[PlannedChange] = ()
    """What was said yes to."""

    @property
    def what(self) -> str:
        """The name of the only object, or how many there are."""
        return self.objects[0].key if self.only else counted(len(self.objects), "object")

    async def confirmed(self, change: PropertyChange) -> bool:
        """Plan a change and ask; whether it was said yes to. Raises ServiceError."""
        app, s3 = self.view.app, self.view.browser.s3
        reading = PlanningDialog(s3, self.bucket, self.objects, change, at=self.at)
        plans = await app.push_screen_wait(reading)
        if plans is None:
            return False
        refused = refusal(plans)
        if refused is not None:
            raise refused
        text = plan_text(plans, where_text(self.view, self.bucket))
        hard = change.retention is not None and change.retention.mode == "COMPLIANCE"
        if hard:
            typed = TypedConfirm("Change?", text, word="compliance", yes="Change")
            sure = await app.push_screen_wait(typed) is not None
        else:
            sure = await app.push_screen_wait(Confirm("Change?", text, yes="Change")) is True
        if sure:
            self.plans = [each for each in plans if each.differences and not each.problem]
        return sure


async def object_settings(view: S3View) -> None:
    """Ask what to change of the objects, show what that comes to, and do it."""
    browser, at = view.browser, view.services.account.connection
    refuse_while_at_work(view)
    tree = await counted_tree(view, at)
    if tree is None:
        return
    if not tree.objects:
        raise ServiceError("There are no objects under it.", kind=ErrorKind.NOT_FOUND)
    if len(tree.objects) > MOST_OBJECTS:
        raise ServiceError(
            f"{counted(len(tree.objects), 'object')} are too many for one change.",
            hint=f"Up to {MOST_OBJECTS:,} are changed at once: mark fewer, or use a lifecycle rule "
            "for their class, or S3 Batch Operations.",
            kind=ErrorKind.INVALID,
        )
    only = None
    if len(tree.objects) == 1:
        only = await browser.s3.properties(tree.bucket, tree.objects[0].key, at=at)
    asked = _Asked(view, at, tree.bucket, tree.objects, only)
    choices = [
        Choice(each, each.value, note=_state(each, only), key=_KEYS[each]) for each in Property
    ]
    chosen = await view.ask(Choose(f"Settings of {asked.what}", choices), follows=True)
    if chosen is None or not await _ask(asked, chosen):
        return
    await _carry_out(asked)


def _state(which: Property, found: ObjectProperties | None) -> str:
    """What the list says of a property."""
    if found is None:
        return ""
    stored, tags = found.stored, found.tags
    if which is Property.TAGS:
        return str(tags) if isinstance(tags, Unknown) else counted(len(tags), "tag")
    if which is Property.RETENTION:
        return "not set" if found.retention is None else str(found.retention)
    if which is Property.HOLD:
        return hold_text(found)
    if isinstance(stored, Unknown):
        return str(stored)
    if which is Property.CLASS:
        return f"{stored.storage_class}, {str(stored.encryption) or 'encryption not told'}"
    kind = stored.headers.get("ContentType", "no content type")
    names = len(stored.metadata)
    return f"{kind}, {counted(names, 'own name') if names else 'no metadata'}"


async def _ask(asked: _Asked, which: Property) -> bool:
    """Ask for a change until it is said yes to; whether it was. Raises ServiceError."""
    only = asked.only
    if which is Property.TAGS:
        if only is not None and isinstance(only.tags, Unknown):
            raise only.tags.error
        tags = only.tags if only is not None and not isinstance(only.tags, Unknown) else None
        return await _ask_document(asked, which, TagsDocument(tags))
    if which is Property.HEADERS:
        if only is not None and isinstance(only.stored, Unknown):
            raise only.stored.error
        stored = only.stored if only is not None and isinstance(only.stored, Stored) else None
        return await _ask_document(asked, which, HeadersDocument(stored))
    if which is Property.HOLD:
        offered = [
            Choice(True, "ON", "nobody can delete the version while it is on", key="n"),
            Choice(False, "OFF", key="f"),
        ]
        wanted = await asked.view.ask(Choose(f"Legal hold of {asked.what}", offered), follows=True)
        return wanted is not None and await asked.confirmed(PropertyChange(legal_hold=wanted))
    return await _ask_form(asked, which)


async def _ask_document(
    asked: _Asked, which: Property, document: TagsDocument | HeadersDocument
) -> bool:
    async def submit(text: str) -> bool:
        return await asked.confirmed(document.change(text))

    editor = JsonEditor(
        f"{which.value} of {asked.what}",
        document.text,
        check=document.problems,
        submit=submit,
        note=document.note,
    )
    return bool(await asked.view.ask(editor, follows=True))


async def _ask_form(asked: _Asked, which: Property) -> bool:
    of_class = which is Property.CLASS
    fields = class_fields(asked.only) if of_class else retention_fields(asked.only)

    async def submit(values: Values) -> bool:
        change = class_change(values) if of_class else retention_change(values)
        if not await asked.confirmed(change):
            raise ServiceError("Nothing was changed.", kind=ErrorKind.CANCELLED)
        return True

    form = FormDialog(
        f"{which.value} of {asked.what}",
        fields,
        submit=submit,
        submit_label="Plan",
        check=class_problems if of_class else None,
        only_reads=True,
    )
    return bool(await asked.view.ask(form, follows=True))


async def _carry_out(asked: _Asked) -> None:
    view, browser = asked.view, asked.view.browser

    async def one(plan: PlannedChange) -> str:
        await browser.s3.change_properties(plan, watch=watch, at=asked.at)
        return "changed"

    watch = PartsWatch(lambda: work.stopped)
    work = ObjectWork(
        asked.plans, lambda plan: plan.key, one, done="changed", inside=lambda: watch.state
    )
    await browser.carry_out(work, work.run(), asked.bucket)
    if browser.location.bucket == asked.bucket:
        view.reload(problem=work.problem)
    if work.report:
        view.say(work.report)
    if work.problem is not None:
        raise work.problem
