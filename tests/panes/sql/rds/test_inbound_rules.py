"""Rules seen and removed, by keyboard."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.driver import screen_text
from tests.panes.sql.rds.harness import HostApp, see, until
from tui.panes.sql.rds.inbound import question, see_inbound
from tui.panes.sql.rds.inbound_form import InboundForm
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance, SecurityGroup

SIZE = (120, 40)
OURS = InboundRule("sg-1", "tcp", 5432, 5432, "0.0.0.0/0", "PostgreSQL, opened with Tristore")
THEIRS = InboundRule("sg-1", "tcp", 5000, 6000, "198.51.100.0/24", "[/] office")
OTHER_PORT = InboundRule("sg-1", "tcp", 22, 22, "192.0.2.0/24", "ssh")


class Group:
    """Stands for the service: a rule removed from the shared sandbox would be missed by others."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch, *rules: Any) -> None:
        self.rules = list(rules)
        self.problem: ServiceError | None = None
        monkeypatch.setattr(services.rds.security_groups, "of", self.read)
        monkeypatch.setattr(services.rds.security_groups, "remove", self.close)

    async def read(self, instance: Instance) -> tuple[SecurityGroup, ...]:
        return (SecurityGroup("sg-1", "default", "", None, tuple(self.rules)),)

    async def close(self, rule: InboundRule) -> bool:
        if self.problem is not None:
            raise self.problem
        self.rules.remove(rule)
        return True


async def begin(app: HostApp, services: Services) -> None:
    found = await services.rds.describe("tutorial-db")
    instance = dataclasses.replace(found, port=5432)
    app.pane.start(see_inbound(app.pane, services, instance), group="test")


async def test_a_rule_for_everybody_is_found_and_removed_after_a_question(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group(services, monkeypatch, OURS, THEIRS, OTHER_PORT)
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await begin(app, services)
        shown = await see(pilot, "Who may connect to port 5432")
        assert "0.0.0.0/0" in shown
        assert "added with Tristore" in shown
        assert "[/] office" in shown
        assert "192.0.2.0/24" not in shown
        await pilot.press("down", "enter")
        await see(pilot, "Remove this rule?")
        await pilot.press("enter")  # Cancel has the focus
        await see(pilot, "Who may connect to port 5432")
        assert group.rules == [OURS, THEIRS, OTHER_PORT]
        await pilot.press("down", "enter")
        await see(pilot, "Remove this rule?")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: group.rules == [THEIRS, OTHER_PORT])
        await see(pilot, "no longer lets in 0.0.0.0/0")
        shown = await see(pilot, "Who may connect to port 5432")
        assert "Remove 0.0.0.0/0" not in shown


async def test_enter_on_the_list_as_it_opens_leads_to_the_form_that_adds(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    Group(services, monkeypatch, OURS)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, services)
        await see(pilot, "Let another address in")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, InboundForm))


async def test_without_a_rule_for_the_port_the_form_opens_at_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    Group(services, monkeypatch, OTHER_PORT)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, services)
        await until(pilot, lambda: isinstance(app.screen, InboundForm))


async def test_a_refused_removal_is_said_and_removes_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group(services, monkeypatch, OURS)
    group.problem = ServiceError("Could not remove it.", kind=ErrorKind.DENIED)
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await begin(app, services)
        await see(pilot, "Who may connect to port 5432")
        await pilot.press("down", "enter")
        await see(pilot, "Remove this rule?")
        await pilot.press("tab", "enter")
        await see(pilot, "Could not remove it.")
        assert "Remove this rule?" not in screen_text(app)
    assert group.rules == [OURS]


async def test_the_question_says_what_else_the_rule_is_for(services: Services) -> None:
    instance = await services.rds.describe("tutorial-db")

    assert "It was added with Tristore." in question(instance, OURS)
    assert "more than the port" not in question(instance, OURS)
    theirs = question(instance, THEIRS)
    assert "not added with Tristore" in theirs
    assert "[/] office" in theirs
    assert "This rule is about more than the port of tutorial-db." in theirs
