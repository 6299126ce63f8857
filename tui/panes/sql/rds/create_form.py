"""The form for a new instance, checked as it is typed; what it costs, and what will be created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.widgets import Input, Select, Static

from tui.panes.sql.rds.checks import listed
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import NewInstance, SecurityGroup, rules
from tui.services.rds.new_instance import FREE_TIER_CLASSES, FREE_TIER_STORAGE_GIB, STORAGE_TYPES
from tui.widgets.forms import ChoiceField, FlagField, FormDialog, NoteField, TextField, Values
from tui.widgets.safe_text import content

DEFAULT_VERSION = ("AWS's default", "")
DEFAULT_GROUP = ("default group of the default VPC", "")

COST = (
    "AWS bills an instance for every hour it runs and for its storage as long as it exists, also "
    "while it is stopped. The free tier covers 750 hours a month of these classes and 20 GiB for "
    "accounts that have it; newer accounts pay from their credits. Delete it when you are done "
    "(F8)."
)
COST_IN_SANDBOX = "Sandbox: nothing is billed. A real PostgreSQL server starts on this machine."

FIXED = (
    "One availability zone. Off: automated backups, storage autoscaling, Performance Insights, "
    "minor version upgrades, deletion protection."
)


class CreateInstanceForm(FormDialog[NewInstance]):
    """Answers a NewInstance that breaks no rule; nothing is sent from here."""

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
            TextField(
                "password",
                "Password",
                first("password", ""),
                note='8 to 128 printable characters without / " @ and space. Kept in memory only.',
                secret=True,
                check=listed(rules.password_problem),
            ),
            TextField(
                "repeat", "Password again", first("repeat", ""), secret=True, check=self._same
            ),
            ChoiceField(
                "instance_class",
                "Class",
                [(f"{each.name}  {each.about}", each.name) for each in FREE_TIER_CLASSES],
                first("instance_class", FREE_TIER_CLASSES[0].name),
            ),
            ChoiceField(
                "engine_version",
                "PostgreSQL version",
                [DEFAULT_VERSION],
                # The sandbox runs one version.
                when=lambda _: not self.services.account.is_sandbox,
            ),
            TextField(
                "storage_gib",
                "Storage in GiB",
                first("storage_gib", str(FREE_TIER_STORAGE_GIB)),
                note=f"The free tier covers {FREE_TIER_STORAGE_GIB}.",
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
                note="Its name resolves on the internet; the security group decides who gets in.",
            ),
            ChoiceField("security_group", "Security group", [DEFAULT_GROUP]),
            TextField(
                "database",
                "Initial database",
                first("database", ""),
                note="Empty: only the database postgres.",
                check=listed(rules.database_problem),
            ),
            NoteField(FIXED),
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

    async def _answer(self, values: Values) -> NewInstance:
        return NewInstance(
            identifier=values["identifier"],
            master_user=values["master_user"],
            password=values["password"],
            database=values["database"],
            instance_class=values["instance_class"],
            engine_version=values["engine_version"] or None,
            storage_gib=int(values["storage_gib"]),
            storage_type=values["storage_type"],
            public=bool(values["public"]),
            security_group=values["security_group"] or None,
        )


def form_values(new: NewInstance) -> dict[str, str]:
    """A new instance as the form's texts, to open the form with it again."""
    return {
        "identifier": new.identifier,
        "master_user": new.master_user,
        "password": new.password,
        "repeat": new.password,
        "database": new.database,
        "instance_class": new.instance_class,
        "engine_version": new.engine_version or "",
        "storage_gib": str(new.storage_gib),
        "storage_type": new.storage_type,
        "public": "yes" if new.public else "",
        "security_group": new.security_group or "",
    }


def _group_line(group: SecurityGroup) -> str:
    return f"{group.name}  {group.group_id}"


# -- what it costs, and what will be created ------------------------------------------------------


def billing(account: Account) -> str:
    """What an instance costs, without prices, which differ by region and change."""
    return COST_IN_SANDBOX if account.is_sandbox else COST


async def account_and_region(account: Account) -> str:
    """Account and region as a line; an account that cannot be told is said to be unknown."""
    region = account.target.region or "unknown"
    try:
        identity = await account.identity()
    except ServiceError:
        return f"account unknown, region {region}"
    name = f"{identity.account_id} ({identity.alias})" if identity.alias else identity.account_id
    # Asking who we are may have settled the region, too.
    return f"account {name}, region {account.target.region or region}"


def creation_plan(new: NewInstance, where: str, costs: str) -> str:
    """What will be created, line by line, for the last question before it is."""
    free = new.instance_class in {each.name for each in FREE_TIER_CLASSES}
    lines = [
        f"Identifier      {new.stored_identifier}",
        f"Where           {where}",
        f"Engine          PostgreSQL {new.engine_version or '(default version of AWS)'}",
        f"Class           {new.instance_class}{'' if free else ' (not in the free tier)'}",
        f"Storage         {new.storage_gib} GiB {new.storage_type}"
        + (" (more than the free tier)" if new.storage_gib > FREE_TIER_STORAGE_GIB else ""),
        f"Master user     {new.master_user}",
        f"Database        {new.database or 'postgres'}",
        f"Public access   {'yes: its name resolves on the internet' if new.public else 'no'}",
        f"Security group  {new.security_group or 'default group of the default VPC'}",
        "",
        costs,
        "",
        FIXED,
    ]
    return "\n".join(lines)
