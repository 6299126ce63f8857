"""The form that changes an instance, what the change does, and what follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from textual.widgets import Input

from tui.panes.sql.rds.checks import listed
from tui.panes.sql.rds.class_choice import class_fields, class_of
from tui.panes.sql.rds.known import KnownInstances
from tui.panes.sql.rds.passwords import GENERATED, KEEP, MANAGED, TYPED, PasswordDialog
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance, rules
from tui.services.rds.modification import (
    Modification,
    coming_class,
    coming_iam,
    effects,
    is_applied,
    modifying,
    pending_text,
    problems,
)
from tui.services.rds.waiting import Goal
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.forms import (
    ChoiceField,
    Field,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)

WINDOW, NOW = "window", "now"


@dataclass(frozen=True)
class ModificationWanted:
    """A change, and where its password comes from."""

    change: Modification
    way: str


class ModifyForm(FormDialog[ModificationWanted]):
    """Answers a change that breaks no rule; nothing is sent from here."""

    def __init__(
        self, instance: Instance, values: Mapping[str, str] | None = None, problem: str = ""
    ) -> None:
        self.instance = instance
        self.first = dict(values or {})
        self.problem = problem
        super().__init__(
            f"Modify {instance.identifier}",
            self._make_fields(),
            submit=self._answer,
            submit_label="Next",
        )

    def on_mount(self) -> None:
        self.tell(self.problem)

    def _make_fields(self) -> list[Field]:
        now, first = self.instance, self.first.get
        fields: list[Field] = []
        if now.pending:
            fields.append(NoteField(f"Pending: {pending_text(now)}.", warning=True))
        fields += class_fields(coming_class(now), self.first)
        if not now.cluster:
            fields += [
                TextField(
                    "storage_gib",
                    "Storage in GiB",
                    first("storage_gib", str(now.storage_gib or "")),
                    note="It only grows, by 10 % at least; then not again for 6 hours.",
                    check=self._storage,
                ),
                TextField(
                    "backup_days",
                    "Automated backups: days",
                    first("backup_days", str(now.backup_days or 0)),
                    note="0 turns them off and deletes those that there are.",
                    check=listed(rules.backup_days_problem),
                ),
            ]
        fields.append(
            FlagField(
                "public",
                "Public access",
                _flag(first("public"), bool(now.public)),
                note="At once, whenever the rest is applied.",
            )
        )
        if not now.cluster:
            fields += [
                FlagField(
                    "protected",
                    "Deletion protection",
                    _flag(first("protected"), bool(now.deletion_protection)),
                    note="At once. While it is on, nobody can delete the instance.",
                ),
                FlagField(
                    "iam",
                    "IAM login",
                    _flag(first("iam"), coming_iam(now)),
                    note="Tokens of IAM log in those who are granted rds_iam, beside passwords.",
                ),
                *self._password_fields(),
            ]
        window = now.maintenance_window or "of RDS"
        fields.append(
            ChoiceField(
                "when",
                "Class, storage, backups, IAM login",
                [(f"In the maintenance window ({window} UTC)", WINDOW), ("Now", NOW)],
                first("when", WINDOW),
                wide=True,
            )
        )
        return fields

    def _password_fields(self) -> list[Field]:
        managed = self.instance.secret_arn is not None
        options = [("Leave it", KEEP), ("Generate a strong one", GENERATED), ("Type one", TYPED)]
        if not managed:
            options.append(("Let RDS make it and keep it in Secrets Manager", MANAGED))
        note = "RDS keeps it in Secrets Manager now; another one ends that." if managed else ""

        def typed(values: Values) -> bool:
            return values["password_way"] == TYPED

        return [
            ChoiceField(
                "password_way",
                "Master password",
                options,
                self.first.get("password_way", KEEP),
                note=note,
            ),
            TextField(
                "password",
                "New password",
                self.first.get("password", ""),
                secret=True,
                check=listed(rules.password_problem),
                when=typed,
            ),
            TextField(
                "repeat",
                "New password again",
                self.first.get("password", ""),
                secret=True,
                check=self._same,
                when=typed,
            ),
        ]

    def _storage(self, value: str) -> Sequence[str]:
        problem = rules.grown_storage_problem(value, self.instance.storage_gib)
        return () if problem is None else (problem,)

    def _same(self, value: str) -> Sequence[str]:
        same = value == self.query_one("#field-password", Input).value
        return () if same else ("The two passwords differ.",)

    async def _answer(self, values: Values) -> ModificationWanted:
        change = change_of(self.instance, values)
        wrong = problems(change, self.instance)
        if wrong:
            raise ServiceError(" ".join(wrong), kind=ErrorKind.INVALID)
        return ModificationWanted(change, values.get("password_way", KEEP))


def change_of(instance: Instance, values: Values) -> Modification:
    """What differs between the form and the instance."""
    chosen = class_of(values)
    storage, days = values.get("storage_gib", ""), values.get("backup_days", "")
    public, protected = bool(values["public"]), bool(values.get("protected"))
    iam = bool(values.get("iam"))
    way = values.get("password_way", KEEP)
    password = {TYPED: values.get("password"), GENERATED: rules.new_password()}.get(way)
    managed, at_once = way == MANAGED, values["when"] == NOW
    # At once, a class that is pending is applied as well: the last question must speak of it.
    stays = chosen == coming_class(instance) and not (
        at_once and chosen != (instance.instance_class or "")
    )
    return Modification(
        instance_class=None if stays else chosen,
        storage_gib=int(storage) if storage and int(storage) != instance.storage_gib else None,
        public=None if public == bool(instance.public) else public,
        backup_days=int(days) if days and int(days) != instance.backup_days else None,
        deletion_protection=None
        if instance.cluster or protected == bool(instance.deletion_protection)
        else protected,
        iam_auth=None if instance.cluster or iam == coming_iam(instance) else iam,
        password=password,
        managed=True if managed else (False if password and instance.secret_arn else None),
        now=at_once,
    )


def _flag(first: str | None, now: bool) -> bool:
    return now if first is None else bool(first)


def form_values(wanted: ModificationWanted, instance: Instance) -> dict[str, str]:
    """A change as the form's texts, to open the form with it again."""

    def flag(wanted: bool | None, now: bool | None) -> str:
        return "yes" if (now if wanted is None else wanted) else ""

    change = wanted.change
    return {
        "instance_class": change.instance_class or coming_class(instance),
        "storage_gib": str(change.storage_gib or instance.storage_gib or ""),
        "backup_days": str(
            instance.backup_days or 0 if change.backup_days is None else change.backup_days
        ),
        "public": flag(change.public, instance.public),
        "protected": flag(change.deletion_protection, instance.deletion_protection),
        "iam": flag(change.iam_auth, coming_iam(instance)),
        "password_way": wanted.way or KEEP,
        "password": change.password or "" if wanted.way == TYPED else "",
        "when": NOW if change.now else WINDOW,
    }


