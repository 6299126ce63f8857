"""What is said to be billed: what is known, and nothing that is not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tui.panes.sql.rds import billing
from tui.panes.sql.rds.billing import PRICES, Priced, costs, creation_plan, priced
from tui.panes.sql.rds.passwords import GENERATED, TYPED
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.pricing import DatabasePrices
from tui.services.rds import NewInstance


@pytest.fixture
def at_aws(services: Services, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(Account, "is_sandbox", False)
    return services.account


def test_a_price_that_is_known_has_its_date_and_the_sum(at_aws: Account) -> None:
    said = costs(at_aws, NewInstance("demo", "anna"))
    assert "0.016 USD an hour for db.t4g.micro (11.68 USD for 730 hours)" in said
    assert "2.30 USD a month for the storage" in said
    assert "June 2026" in said
    assert PRICES in said


def test_a_price_that_is_not_known_is_not_invented(at_aws: Account) -> None:
    said = costs(at_aws, NewInstance("demo", "anna", instance_class="db.r7g.large"))
    assert "not known" in said
    assert "USD" not in said
    at_aws.switch(region="eu-west-1")
    assert "USD" not in costs(at_aws, NewInstance("demo", "anna"))
    at_aws.switch(region="us-east-1")


def test_what_is_billed_beside_it_is_named_where_it_is_asked_for(at_aws: Account) -> None:
    plain = costs(at_aws, NewInstance("demo", "anna"))
    assert "20 GiB of gp2 storage, each month, also while it is stopped" in plain
    for word in ("backups", "IPv4", "Secrets Manager", "Extended Support"):
        assert word not in plain
    everything = NewInstance(
        "demo", "anna", managed=True, public=True, backup_days=7, engine_version="12.22"
    )
    said = costs(at_aws, everything)
    for word in ("automated backups", "IPv4", "Secrets Manager", "support of PostgreSQL 12"):
        assert word in said


def test_nothing_is_billed_in_the_sandbox(services: Services) -> None:
    assert "nothing is billed" in costs(services.account, NewInstance("demo", "anna"))


def test_the_plan_says_what_protects_it_and_where_its_password_is() -> None:
    new = NewInstance("Demo", "anna", managed=True, backup_days=7, deletion_protection=True)
    plan = creation_plan(new, "account 1, region x", "costs")
    for said in ("demo", "kept in Secrets Manager", "7 days", "it cannot be deleted"):
        assert said in plan
    ours = NewInstance("Demo", "anna", password="correct-horse-9")
    assert "generated; can be copied next" in creation_plan(ours, "here", "costs", GENERATED)
    typed = creation_plan(ours, "here", "costs", TYPED)
    assert "as typed, kept in memory until you quit" in typed
    assert ours.password not in typed


def test_the_price_list_of_aws_goes_before_what_is_known_here(at_aws: Account) -> None:
    listed = DatabasePrices(Decimal("0.0180000000"), Decimal("0.1270000000"), "2026-11-02")
    said = costs(at_aws, NewInstance("demo", "anna"), Priced(listed))
    assert "By AWS's price list of 2026-11-02 for us-east-1: 0.018 USD an hour" in said
    assert "(13.14 USD for 730 hours), 2.54 USD a month for the storage." in said
    assert "June 2026" not in said
    of_class = DatabasePrices(Decimal("0.018"), None)
    said = costs(at_aws, NewInstance("demo", "anna"), Priced(of_class))
    assert "the price of the storage is not in it" in said
    nothing = costs(at_aws, NewInstance("demo", "anna"), Priced(DatabasePrices(None, None)))
    assert "June 2026" in nothing
    denied = Priced(why_not="Could not read AWS's price list. Needs pricing:GetProducts.")
    at_aws.switch(region="eu-west-1")
    said = costs(at_aws, NewInstance("demo", "anna"), denied)
    at_aws.switch(region="us-east-1")
    assert "pricing:GetProducts" in said
    assert "is not known to Tristore" in said


async def test_the_question_waits_for_the_price_list_for_seconds_only(
    services: Services, at_aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> DatabasePrices:
        await asyncio.Event().wait()
        raise AssertionError

    async def denied(*_: object) -> DatabasePrices:
        raise ServiceError("No.", hint="Needs it.", kind=ErrorKind.DENIED)

    monkeypatch.setattr(billing, "PATIENCE", 0.01)
    monkeypatch.setattr(services.pricing, "database_prices", never)
    new = NewInstance("demo", "anna")
    assert (await priced(services, new)).why_not == "AWS's price list did not answer in time."
    monkeypatch.setattr(services.pricing, "database_prices", denied)
    assert (await priced(services, new)).why_not == "No. Needs it."


async def test_the_sandbox_asks_nobody(services: Services) -> None:
    assert await priced(services, NewInstance("demo", "anna")) == Priced()
