"""The ways to an RDS instance: create one, wait for it, let yourself in, connect; or pick one that
exists."""

from __future__ import annotations

from enum import Enum

from tui.panes.sql.connecting.passwords import offer_to_keep
from tui.panes.sql.rds.billing import account_and_region, costs, creation_plan, priced
from tui.panes.sql.rds.create_form import AskedFor, CreateInstanceForm, form_values
from tui.panes.sql.rds.inbound import open_inbound
from tui.panes.sql.rds.instances_dialog import InstancesDialog
from tui.panes.sql.rds.passwords import GENERATED, PasswordDialog
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.panes.sql.rds.power import cluster_question
from tui.panes.sql.rds.progress import ProgressDialog
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.aws import Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo, Instance
from tui.services.rds.changes import creation
from tui.services.rds.states import Action
from tui.services.rds.waiting import AVAILABLE, STARTED, Goal
from tui.services.sql import PasswordNeededError, Secrets, SecretSource, SecretStore
from tui.services.sql.connecting.stores import entry_name
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm


async def create(pane: RdsPane) -> None:
    """From an empty form to a connection. What is typed is never lost to a failure."""
    if pane.is_read_only:
        raise ServiceError(
            "Read-only mode: no instance is created.",
            hint="Start without --read-only, or with a profile that is not marked read-only.",
            kind=ErrorKind.READ_ONLY,
        )
    instance = await _ask_and_create(pane)
    if instance is None:
        return
    available = await wait(pane, instance.identifier)
    if available is None:
        return
    if await offer_inbound(pane, available):
        await connect(pane, available)


async def _ask_and_create(pane: RdsPane) -> Instance | None:
    services = pane.services
    values: dict[str, str] = {}
    problem = ""
    while True:
        asked = await pane.ask(CreateInstanceForm(services, values, problem), follows=True)
        if asked is None:
            return None
        new, values, problem = asked.new, form_values(asked), ""
        where = await account_and_region(services.account)
        shown = services.account.target
        billed = costs(services.account, new, await priced(services, new))
        plan = RdsPlanDialog(
            "Create this instance?",
            creation_plan(new, where, billed, asked.way),
            yes="Create",
            target=shown,
            operation="CreateDBInstance",
            request={**creation(new)},
        )
        if not await pane.ask(plan, follows=True):
            continue
        if services.account.target != shown:
            problem = "The account or region was switched meanwhile; look at it again."
            continue
        try:
            instance = await services.rds.create_instance(new)
        except ServiceError as error:
            problem = str(error)
            if error.kind is ErrorKind.UNKNOWN:
                # It may be there, with this password.
                await _keep_password(pane, asked, shown)
            continue
        await _keep_password(pane, asked, shown)
        if services.account.target != shown:
            raise ServiceError(f"{instance.identifier} is being created in {where}; you left it.")
        return instance


async def _keep_password(pane: RdsPane, asked: AskedFor, target: Target) -> None:
    """Keep the password for this run; one that was generated is offered to be kept elsewhere."""
    new = asked.new
    if new.managed:
        return
    pane.rds.remember(new.stored_identifier, new.password, target)
    if asked.way == GENERATED:
        dialog = PasswordDialog(new.stored_identifier, new.master_user, new.password)
        await pane.ask(dialog, follows=True)


async def wait(pane: RdsPane, identifier: str, goal: Goal = AVAILABLE) -> Instance | None:
    """Show the waiting; None if it was hidden (it goes on) or has failed (which was shown)."""
    return await pane.ask(ProgressDialog(pane.rds.watch(identifier, goal)), follows=True)


async def offer_inbound(pane: RdsPane, instance: Instance) -> bool:
    """Offer a rule for the instance's port; whether to go on and connect.

    Leaving the form leads back to the choice: nobody has said yet to connect, which would end
    what the pane is connected to.
    """
    reach = (
        "The security group decides which addresses may connect."
        if instance.public
        else "It has no public access: a rule alone does not make it reachable from outside its "
        "VPC."
    )
    while True:
        answer = await pane.ask(
            Choose(
                f"{instance.identifier} is available",
                [
                    Choice("connect", "Connect now", key="c"),
                    Choice("rule", "Add an inbound rule first", key="w"),
                ],
                body=reach,
                current=1,
            ),
            follows=lambda answer: answer == "rule",
        )
        if answer != "rule":
            return answer is not None
        if await open_inbound(pane, pane.services, instance) is not None:
            return True


async def browse(pane: RdsPane) -> None:
    """Pick an instance and connect to it, or create one."""
    picked = await pane.ask(InstancesDialog(pane.services, pane.rds), follows=True)
    if picked is None:
        return
    if picked.instance is None:
        await create(pane)
        return
    await go_to(pane, picked.instance)


