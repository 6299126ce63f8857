"""What an instance costs, as far as it is known, and what will be created, in words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal

from tui.panes.sql.rds.passwords import GENERATED, MANAGED, TYPED
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.pricing import DatabasePrices
from tui.services.rds.new_instance import (
    FREE_TIER_CLASSES,
    FREE_TIER_STORAGE_GIB,
    NewInstance,
)

PRICES = "https://aws.amazon.com/rds/postgresql/pricing/"

COST = (
    "AWS bills an instance for every hour it runs and for its storage as long as it exists, also "
    "while it is stopped. The free tier covers 750 hours a month of these classes and 20 GiB for "
    "accounts that have it; newer accounts pay from their credits. Delete it when you are done "
    "(F8)."
)
COST_IN_SANDBOX = "Sandbox: nothing is billed. A real PostgreSQL server starts on this machine."

FIXED = (
    "One availability zone. Off: storage autoscaling, Performance Insights, minor version upgrades."
)

KNOWN_REGION = "us-east-1"
KNOWN_HOURS = {"db.t4g.micro": 0.016, "db.t4g.small": 0.032, "db.t4g.medium": 0.065}
KNOWN_STORAGE = 0.115
"""USD for an hour of PostgreSQL in one zone, and for a GiB and month of gp2 or gp3. Copies of AWS's
list, which agree with one another: infratally.com (AWS RDS pricing, 2026) and usage.ai (RDS pricing
calculator, June 2026). Nothing is assumed for other classes and regions."""

KNOWN_WHEN = "June 2026"
PATIENCE = 5.0
"""Seconds that the question waits for the price list."""

HOURS = 730
"""Hours of a month, as AWS counts them."""

_PASSWORDS = {
    TYPED: "as typed, kept in memory until you quit",
    GENERATED: "generated; can be copied next, kept in memory until you quit",
    MANAGED: "made by RDS, kept in Secrets Manager",
}
"""What becomes of the master password, by where it comes from."""


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


@dataclass(frozen=True)
class Priced:
    """What AWS's price list said."""

    prices: DatabasePrices | None = None
    why_not: str = ""
    """Why it could not be read, a sentence."""


NOT_ASKED = Priced()


async def priced(services: Services, new: NewInstance) -> Priced:
    """Ask AWS's price list what a new instance costs. Never raises, and waits for seconds only."""
    account = services.account
    region = account.target.region
    if account.is_sandbox or region is None:
        return NOT_ASKED
    try:
        async with asyncio.timeout(PATIENCE):
            return Priced(
                await services.pricing.database_prices(region, new.instance_class, new.storage_type)
            )
    except TimeoutError:
        return Priced(why_not="AWS's price list did not answer in time.")
    except ServiceError as error:
        hint = f" {error.hint}" if error.kind is ErrorKind.DENIED and error.hint else ""
        return Priced(why_not=f"{error.message}{hint}")


def costs(account: Account, new: NewInstance, found: Priced = NOT_ASKED) -> str:
    """What of a new instance is billed, with the prices that are known and where all are listed."""
    if account.is_sandbox:
        return COST_IN_SANDBOX
    storage = f"{new.storage_gib} GiB of {new.storage_type}"
    lines = [
        "AWS bills an instance for every hour it runs, and these until they are deleted:",
        f"• {storage} storage, each month, also while it is stopped",
    ]
    if new.backup_days:
        lines.append(f"• automated backups, each GiB and month beyond {new.storage_gib} GiB")
    if new.public:
        lines.append("• its public IPv4 address, each hour")
    if new.managed:
        lines.append("• the secret in Secrets Manager, each month, and the calls that read it")
    if new.engine_version is not None:
        # By default an instance is enrolled in it (CreateDBInstance, EngineLifecycleSupport).
        lines.append(
            "• RDS Extended Support, each vCPU and hour, once AWS has ended its standard support "
            f"of PostgreSQL {new.engine_version.partition('.')[0]}"
        )
    region = account.target.region
    if found.prices is not None and found.prices.hour is not None:
        return "\n".join([*lines, _listed(region, new, found.prices, found.prices.hour)])
    if found.why_not:
        lines.append(found.why_not)
    return "\n".join([*lines, _prices(region, new)])


def _listed(region: str | None, new: NewInstance, prices: DatabasePrices, hour: Decimal) -> str:
    """In the words of AWS's own list."""
    day = f" of {prices.published}" if prices.published else ""
    storage = "the price of the storage is not in it"
    if prices.gib_month is not None:
        storage = f"{prices.gib_month * new.storage_gib:.2f} USD a month for the storage"
    return (
        f"By AWS's price list{day} for {region}: {hour.normalize():f} USD an hour for "
        f"{new.instance_class} ({hour * HOURS:.2f} USD for {HOURS} hours), {storage}."
    )


def _prices(region: str | None, new: NewInstance) -> str:
    hour = KNOWN_HOURS.get(new.instance_class)
    if region != KNOWN_REGION or hour is None:
        return f"The price of {new.instance_class} here is not known to Tristore; it is in {PRICES}"
    month, storage = hour * HOURS, KNOWN_STORAGE * new.storage_gib
    return (
        f"In {KNOWN_REGION} in {KNOWN_WHEN}: {hour} USD an hour for {new.instance_class} "
        f"({month:.2f} USD for {HOURS} hours), {storage:.2f} USD a month for the storage. It may "
        f"have changed; AWS lists it: {PRICES}"
    )


def creation_plan(new: NewInstance, where: str, costs: str, way: str = TYPED) -> str:
    """What will be created, line by line, for the last question before it is. `way` says where its
    password comes from."""
    password = _PASSWORDS[MANAGED if new.managed else way]
    backups = f"{new.backup_days} days" if new.backup_days else "off"
    free = new.instance_class in {each.name for each in FREE_TIER_CLASSES}
    lines = [
        f"Identifier      {new.stored_identifier}",
        f"Where           {where}",
        f"Engine          PostgreSQL {new.engine_version or '(default version of AWS)'}",
        f"Class           {new.instance_class}{'' if free else ' (not in the free tier)'}",
        f"Storage         {new.storage_gib} GiB {new.storage_type}"
        + (" (more than the free tier)" if new.storage_gib > FREE_TIER_STORAGE_GIB else ""),
        f"Master user     {new.master_user}",
        f"Password        {password}",
        f"Database        {new.database or 'postgres'}",
        f"Public access   {'yes: its name resolves on the internet' if new.public else 'no'}",
        f"Security group  {new.security_group or 'default group of the default VPC'}",
        f"Backups         {backups}",
        f"Protection      {'on: it cannot be deleted' if new.deletion_protection else 'off'}",
        "",
        costs,
        "",
        FIXED,
    ]
    return "\n".join(lines)
