"""The chooser of connections without its widgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.connecting.browser import ConnectionsBrowser
from tui.panes.sql.connecting.connected import Known
from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.panes.sql.connecting.warehouses import ask_way, warehouse_line
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Cluster, ConnectInfo, Instance, InstancesPage
from tui.services.redshift import Warehouse
from tui.services.sql import Auth, DatabaseTarget, Rules, Secrets
from tui.services.sql.connecting.saved import SavedConnections
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choose

KNOWN = (DatabaseTarget("postgres://h/app", {"host": "h", "dbname": "app"}), Secrets())
DENIED = ServiceError(
    "Could not list the DB clusters.",
    cause="AccessDenied: no (request 1)",
    hint="These credentials need the permission rds:DescribeDBClusters.",
    kind=ErrorKind.DENIED,
)


def cluster(identifier: str, reader_host: str | None = None) -> Cluster:
    return Cluster(
        identifier,
        "aurora-postgresql",
        "16.4",
        "available",
        (),
        None,
        None,
        host=f"{identifier}.example",
        reader_host=reader_host,
        port=5432,
    )


class Rds:
    """Answers as the service does."""

    def __init__(self) -> None:
        self.instances: list[Instance] = [
            instance("one"),
            instance("two", "creating", Endpoint=None),
            instance("three", Engine="mysql"),
        ]
        self.clusters: list[Cluster] = [cluster("c"), cluster("d", reader_host="d-ro.example")]
        self.refuses_clusters = False
        self.fails: ServiceError | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def list_instances(self) -> AsyncIterator[InstancesPage]:
        await self.may_answer.wait()
        if self.fails:
            raise self.fails
        for each in self.instances:
            yield InstancesPage((each,), None)

    async def list_clusters(self) -> AsyncIterator[tuple[Cluster, ...]]:
        if self.fails or self.refuses_clusters:
            raise self.fails or DENIED
        yield tuple(self.clusters)

    def connect_info(self, instance: Instance) -> ConnectInfo:
        if instance.host is None:
            raise ServiceError("no endpoint")
        return _info(instance.identifier, instance.host)

    def cluster_connect_info(self, cluster: Cluster, *, reader: bool = False) -> ConnectInfo:
        return _info(cluster.identifier, (cluster.reader_host if reader else cluster.host) or "")


def _info(identifier: str, host: str) -> ConnectInfo:
    return ConnectInfo(
        identifier, host, 5432, "shop", "anna", iam_possible=False, sslmode="require"
    )


class Redshift:
    """Has what it is given."""

    def __init__(self) -> None:
        self.clusters: list[Warehouse] = []
        self.fails: ServiceError | None = None

    async def list_clusters(self) -> AsyncIterator[tuple[Warehouse, ...]]:
        if self.fails:
            raise self.fails
        yield tuple(self.clusters)

    async def list_workgroups(self) -> AsyncIterator[tuple[Warehouse, ...]]:
        host = "reports.1.eu-west-1.redshift-serverless.amazonaws.com"
        if self.clusters:
            yield (Warehouse("reports", True, "AVAILABLE", host, 5439, "sales", None, None),)


class Chooser:
    """A browser with what is behind it."""

    def __init__(self, path: Path) -> None:
        self.rds, self.redshift = Rds(), Redshift()
        self.saved = SavedConnections(path / "connections.json")
        self.changes = 0
        self.services: Any = SimpleNamespace(
            saved_connections=self.saved,
            rds=self.rds,
            redshift=self.redshift,
            account=SimpleNamespace(
                target=SimpleNamespace(region="eu-west-1"), endpoint=None, is_sandbox=False
            ),
        )
        self.browser = self.make(open_now=[KNOWN])

    def make(self, open_now: list[Known]) -> ConnectionsBrowser:
        services = cast("Services", self.services)
        return ConnectionsBrowser(
            services, open_now=open_now, recent=open_now, changed=self._changed
        )

    def _changed(self) -> None:
        self.changes += 1

    @property
    def shown(self) -> list[tuple[LineGroup, str]]:
        return [each.key for each in self.browser.lines]


@pytest.fixture
def chooser(tmp_path: Path) -> Chooser:
    return Chooser(tmp_path)


async def test_what_is_known_is_there_at_once_and_the_rest_follows_in_groups(
    chooser: Chooser,
) -> None:
    assert chooser.shown == [(LineGroup.OPEN, "app")]
    chooser.saved.add("prod", KNOWN[0])
    chooser.rds.may_answer.clear()
    account = asyncio.ensure_future(chooser.browser.read_account())
    await chooser.browser.read_local()
    assert chooser.shown[:2] == [(LineGroup.OPEN, "app"), (LineGroup.SAVED, "prod")]
    assert "looking at RDS in eu-west-1…" in chooser.browser.state
    chooser.rds.may_answer.set()
    await account
    assert chooser.shown[2:] == [
        (LineGroup.INSTANCE, "one"),
        (LineGroup.INSTANCE, "two"),
        (LineGroup.CLUSTER, "c (writer)"),
        (LineGroup.CLUSTER, "d (writer)"),
        (LineGroup.CLUSTER, "d (readers)"),
    ]
    assert chooser.browser.state == "7 connections"
    assert chooser.browser.problems == []


async def test_an_instance_that_is_being_created_can_be_waited_for(chooser: Chooser) -> None:
    await chooser.browser.read_account()
    line = next(each for each in chooser.browser.lines if each.name == "two")
    assert (line.target, line.can_be_chosen, line.status) == (None, True, "creating")


async def test_what_is_denied_is_said_in_a_line_and_hides_nothing(chooser: Chooser) -> None:
    chooser.rds.refuses_clusters = True
    await chooser.browser.read_account()
    await chooser.browser.read_local()
    assert (LineGroup.INSTANCE, "one") in chooser.shown
    assert chooser.browser.problems == [
        "Aurora clusters are not listed: These credentials need the permission "
        "rds:DescribeDBClusters."
    ]
    await chooser.browser.read_account()
    assert len(chooser.browser.problems) == 1


async def test_what_keeps_both_from_being_listed_is_said_once(chooser: Chooser) -> None:
    chooser.rds.fails = ServiceError("Could not list.", cause="Unable to locate credentials")
    await chooser.browser.read_account()
    assert chooser.browser.problems == [
        "RDS instances and Aurora clusters are not listed: Unable to locate credentials"
    ]


@pytest.mark.parametrize(("text", "name"), [("", "alpha"), ("prod", "prod"), ("me", "home")])
async def test_the_cursor_begins_where_the_name_fits_best(
    chooser: Chooser, text: str, name: str
) -> None:
    path = chooser.saved.path
    path.write_text('{"connections": {"a": 5}}')
    marked = DatabaseTarget("", {"user": "me"}, rules=Rules(production=True))
    for each in ("alpha", "home", "prod"):
        chooser.saved.add(each, marked)
    chooser.browser = chooser.make(open_now=[])
    await chooser.browser.read_local()
    await chooser.browser.look_for(text)
    assert chooser.browser.lines[chooser.browser.first].name == name


async def test_a_damaged_file_is_said_and_the_others_are_there(chooser: Chooser) -> None:
    chooser.saved.path.write_text("{")
    await chooser.browser.read_local()
    await chooser.browser.read_account()
    assert chooser.browser.problems[0].startswith("The saved connections cannot be read.")
    assert str(chooser.saved.path) in chooser.browser.problems[0]
    assert (LineGroup.INSTANCE, "one") in chooser.shown


async def test_words_filter_what_is_shown(chooser: Chooser) -> None:
    await chooser.browser.read_account()
    await chooser.browser.look_for("aurora READERS")
    assert chooser.shown == [(LineGroup.CLUSTER, "d (readers)")]
    await chooser.browser.look_for("nothing like it")
    assert (chooser.shown, chooser.browser.state) == ([], "no connection with these words")
    await chooser.browser.look_for("")
    assert len(chooser.shown) == 6


async def test_a_connection_that_is_typed_stands_alone(chooser: Chooser) -> None:
    await chooser.browser.look_for("psql -h db.example.com -U me app")
    (line,) = chooser.browser.lines
    assert (line.group, line.where) == (LineGroup.GIVEN, "me@db.example.com/app")
    assert chooser.browser.state == "Enter connects to what was typed"


async def test_what_cannot_be_read_is_said_and_not_repeated(chooser: Chooser) -> None:
    await chooser.browser.look_for("postgresql://me:hunter2/x@h/app")
    assert chooser.shown == []
    assert chooser.browser.state == "This is not a PostgreSQL connection URL."


async def test_marks_of_a_saved_connection_are_shown(chooser: Chooser) -> None:
    chooser.saved.add("prod", DatabaseTarget("prod", rules=Rules(production=True, read_only=True)))
    await chooser.browser.read_local()
    assert chooser.browser.lines[1].marks == "PRODUCTION · READ ONLY"


@pytest.mark.parametrize("is_local_first", [True, False])
async def test_what_leads_to_a_saved_place_shows_its_marks_in_whichever_order_it_was_read(
    chooser: Chooser, is_local_first: bool
) -> None:
    target = DatabaseTarget("", {"host": "c.example"}, rules=Rules(production=True))
    chooser.saved.add("prod", target)
    browser = chooser.browser
    first, second = browser.read_local(), browser.read_account()
    for work in (first, second) if is_local_first else (second, first):
        await work
    marked = [each.name for each in browser.lines if each.marks.startswith("PRODUCTION")]
    assert marked == ["prod", "c (writer)"]
    await browser.look_for("postgresql://ada@c.example/shop")
    (line,) = browser.lines
    assert line.marks.startswith("PRODUCTION")
    assert line.target is not None
    assert not line.target.rules.production  # it is said once it is connected to


async def test_a_key_makes_no_line_anew(chooser: Chooser, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("prod", "Product"):
        chooser.saved.add(name, KNOWN[0])
    await chooser.browser.read_local()
    monkeypatch.setattr(ConnectionLine, "where", property(lambda line: pytest.fail(line.name)))
    await chooser.browser.look_for("PRODU")
    assert chooser.shown == [(LineGroup.SAVED, "Product")]
    await chooser.browser.look_for("o")
    assert chooser.browser.first == next(
        at for at, each in enumerate(chooser.browser.lines) if "o" in each.name.casefold()
    )


async def test_redshift_is_listed_with_its_status_and_where_it_leads(chooser: Chooser) -> None:
    host = "wh.c0ffee.eu-west-1.redshift.amazonaws.com"
    chooser.redshift.clusters = [
        Warehouse("wh", False, "available", host, 5439, "shop", "ada", None),
        Warehouse("asleep", False, "paused", None, None, "shop", "ada", None),
    ]
    await chooser.browser.read_account()
    lines = {each.name: each for each in chooser.browser.lines if each.group is LineGroup.REDSHIFT}
    assert lines["wh"].where == f"ada@{host}:5439/shop"
    assert (lines["wh"].status, lines["asleep"].status) == ("available", "paused")
    assert not lines["asleep"].can_be_chosen
    assert lines["reports"].status == "available · serverless"
    target = lines["reports"].target
    assert target is not None
    assert (target.user, target.parameters["sslmode"]) == ("", "require")

    chooser.redshift.fails = ServiceError(
        "Could not list.",
        hint="These credentials need the permission redshift:DescribeClusters.",
        kind=ErrorKind.DENIED,
    )
    await chooser.browser.read_account()
    (said,) = chooser.browser.problems
    assert said.startswith("Redshift clusters are not listed: These credentials need")
    chooser.services.account.endpoint = "http://localhost:4566"
    chooser.redshift.fails = ServiceError("Could not list.", kind=ErrorKind.OTHER)
    await chooser.browser.read_account()
    assert chooser.browser.problems == []


class Asked:
    """A host that is asked, and answers with the key of a choice."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.keys: list[str | None] = []

    async def ask(self, dialog: Choose[DatabaseTarget], **_: object) -> DatabaseTarget | None:
        self.keys = [each.key for each in dialog.choices]
        return next(each.value for each in dialog.choices if each.key == self.key)