async def go_to(pane: RdsPane, picked: Instance) -> None:
    """Connect to an instance; one that is stopped is started first, if the user agrees, and one
    that is not available is waited for."""
    instance: Instance | None = picked
    goal = AVAILABLE
    if picked.status == "stopped":
        if not await start(pane, picked):
            return
        goal = STARTED
    if not picked.available:
        instance = await wait(pane, picked.identifier, goal)
    if instance is not None:
        await connect(pane, instance)


async def start(pane: RdsPane, instance: Instance) -> bool:
    """Offer to start a stopped instance, of a member its whole cluster; whether it was asked to."""
    if instance.cluster:
        clusters = pane.services.rds.clusters
        cluster = await clusters.describe(instance.cluster)
        if not await pane.ask(cluster_question(Action.START, cluster), follows=True):
            return False
        await clusters.start(instance.cluster)
        return True
    question = Confirm(
        f"Start {instance.identifier}?",
        "It is stopped. AWS bills its hours again from when it starts.",
        yes="Start",
    )
    if not await pane.ask(question, follows=True):
        return False
    await pane.services.rds.lifecycle.start(instance.identifier)
    return True


async def connect(pane: RdsPane, instance: Instance) -> None:
    """Connect with the password of this run, with one that is asked for, or with an IAM token."""
    await connect_to(pane, pane.services.rds.connect_info(instance))


async def connect_to(pane: RdsPane, info: ConnectInfo) -> None:
    """The same for an endpoint, such as that of a cluster."""
    # A cluster may have the name of an instance.
    known = None if info.of_cluster else pane.rds.password_of(info.identifier)
    if known is not None:
        try:
            await pane.rds.connect(info, known)
        except ServiceError as error:
            if error.kind is not ErrorKind.CREDENTIALS:
                raise
            # It was changed elsewhere; the one kept here is no good any more.
            pane.rds.forget(info.identifier)
            pane.say(str(error), severity="warning")
        else:
            return
    ways = await _ways(pane, info)
    if len(ways) > 1:
        title = f"Connect to {info.identifier}"
        way = await pane.ask(Choose(title, ways), follows=lambda way: way == _Way.PASSWORD)
    else:
        way = _Way.PASSWORD
    if way is _Way.PASSWORD:
        await _connect_with_password(pane, info)
    elif way is _Way.IAM:
        await pane.rds.connect(info, None)
    elif way is not None:
        await _connect_with_kept(pane, info, way)


class _Way(Enum):
    """With what one logs in."""

    SECRET = "secret"  # noqa: S105 - the name of a way
    KEYRING = "keyring"
    PASSWORD = "password"  # noqa: S105 - the name of a way
    IAM = "iam"


async def _ways(pane: RdsPane, info: ConnectInfo) -> list[Choice[_Way]]:
    user = f"user {info.user}"
    ways = [Choice(_Way.PASSWORD, "With a password", user, key="p")]
    if entry_name(info.user, info.host, info.port) in await pane.services.sql.kept_names():
        ways.insert(0, Choice(_Way.KEYRING, "With the password in the keyring", user, key="k"))
    if info.secret_arn is not None:
        ways.insert(0, Choice(_Way.SECRET, "With its secret of Secrets Manager", user, key="s"))
    if info.iam_possible:
        ways.append(Choice(_Way.IAM, "With an IAM token", "needs rds-db:connect", key="i"))
    return ways


async def _connect_with_kept(pane: RdsPane, info: ConnectInfo, way: _Way) -> None:
    if way is _Way.SECRET:
        kept = SecretSource(SecretStore.SECRETS_MANAGER, info.secret_arn or "")
    else:
        kept = SecretSource(SecretStore.KEYRING, entry_name(info.user, info.host, info.port))
    try:
        await pane.rds.connect(info, None, kept=kept)
    except PasswordNeededError as error:
        # It was changed, or the keyring is locked.
        await _connect_with_password(pane, info, f"{error}\n")


async def _connect_with_password(pane: RdsPane, info: ConnectInfo, why: str = "") -> None:
    while True:
        password = await pane.ask(
            AskText(
                f"Connect to {info.identifier}",
                f"{why}Password of {info.user} at {info.host}:{info.port}",
                secret=True,
            )
        )
        if password is None:
            return
        try:
            is_good = await pane.rds.connect(info, password)
        except ServiceError as error:
            if error.kind is not ErrorKind.CREDENTIALS:
                raise
            why = f"{error.message}\n"
        else:
            if not is_good:
                return
            entry = entry_name(info.user, info.host, info.port)
            await offer_to_keep(pane, entry, Secrets().with_password(password))
            return
