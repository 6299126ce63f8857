"""The region's instances with their status, to connect to one or to look at it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from tui.panes.sql.rds.inbound import see_inbound
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance
from tui.widgets import verbs
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.command import command
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content
from tui.widgets.value_viewer import ValueViewer

COLUMNS = (
    Column("Instance", max_width=63),
    Column("Status"),
    Column("Engine"),
    Column("Class"),
    Column("Public"),
    Column("Endpoint", max_width=120),
)


@dataclass(frozen=True)
class PickedInstance:
    """What was chosen: an instance, or to create one (None)."""

    instance: Instance | None


class InstancesDialog(Dialog[PickedInstance], CommandHost):
    """Fills page by page; answers what was picked."""

    TITLE_HERE = "RDS instances"

    def __init__(self, services: Services) -> None:
        super().__init__("RDS instances")
        self.services = services
        self.instances: list[Instance] = []

    def compose_box(self) -> ComposeResult:
        yield Static("", id="rds-list-note", classes="dialog-prompt")
        yield Grid(id="rds-list")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close")

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.grid.focus()
        self.reload()

    @property
    def grid(self) -> Grid:
        return self.query_one(Grid)

    @property
    def current(self) -> Instance | None:
        """The instance under the cursor."""
        row = self.grid.current if self.is_mounted else None
        return None if row is None or row >= len(self.instances) else self.instances[row]

    def reload(self) -> None:
        """Ask for the instances anew."""
        self.start(self._load(), group="instances")

    async def _load(self) -> None:
        here = self.current.identifier if self.current else None
        self._note("Loading…")
        self.instances = []
        self.grid.show(COLUMNS, [])
        async for page in self.services.rds.list_instances():
            self.instances += page.instances
            self.grid.append([_row(each) for each in page.instances], more=False)
            self._note(self._summary(complete=page.token is None))
        names = [each.identifier for each in self.instances]
        if here in names:
            self.grid.move_cursor(names.index(here))
        self.refresh_bindings()

    def _summary(self, *, complete: bool) -> str:
        region = self.services.account.target.region or "this region"
        if complete and not self.instances:
            return f"There are no instances in {region}. n creates one."
        count = len(self.instances)
        return f"{count}{'' if complete else '+'} in {region}"

    def _note(self, text: str) -> None:
        self.query_one("#rds-list-note", Static).update(content(text, multiline=True))

    def show_error(self, error: ServiceError) -> None:
        self._note(str(error))

    # -- commands ---------------------------------------------------------------------------------

    @command(
        verbs.OPEN, label="Connect", footer=True, when=lambda dialog: dialog.current is not None
    )
    def connect(self) -> None:
        """Connect to the instance under the cursor; one that is still being created is waited
        for."""
        instance = self.current
        if instance is None:
            return
        if not instance.speaks_postgres:
            raise ServiceError(
                f"{instance.identifier} is {instance.engine}; only PostgreSQL can be opened here."
            )
        self.dismiss(PickedInstance(instance))

    @command(verbs.INFO, asks=True, footer=True, when=lambda dialog: dialog.current is not None)
    async def info(self) -> None:
        """Show everything that RDS says about the instance."""
        if self.current is not None:
            text = instance_text(self.current)
            await self.ask(ValueViewer(self.current.identifier, text))

    @command(
        verbs.RULE,
        asks=True,
        footer=True,
        when=lambda dialog: dialog.current is not None and dialog.current.port is not None,
    )
    async def inbound_rules(self) -> None:
        """See which addresses the instance's security groups let in, let another one in, or remove
        a rule."""
        if self.current is not None:
            await see_inbound(self, self.services, self.current)

    @command(verbs.NEW, label="New instance", footer=True)
    def new(self) -> None:
        """Create an instance."""
        self.dismiss(PickedInstance(None))

    @command(verbs.REFRESH, footer=True)
    def list_again(self) -> None:
        """List the instances again."""
        self.reload()

    COMMANDS_HERE = (connect, info, inbound_rules, new, list_again)

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self) -> None:
        await self.action_command(verbs.OPEN.id)

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss(None)


_TONES = {"available": Tone.SUCCESS, "failed": Tone.ERROR, "storage-full": Tone.ERROR}


def _row(instance: Instance) -> list[CellValue]:
    tone = Tone.PLAIN if instance.speaks_postgres else Tone.DIM
    engine = f"{instance.engine} {instance.engine_version or ''}".rstrip()
    public: CellValue = Absent.UNKNOWN
    if instance.public is not None:
        public = "yes" if instance.public else "no"
    endpoint: CellValue = Absent.BLANK
    if instance.host is not None:
        endpoint = f"{instance.host}:{instance.port}"
    status_tone = _TONES.get(instance.status, Tone.WARNING)
    return [
        Cell(instance.identifier, tone),
        Cell(instance.status, status_tone),
        Cell(engine, tone),
        instance.instance_class or Absent.UNKNOWN,
        public,
        endpoint,
    ]


def _yes_no(value: bool | None) -> str:
    return "unknown" if value is None else ("yes" if value else "no")


def instance_text(instance: Instance) -> str:
    """Everything that is known of an instance, for reading and copying."""
    address = f"{instance.host}:{instance.port}" if instance.host else "none yet"
    storage = "unknown" if instance.storage_gib is None else f"{instance.storage_gib} GiB"
    if instance.storage_gib is None and instance.cluster:
        storage = "of its cluster"
    if instance.backup_days is None:
        backups = "unknown"
    else:
        backups = f"{instance.backup_days} days" if instance.backup_days else "off"
    created = instance.created.isoformat(timespec="seconds") if instance.created else "unknown"
    pairs = {
        "Identifier": instance.identifier,
        "Status": instance.status,
        "Engine": f"{instance.engine} {instance.engine_version or ''}".rstrip(),
        "Endpoint": address,
        "Master user": instance.master_user or "unknown",
        "Database": instance.database or "none beside postgres",
        "Class": instance.instance_class or "unknown",
        "Storage": f"{storage} {instance.storage_type or ''}".rstrip(),
        "Encrypted": _yes_no(instance.encrypted),
        "Public access": _yes_no(instance.public),
        "IAM login": _yes_no(instance.iam_auth),
        "Deletion protection": _yes_no(instance.deletion_protection),
        "Automated backups": backups,
        "Security groups": ", ".join(instance.security_groups) or "none",
        "VPC": instance.vpc_id or "unknown",
        "Availability zone": instance.availability_zone or "unknown",
        "Cluster": instance.cluster or "none",
        "Replica of": instance.replica_of or "none",
        "Created": created,
        "ARN": instance.arn or "unknown",
    }
    return "\n".join(f"{name:<20} {value}" for name, value in pairs.items())
