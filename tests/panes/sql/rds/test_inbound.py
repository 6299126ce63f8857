"""Letting an address range in, by keyboard."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select

from tests.driver import screen_text
from tests.panes.sql.rds.harness import HostApp, driver_of, see, until
from tui.panes.sql.rds.inbound import open_inbound
from tui.panes.sql.rds.inbound_form import ANYWHERE, MINE, RANGE, InboundForm, rules_text
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance, PortOpened, SecurityGroup

SIZE = (120, 40)


class Recorder:
    """Stands for the service where a rule would stay in the shared sandbox."""

    def __init__(self, problem: ServiceError | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.problem = problem

    async def __call__(
        self, instance: Instance, sources: Any, *, group_id: str | None
    ) -> PortOpened:
        self.asked.append(tuple(sources))
        if self.problem is not None:
            raise self.problem
        return PortOpened(group_id or "", instance.port or 0, tuple(sources), ())


async def opened_form(pilot: Pilot[Any], services: Services, **changed: Any) -> InboundForm:
    """The form for the seeded instance, its rules read."""
    app = pilot.app
    assert isinstance(app, HostApp)
    instance = dataclasses.replace(await services.rds.describe("tutorial-db"), **changed)
    app.pane.start(_run(app, services, instance), group="test")
    await until(pilot, lambda: isinstance(app.screen, InboundForm))
    await until(pilot, lambda: "Reading the rules" not in screen_text(app))
    form = app.screen
    assert isinstance(form, InboundForm)
    return form


async def _run(app: HostApp, services: Services, instance: Instance) -> None:
    await open_inbound(app.pane, services, instance)


def choose(form: InboundForm, source: str) -> None:
    form.query_one("#field-source", Select).value = source


async def enter_range(pilot: Pilot[Any], form: InboundForm, text: str) -> None:
    choose(form, RANGE)
    box = form.query_one("#field-range", Input)
    await until(pilot, lambda: box.parent is not None and box.parent.display)
    box.focus()
    box.value = text
    await pilot.press("enter")


async def test_a_range_is_let_in_and_shown_the_next_time(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await opened_form(pilot, services)
        await enter_range(pilot, form, "192.0.2.128/25")
        await until(pilot, lambda: not isinstance(app.screen, InboundForm))
        await until(pilot, lambda: any("192.0.2.128/25" in n.message for n in app._notifications))
        await opened_form(pilot, services)
        await see(pilot, "192.0.2.128/25")
        assert "PostgreSQL, opened with Tristore" in screen_text(app)


async def test_host_bits_are_refused_with_the_right_range(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await opened_form(pilot, services)
        await enter_range(pilot, form, "192.0.2.7/24")
        await see(pilot, "did you mean 192.0.2.0/24?")
        assert isinstance(app.screen, InboundForm)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0"])
async def test_everybody_as_a_range_is_still_asked_about_once_more(
    services: Services, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(services.rds.security_groups, "open_postgres", recorder)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await opened_form(pilot, services)
        await enter_range(pilot, form, text)
        await see(pilot, "Open to the whole internet?")
        assert "from anybody" in screen_text(app)
        assert recorder.asked == []


async def test_anywhere_is_warned_about_asked_twice_and_cancelled_by_default(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(services.rds.security_groups, "open_postgres", recorder)
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await opened_form(pilot, services)
        choose(form, ANYWHERE)
        await see(pilot, "Everybody on the internet")
        form.query_one("#field-ipv6").focus()
        await pilot.press("space", "ctrl+s")
        await see(pilot, "0.0.0.0/0 and ::/0")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, InboundForm))
        assert recorder.asked == []
        await pilot.press("ctrl+s")
        await see(pilot, "Open to the whole internet?")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: recorder.asked)
        assert recorder.asked == [("0.0.0.0/0", "::/0")]


async def test_in_the_sandbox_my_address_is_not_asked_for_and_it_says_why(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await opened_form(pilot, services)
        assert form.values["source"] == RANGE
        choose(form, MINE)
        await see(pilot, "never leaves this machine")
        await pilot.press("ctrl+s")
        shown = await see(pilot, "Your address is not known.")
        # It will not come by waiting.
        assert "Choose another source." in shown
        assert "ait a moment" not in shown
        choose(form, RANGE)
        await driver_of(pilot).misses("Your address is not known")


async def test_my_address_is_shown_before_it_is_let_in(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mine() -> str:
        return "203.0.113.7"

    recorder = Recorder()
    monkeypatch.setattr(services.rds, "my_address", mine)
    monkeypatch.setattr(services.rds.security_groups, "open_postgres", recorder)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await opened_form(pilot, services)
        choose(form, MINE)
        await see(pilot, "203.0.113.7, as AWS sees it")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: recorder.asked)
        assert recorder.asked == [("203.0.113.7",)]


async def test_a_refusal_is_said_in_the_form_which_keeps_the_range(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = ServiceError("Could not open [/] it.", hint="Ask.", kind=ErrorKind.DENIED)
    monkeypatch.setattr(services.rds.security_groups, "open_postgres", Recorder(denied))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await opened_form(pilot, services)
        await enter_range(pilot, form, "192.0.2.0/24")
        await see(pilot, "Could not open [/] it.")
        again = app.screen
        assert isinstance(again, InboundForm)
        assert again.values["range"] == "192.0.2.0/24"


async def test_rules_that_may_not_be_read_are_unknown_and_not_none(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def denied(instance: Instance) -> Any:
        raise ServiceError("Could not read the inbound rules.", cause="UnauthorizedOperation")

    monkeypatch.setattr(services.rds.security_groups, "of", denied)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await opened_form(pilot, services)
        shown = await see(pilot, "are unknown")
        assert "UnauthorizedOperation" in shown


async def test_many_rules_leave_the_form_on_a_small_screen(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(InboundRule("sg-1", "-1", None, None, f"10.0.{n}.0/24", "") for n in range(60))

    async def many(instance: Instance) -> Any:
        return (SecurityGroup("sg-1", "[/]", "", None, rules),)

    monkeypatch.setattr(services.rds.security_groups, "of", many)
    app = HostApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_form(pilot, services)
        shown = await see(pilot, "10.0.0.0/24")
        for said in ("[/]", "Let in", "Cancel", "Allow"):
            assert said in shown


async def test_without_public_access_it_is_said_that_a_rule_is_not_enough(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await opened_form(pilot, services, public=False)
        await see(pilot, "This instance has no public access")


async def test_the_verb_of_the_pane_asks_which_instance(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w")
        await see(pilot, "Inbound rules of which instance?")
        await see(pilot, "tutorial-db")
        await pilot.press("enter")
        # Another test may have added a rule, which is listed first.
        added = "Let another address in"
        await until(pilot, lambda: isinstance(app.screen, InboundForm) or added in screen_text(app))


def test_rules_are_told_with_source_port_and_purpose() -> None:
    rules = (
        InboundRule("sg-1", "tcp", 5432, 5432, "203.0.113.0/24", "[/] office"),
        InboundRule("sg-1", "tcp", 5000, 6000, "sg-2", ""),
        InboundRule("sg-1", "-1", None, None, "pl-3", ""),
        InboundRule("sg-1", "tcp", 22, 22, "0.0.0.0/0", "ssh"),
    )
    text = rules_text([SecurityGroup("sg-1", "default", "", "vpc-1", rules)], 5432)
    assert "shared by everything" in text
    assert "203.0.113.0/24       tcp 5432  [/] office" in text
    assert "tcp 5000-6000" in text
    assert "every port" in text
    assert "ssh" not in text
    assert "lets nobody in" in rules_text([SecurityGroup("sg-1", "x", "", None, ())], 5432)
    assert "no VPC security group" in rules_text([], 5432)