@dataclass(frozen=True)
class ModificationTaken:
    """A change that RDS has taken."""

    now: Instance
    goal: Goal | None
    """What to wait for; None if nothing is under way."""
    said: str


async def ask_change(
    host: CommandHost, services: Services, known: KnownInstances, instance: Instance
) -> ModificationTaken | None:
    """Ask what to change and send it; None if it was left. What fails is said in the form."""
    values: dict[str, str] = {}
    problem = ""
    while True:
        wanted = await host.ask(ModifyForm(instance, values, problem), follows=True)
        if wanted is None:
            return None
        change = wanted.change
        values, problem = form_values(wanted, instance), ""
        target = services.account.target
        plan = RdsPlanDialog(
            f"Modify {instance.identifier}?",
            "\n".join(f"• {each}" for each in effects(change, instance)),
            yes="Modify",
            target=target,
            operation="ModifyDBInstance",
            request={**modifying(instance.identifier, change)},
            danger=change.instance_class is not None and change.now,
        )
        if not await host.ask(plan, follows=True):
            continue
        try:
            now = await _send(services, known, instance, change)
        except ServiceError as error:
            problem = str(error)
            if error.kind is ErrorKind.UNKNOWN and wanted.way == GENERATED:
                await _show_password(host, instance, change)
            continue
        if wanted.way == GENERATED:
            await _show_password(host, instance, change)
        return _asked(change, now)


async def _send(
    services: Services, known: KnownInstances, instance: Instance, change: Modification
) -> Instance:
    """Send the change. A new password is remembered, also if it is unknown whether it was set."""
    name, target = instance.identifier, services.account.target
    password = change.password
    try:
        now = await services.rds.lifecycle.modify(instance, change)
    except ServiceError as error:
        if password is not None and error.kind is ErrorKind.UNKNOWN:
            known.remember(name, password, target)
        raise
    if password is not None:
        known.remember(name, password, target)
    elif change.managed:
        known.forget(name)
    return now


async def _show_password(host: CommandHost, instance: Instance, change: Modification) -> None:
    user = instance.master_user or "unknown"
    await host.ask(PasswordDialog(instance.identifier, user, change.password or ""))


def _asked(change: Modification, now: Instance) -> ModificationTaken:
    waits = pending_text(now)
    if waits and not change.now:
        window = now.maintenance_window or "of RDS"
        return ModificationTaken(now, None, f"Pending until the window {window} (UTC): {waits}.")
    goal = Goal(
        "modified",
        partial(is_applied, change),
        "At AWS a change takes from seconds to many minutes.",
    )
    return ModificationTaken(now, goal, "")
