"""The form for a new instance, checked as it is typed; what it costs, and what will be created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.widgets import Input, Select, Static

from tui.panes.sql.rds.billing import FIXED, billing
from tui.panes.sql.rds.checks import listed
from tui.panes.sql.rds.class_choice import class_fields, class_of
from tui.panes.sql.rds.passwords import GENERATED, MANAGED, TYPED
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import NewInstance, SecurityGroup, rules
from tui.services.rds.new_instance import FREE_TIER_CLASSES, FREE_TIER_STORAGE_GIB, STORAGE_TYPES
from tui.widgets.dialogs.forms import (
    ChoiceField,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)
from tui.widgets.text.safe_text import content

DEFAULT_VERSION = ("AWS's default", "")
DEFAULT_GROUP = ("default group of the default VPC", "")


@dataclass(frozen=True)
class AskedFor:
    """An instance to create, and where its password comes from."""

    new: NewInstance
    way: str


class CreateInstanceForm(FormDialog[AskedFor]):
    """Answers a new instance that breaks no rule; nothing is sent from here."""

    def __init__(
        self, services: Services, values: Mapping[str, str] | None = None, problem: str = ""
    ) -> None:
        self.services = services
        self.problem = problem
        """Said at once: why the last attempt failed."""
        self.first = dict(values or {})
        """What stood in the form before, to begin with."""
        super().__init__("Create an RDS instance", self._make_fields(), submit=self._answer)

    def _make_fields(self) -> list[TextField | ChoiceField | FlagField | NoteField]:
        first = self.first.get
        return [
            NoteField(billing(self.services.account), warning=not self.services.account.is_sandbox),
            NoteField(FIXED),
            TextField(
                "identifier",
                "Identifier",
                first("identifier", ""),
                note="1 to 63 letters, digits and hyphens; starts with a letter.",
                placeholder="my-database",
                check=listed(rules.identifier_problem),
            ),
            TextField(
                "master_user",
                "Master user",
                first("master_user", "postgres"),
                note="1 to 16 letters, digits and underscores.",
                check=listed(rules.master_user_problem),
            ),
            ChoiceField(
                "password_way",
                "Master password",
                [
                    ("Generate a strong one", GENERATED),
                    ("Type one", TYPED),
                    ("Let RDS make it and keep it in Secrets Manager", MANAGED),
                ],
                first("password_way", GENERATED),
            ),
            TextField(
                "password",
                "Password",
                first("password", ""),
                note='8 to 128 printable characters without / " @ and space. Kept in memory only.',
                secret=True,
                check=listed(rules.password_problem),
                when=_is_typed,
            ),
            TextField(
                "repeat",
                "Password again",
                first("repeat", ""),
                secret=True,
                check=self._same,
                when=_is_typed,
            ),
            *class_fields(FREE_TIER_CLASSES[0].name, self.first),
            ChoiceField(
                "engine_version",
                "PostgreSQL version",
                [DEFAULT_VERSION],
                # The sandbox runs one version.
                when=lambda _: not self.services.account.is_sandbox,
            ),
            TextField(
                "storage_gib",
                f"Storage in GiB (free tier: {FREE_TIER_STORAGE_GIB})",
                first("storage_gib", str(FREE_TIER_STORAGE_GIB)),
                check=listed(rules.storage_problem),
            ),
            ChoiceField(
                "storage_type",
                "Storage type",
                [(each, each) for each in STORAGE_TYPES],
                first("storage_type", STORAGE_TYPES[0]),
            ),
            FlagField(
                "public",
                "Public access",
                bool(first("public", "")),
                note="Its security group decides who gets in.",
            ),
            ChoiceField("security_group", "Security group", [DEFAULT_GROUP]),
            TextField(
                "backup_days",
                "Automated backups: days (0 is off)",
                first("backup_days", "0"),
                check=listed(rules.backup_days_problem),
            ),
            FlagField(
                "protected",
                "Deletion protection",
                bool(first("protected", "")),
                note="Nobody can delete it while this is on.",
            ),
            TextField(
                "database",
                "Initial database",
                first("database", ""),
                note="Empty: only the database postgres.",
                check=listed(rules.database_problem),
            ),
        ]

    def on_mount(self) -> None:
        self.tell(self.problem)
        self.run_worker(self._offer_versions(), group="versions", exclusive=True)
        self.run_worker(self._offer_groups(), group="security-groups", exclusive=True)

    async def _offer_versions(self) -> None:
        if self.services.account.is_sandbox:
            return
        try:
            versions = await self.services.rds.engine_versions()
        except ServiceError as error:
            self._say("engine_version", f"Other versions are not known. {error.message}")
            return
        options = [
            (f"{each.version}{'  (default)' if each.is_default else ''}", each.version)
            for each in versions
        ]
        self._offer("engine_version", [DEFAULT_VERSION, *options])

    async def _offer_groups(self) -> None:
        try:
            placement = await self.services.rds.placement()
        except ServiceError as error:
            self._say("security_group", f"The groups are not known. {error.message}")
            return
        if placement.default_vpc is None:
            self._say(
                "security_group",
                "This region has no default VPC, so AWS will refuse; "
                "`aws ec2 create-default-vpc` makes one.",
            )
            return
        options = [(_group_line(group), group.group_id) for group in placement.security_groups]
        self._offer("security_group", [DEFAULT_GROUP, *options])

    def _offer(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        select = self.query_one(f"#field-{name}", Select)
        chosen = select.value if select.value else self.first.get(name, "")
        select.set_options([(content(shown), value) for shown, value in options])
        select.value = chosen if any(chosen == value for _, value in options) else ""

    def _say(self, name: str, text: str) -> None:
        self.query_one(f"#note-{name}", Static).update(content(text, multiline=True))

    def field_changed(self, name: str, value: str) -> None:
        if name == "identifier" and value != value.lower() and not rules.identifier_problem(value):
            self._say("identifier", f"AWS stores it as {value.lower()}")
        if name == "password":
            again = self.query_one("#field-repeat", Input)
            if again.value:
                self._say("repeat", "\n".join(self._same(again.value)))

    def _same(self, value: str) -> Sequence[str]:
        same = value == self.query_one("#field-password", Input).value
        return () if same else ("The two passwords differ.",)

    async def _answer(self, values: Values) -> AskedFor:
        way = values["password_way"]
        new = NewInstance(
            identifier=values["identifier"],
            master_user=values["master_user"],
            password=rules.new_password() if way == GENERATED else values["password"],
            managed=way == MANAGED,
            database=values["database"],
            instance_class=class_of(values),
            engine_version=values["engine_version"] or None,
            storage_gib=int(values["storage_gib"]),
            storage_type=values["storage_type"],
            public=bool(values["public"]),
            security_group=values["security_group"] or None,
            backup_days=int(values["backup_days"]),
            deletion_protection=bool(values["protected"]),
        )
        return AskedFor(new, way)


def _is_typed(values: Values) -> bool:
    return values["password_way"] == TYPED


def form_values(asked: AskedFor) -> dict[str, str]:
    """A new instance as the form's texts, to open the form with it again."""
    new = asked.new
    typed = new.password if asked.way == TYPED else ""
    return {
        "identifier": new.identifier,
        "master_user": new.master_user,
        "password_way": asked.way,
        "password": typed,
        "repeat": typed,
        "database": new.database,
        "instance_class": new.instance_class,
        "engine_version": new.engine_version or "",
        "storage_gib": str(new.storage_gib),
        "storage_type": new.storage_type,
        "public": "yes" if new.public else "",
        "security_group": new.security_group or "",
        "backup_days": str(new.backup_days),
        "protected": "yes" if new.deletion_protection else "",
    }


def _group_line(group: SecurityGroup) -> str:
    return f"{group.name}  {group.group_id}"
