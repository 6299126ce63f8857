"""What can be done about a refusal, done on real parts; the answers to its questions are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from textual.screen import Screen

from tests.conftest import sandbox_account
from tests.panes.sql.runners import services_of
from tests.services.rds.instances import delete_instance
from tui.panes.sql.connecting.refused.conclusion import Fix
from tui.panes.sql.connecting.refused.dialog import RefusedDialog
from tui.panes.sql.connecting.refused.explaining import explain, is_no_typing_error
from tui.panes.sql.rds.inbound_form import InboundForm, Opening
from tui.panes.sql.rds.known import InstanceWatch
from tui.panes.sql.rds.progress import ProgressDialog
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds.waiting import AVAILABLE, Goal
from tui.services.sql import (
    Auth,
    ConnectError,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    from_url,
)
from tui.services.sql.connecting.bundle import Bundle
from tui.widgets.dialogs.dialogs import AskText, Choose, Confirm
from tui.widgets.text.value_viewer import ValueViewer


class ScriptedPane:
    """Looks as long as a dialog would be open, and answers each question with the next answer."""

    def __init__(self, services: Services, *answers: Any) -> None:
        self.services = services
        self.answers = list(answers)
        self.asked: list[Screen[Any]] = []
        self.said: list[str] = []
        self.copied: list[str] = []
        self.is_read_only = services.account.read_only
        self.app = SimpleNamespace(
            copy_to_clipboard=self.copied.append, notify=lambda *_, **__: None
        )
        self.watched: list[InstanceWatch] = []
        self.rds = SimpleNamespace(watch=self._watch)

    def _watch(self, name: str, goal: Goal = AVAILABLE) -> InstanceWatch:
        self.watched.append(InstanceWatch(name, self.services.account.target, goal))
        return self.watched[-1]

    async def ask(self, dialog: Screen[Any], **_: object) -> Any:
        self.asked.append(dialog)
        if isinstance(dialog, RefusedDialog) and dialog.diagnosis.conclusion is None:
            await dialog.diagnosis.run()
        return self.answers.pop(0)

    def say(self, text: str, **_: object) -> None:
        self.said.append(text)

    async def explained(
        self, target: DatabaseTarget, error: ServiceError, secrets: Secrets | None = None
    ) -> tuple[DatabaseTarget, Secrets]:
        return await explain(cast("RdsPane", self), (target, secrets or Secrets()), error)


@pytest.fixture
def services(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Services]:
    services = services_of(account, audit, tmp_path)
    yield services
    services.close()


TARGET, KNOWN = from_url("postgresql://anna:hunter2@127.0.0.1:1/shop")
CLOSED = ConnectError("Not connected.", Refusal.PORT_CLOSED, cause="Connection refused")
WRONG = PasswordNeededError("No.", cause="password authentication failed")
NO_TLS = ConnectError("No.", Refusal.TLS_REFUSED, cause="server does not support SSL")


async def test_left_the_error_is_raised_with_the_cause_that_was_found(services: Services) -> None:
    pane = ScriptedPane(services, None)
    with pytest.raises(ServiceError) as raised:
        await pane.explained(TARGET, CLOSED)
    assert raised.value.message == "Not connected."
    assert raised.value.cause == "Connection refused"
    assert "Nothing listens at 127.0.0.1:1" in raised.value.hint


@pytest.mark.parametrize(
    "error",
    [
        PasswordNeededError("Give one.", Refusal.NO_PASSWORD),
        ServiceError("Not asked.", kind=ErrorKind.READ_ONLY),
    ],
)
async def test_what_no_server_refused_is_not_explained(
    services: Services, error: ServiceError
) -> None:
    pane = ScriptedPane(services)
    with pytest.raises(ServiceError) as raised:
        await pane.explained(TARGET, error)
    assert raised.value is error
    assert not pane.asked


async def test_a_fix_that_is_left_leads_back_to_the_same_explanation(services: Services) -> None:
    pane = ScriptedPane(services, Fix.PASSWORD, None, Fix.EDIT, None, Fix.RETRY)
    assert await pane.explained(TARGET, WRONG, KNOWN) == (TARGET, KNOWN)
    first, _, second, _, third = pane.asked
    assert isinstance(first, RefusedDialog)
    assert isinstance(second, RefusedDialog)
    assert isinstance(third, RefusedDialog)
    assert first.diagnosis is second.diagnosis is third.diagnosis


async def test_another_password_is_typed_unseen_and_goes_with_the_next_attempt(
    services: Services,
) -> None:
    pane = ScriptedPane(services, Fix.PASSWORD, "hunter3")
    target, secrets = await pane.explained(TARGET, WRONG, KNOWN)
    assert isinstance(pane.asked[1], AskText)
    assert pane.asked[1].secret
    assert target.auth is Auth.PASSWORD
    assert secrets.reveal()["password"] == "hunter3"
    assert "hunter" not in repr((target, secrets))


PAM = PasswordNeededError("No.", cause='PAM authentication failed for user "anna"')
AT_RDS = replace(TARGET, instance="demo")


@pytest.mark.parametrize(
    ("error", "target", "typed", "explained"),
    [
        (WRONG, TARGET, 0, False),
        (WRONG, TARGET, 1, False),
        (WRONG, TARGET, 2, True),
        (PAM, TARGET, 0, False),
        (PAM, AT_RDS, 0, True),
        (PasswordNeededError("Give one.", Refusal.NO_PASSWORD), TARGET, 9, False),
        (PasswordNeededError("Asked before anything is sent."), AT_RDS, 9, False),
    ],
)
def test_a_password_is_asked_for_again_until_that_is_no_help(
    error: PasswordNeededError, target: DatabaseTarget, typed: int, explained: bool
) -> None:
    assert is_no_typing_error(error, target, typed) is explained


async def test_the_url_is_changed_without_showing_the_password(services: Services) -> None:
    typed = "postgresql://anna@127.0.0.1:1/other"
    pane = ScriptedPane(services, Fix.EDIT, typed)
    target, secrets = await pane.explained(TARGET, CLOSED, KNOWN)
    assert isinstance(pane.asked[1], AskText)
    assert "hunter2" not in pane.asked[1].value
    assert target.parameters["dbname"] == "other"
    assert secrets is KNOWN
    pane = ScriptedPane(services, Fix.EDIT, "not a url", None)
    with pytest.raises(ServiceError):
        await pane.explained(TARGET, CLOSED, KNOWN)
    assert "not a PostgreSQL connection URL" in pane.said[0]


async def test_encryption_is_given_up_only_after_a_question(services: Services) -> None:
    pane = ScriptedPane(services, Fix.PLAIN, False, Fix.PLAIN, True)
    target, _ = await pane.explained(TARGET, NO_TLS)
    assert target.parameters["sslmode"] == "disable"
    assert isinstance(pane.asked[1], Confirm)
    assert "can be read and changed" in str(pane.asked[1].body)
    pane = ScriptedPane(services, Fix.TLS)
    target, _ = await pane.explained(TARGET, ConnectError("No.", Refusal.TLS_REQUIRED))
    assert target.parameters["sslmode"] == "require"


async def test_a_token_takes_the_place_of_the_password(services: Services) -> None:
    pane = ScriptedPane(services, Fix.TOKEN)
    target, secrets = await pane.explained(TARGET, WRONG, KNOWN)
    assert (target.auth, target.parameters["sslmode"]) == (Auth.IAM, "require")
    assert not secrets


async def test_an_ssh_host_is_checked_and_then_gone_through(services: Services) -> None:
    pane = ScriptedPane(services, Fix.TUNNEL, "ops@bastion:2222")
    target, secrets = await pane.explained(TARGET, CLOSED, KNOWN)
    assert target.tunnel == "ops@bastion:2222"
    assert secrets is KNOWN
    question = pane.asked[1]
    assert isinstance(question, AskText)
    assert question.check is not None
    assert not question.check("bastion")
    assert question.check("-oProxyCommand=x")
    # The next refusal on that way says so, and looks at nothing that is not on it.
    pane = ScriptedPane(services, Fix.RETRY)
    await pane.explained(target, CLOSED)
    shown = pane.asked[0]
    assert isinstance(shown, RefusedDialog)
    assert "through the ssh host ops@bastion:2222" in shown.report


async def test_the_root_certificates_are_fetched_and_named(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetched() -> Bundle:
        return Bundle(Path("/kept/bundle.pem"), 9, "0")

    # The real ones are on the internet, where no test goes.
    monkeypatch.setattr(services.sql, "fetch_bundle", fetched)
    pane = ScriptedPane(services, Fix.BUNDLE)
    target, _ = await pane.explained(TARGET, ConnectError("No.", Refusal.NO_ROOT_CERTIFICATE))
    assert target.parameters["sslrootcert"] == "/kept/bundle.pem"
    assert "9 root certificates" in pane.said[-1]


async def test_the_grant_is_copied_and_the_explanation_stays(
    services: Services, sandbox: SandboxInfo
) -> None:
    port = urlsplit(sandbox.postgres).port
    target, _ = from_url(f"postgresql://a%22b@127.0.0.1:{port}/shop")
    refused = ConnectError("No.", Refusal.IAM_NOT_GRANTED)
    pane = ScriptedPane(services, Fix.GRANT, None)
    with pytest.raises(ServiceError):
        await pane.explained(target, refused)
    assert pane.copied == ['GRANT rds_iam TO "a""b";']
    assert all(isinstance(each, RefusedDialog) for each in pane.asked)


async def test_a_database_is_chosen_from_those_of_the_server(
    services: Services, sandbox: SandboxInfo
) -> None:
    target, secrets = from_url(sandbox.postgres)
    refused = ConnectError("No.", Refusal.NO_SUCH_DATABASE, cause='database "x" does not exist')
    pane = ScriptedPane(services, Fix.DATABASES, "tutorial")
    found, _ = await pane.explained(target, refused, secrets)
    question = pane.asked[1]
    assert isinstance(question, Choose)
    assert {"postgres", "tutorial"} <= {each.value for each in question.choices}
    assert "template0" not in {each.value for each in question.choices}
    assert found.parameters["dbname"] == "tutorial"
    pane = ScriptedPane(services, Fix.DATABASES, None)
    with pytest.raises(ServiceError):
        await pane.explained(TARGET, refused)
    assert "Could not connect" in pane.said[0]


async def test_who_holds_the_connections_is_seen_through_a_session_that_is_open(
    services: Services, sandbox: SandboxInfo
) -> None:
    target, secrets = from_url(sandbox.postgres)
    full = ConnectError("No.", Refusal.TOO_MANY_CONNECTIONS)
    session = await services.sql.connect(target, secrets)
    pane = ScriptedPane(services, Fix.HOLDERS, None, Fix.RETRY)
    await pane.explained(target, full)
    shown = pane.asked[1]
    assert isinstance(shown, ValueViewer)
    assert "max_connections" in shown.value
    assert "tristore" in shown.value
    session.close()
    pane = ScriptedPane(services, Fix.HOLDERS, None)
    with pytest.raises(ServiceError):
        await pane.explained(target, full)
    assert "closed by now" in pane.said[0]


# -- changes in the account ---------------------------------------------------------------------

SILENT = ConnectError("No.", Refusal.NO_ANSWER, cause="timeout expired")
SEEDED = DatabaseTarget("x", {"host": "127.0.0.1", "port": "1"}, instance="tutorial-db")


async def test_a_rule_is_added_and_the_connection_tried_again(services: Services) -> None:
    groups = (await services.rds.describe("tutorial-db")).security_groups
    opening = Opening(("203.0.113.7/32",), groups[0], anywhere=False)
    pane = ScriptedPane(services, Fix.RULE, None, Fix.RULE, opening)
    assert (await pane.explained(SEEDED, SILENT, KNOWN)) == (SEEDED, KNOWN)
    assert isinstance(pane.asked[1], InboundForm)
    rules = await services.rds.security_groups.of(await services.rds.describe("tutorial-db"))
    assert "203.0.113.7/32" in {each.source for group in rules for each in group.rules}


@pytest.fixture
def inner(services: Services) -> Iterator[DatabaseTarget]:
    """An instance of an engine that has no server here, so that it is there at once."""
    rds: Any = services.account.connection.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="inner",
        Engine="mysql",
        DBInstanceClass="db.t3.micro",
        MasterUsername="anna",
        MasterUserPassword="hunter2222",
        AllocatedStorage=20,
        PubliclyAccessible=False,
    )
    yield replace(SEEDED, instance="inner")
    delete_instance(services.account, "inner")


async def test_an_instance_is_made_public_only_after_a_question(
    services: Services, inner: DatabaseTarget
) -> None:
    there = await services.rds.describe("inner")
    assert there.public is False
    pane = ScriptedPane(services, Fix.PUBLIC, False, Fix.PUBLIC, True, there)
    assert (await pane.explained(inner, SILENT))[0] == inner
    assert (await services.rds.describe("inner")).public
    assert isinstance(pane.asked[1], Confirm)
    assert pane.asked[1].danger
    assert isinstance(pane.asked[-1], ProgressDialog)


async def test_a_stopped_instance_is_started_after_a_question_and_waited_for(
    services: Services, inner: DatabaseTarget
) -> None:
    services.account.connection.client("rds").stop_db_instance(DBInstanceIdentifier="inner")
    there = await services.rds.describe("inner")
    assert there.status == "stopped"
    pane = ScriptedPane(services, Fix.START, False, Fix.START, True, there)
    assert (await pane.explained(inner, SILENT))[0] == inner
    shown = pane.asked[0]
    assert isinstance(shown, RefusedDialog)
    assert "The RDS instance inner is stopped." in shown.report
    assert (await services.rds.describe("inner")).status == "available"
    assert isinstance(pane.asked[-1], ProgressDialog)


@pytest.mark.parametrize("fix", [Fix.RULE, Fix.START, Fix.PUBLIC])
async def test_read_only_mode_changes_nothing(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, fix: Fix
) -> None:
    services = services_of(sandbox_account(sandbox, audit, read_only=True), audit, tmp_path)
    pane = ScriptedPane(services, fix, None)
    with pytest.raises(ServiceError):
        await pane.explained(SEEDED, SILENT)
    assert "Read-only mode" in pane.said[0]
    assert len(pane.asked) == 2
    services.close()