@pytest.mark.parametrize(
    ("key", "serverless", "auth", "user", "keys"),
    [
        ("p", False, Auth.PASSWORD, "ada", ["s", "p", "t", "i"]),
        ("t", False, Auth.IAM, "ada", ["s", "p", "t", "i"]),
        ("i", False, Auth.IAM, "", ["s", "p", "t", "i"]),
        ("i", True, Auth.IAM, "", ["s", "p", "i"]),
        ("s", True, Auth.PASSWORD, "ada", ["s", "p", "i"]),
    ],
)
async def test_redshift_is_logged_in_to_with_a_password_a_secret_or_temporary_credentials(
    key: str, serverless: bool, auth: Auth, user: str, keys: list[str]
) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:1:secret:wh"
    host = "wh.c0ffee.eu-west-1.redshift.amazonaws.com"
    warehouse = Warehouse("wh", serverless, "available", host, 5439, "shop", "ada", None, arn)
    line = warehouse_line(warehouse, sslmode="require")
    assert line.target is not None
    asked = Asked(key)
    target = await ask_way(cast("CommandHost", asked), warehouse, line.target)
    assert target is not None
    assert asked.keys == keys
    assert (target.auth, target.user) == (auth, user)
    assert (target.secret.name == arn) == (key == "s")
