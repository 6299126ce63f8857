"""Who is let in: what is open to everybody is said until it is closed; old addresses are marked."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import App, ComposeResult

from tests.panes.sql.rds.harness import see, until
from tui.panes.sql.rds.exposed import AGAIN, AT_MOST, ExposedLine, InstanceExposure
from tui.panes.sql.rds.inbound_marks import EVERYBODY, FORMER, LETS_YOU_IN, about_me, marks_of
from tui.services.bundle import Services
from tui.services.rds import ANYWHERE_V4, ANYWHERE_V6, InboundRule, Instance
from tui.services.rds.inbound import RULE_DESCRIPTION

GROUP = "sg-0123456789abcdef0"
ADDRESS = "203.0.113.7"


def rule(source: str, description: str = "") -> InboundRule:
    return InboundRule(GROUP, "tcp", 5432, 5432, source, description)


def test_a_rule_for_an_address_that_is_not_ours_any_more_is_marked() -> None:
    mine = rule(f"{ADDRESS}/32", RULE_DESCRIPTION)
    before = rule("198.51.100.9/32", RULE_DESCRIPTION)
    theirs = rule("198.51.100.10/32", "the office")
    office = rule("203.0.113.0/24", "the office")
    everybody = rule(ANYWHERE_V6)
    rules = [mine, before, theirs, office, everybody]
    assert marks_of(rules, 5432, ADDRESS) == {
        mine: LETS_YOU_IN,
        before: FORMER,
        office: LETS_YOU_IN,
        everybody: EVERYBODY,
    }
    assert marks_of(rules, 5432, "") == {everybody: EVERYBODY}


def test_it_is_said_whether_this_machine_is_let_in() -> None:
    before = rule("198.51.100.9/32", RULE_DESCRIPTION)
    marks = marks_of([before], 5432, ADDRESS)
    assert about_me([before], marks, ADDRESS) == (
        f"Your address {ADDRESS} is let in by none of these addresses and ranges."
    )
    mine = rule(f"{ADDRESS}/32")
    assert "is let in." in about_me([mine], marks_of([mine], 5432, ADDRESS), ADDRESS)
    assert about_me([mine], {}, "") == ""


@dataclass
class To:
    """A connection to an instance, or to none."""

    own_instance: str
    instance: Instance | None = None

    async def find_instance(self) -> Instance | None:
        return self.instance


def test_rules_are_read_for_each_connection_after_dialogs_and_now_and_then(
    services: Services,
) -> None:
    now = [0.0]
    exposure = InstanceExposure(services, lambda: now[0])
    assert not exposure.is_due(To(""), came_back=True)
    demo = To("demo")
    assert exposure.is_due(demo, came_back=False)
    exposure._asked = now[0]
    assert not exposure.is_due(demo, came_back=True)
    now[0] = AT_MOST + 1
    assert exposure.is_due(demo, came_back=True)
    assert not exposure.is_due(demo, came_back=False)
    now[0] = AGAIN + 1
    assert exposure.is_due(demo, came_back=False)
    exposure._asked, exposure.text = now[0], "open"
    # Of the same name, and perhaps in another account.
    assert exposure.is_due(To("demo"), came_back=False)
    assert exposure.text == ""


class OneLine(App[None]):
    """The line alone."""

    def __init__(self, services: Services, connection: To) -> None:
        super().__init__()
        self.line = ExposedLine(services, lambda: connection)

    def compose(self) -> ComposeResult:
        yield self.line


async def test_what_is_open_to_anywhere_is_said_until_it_is_closed(services: Services) -> None:
    instance = await services.rds.describe("tutorial-db")
    await services.rds.security_groups.open_postgres(instance, [ANYWHERE_V4])
    connection = To("tutorial-db", instance)
    app = OneLine(services, connection)
    async with app.run_test(size=(120, 10)) as pilot:
        await see(pilot, "tutorial-db: port")
        assert "is open to ANYWHERE (0.0.0.0/0 in sg-" in await see(pilot, "w closes it")
        for each in (await services.rds.security_groups.let_in([instance]))["tutorial-db"]:
            await services.rds.security_groups.remove(each)
        await app.line.exposure.read(connection)
        await until(pilot, lambda: not app.line.display)


async def test_an_instance_that_is_not_known_says_nothing(services: Services) -> None:
    exposure = InstanceExposure(services)
    connection = To("tutorial-db")
    assert exposure.is_due(connection, came_back=False)
    await exposure.read(connection)
    assert exposure.text == ""
