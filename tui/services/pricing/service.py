"""Asking AWS's price list (the Price List Query API).

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html
"""

from __future__ import annotations

from typing import Any

from tui.services.aws import Account, Connection, call
from tui.services.blocking import BlockingPool
from tui.services.pricing.models import (
    ENGINE,
    VOLUMES,
    DatabasePrices,
    price_of_class,
    price_of_storage,
    published,
)

REGION = "us-east-1"
"""Where the list is kept; it has the prices of every region."""

MOST = 100
"""Products in an answer. For a class and a region there is one: so many would tell nothing."""


class PricingService:
    """Prices that were read are kept until the end: a list changes once in months."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("pricing", size=2)
        self._known: dict[tuple[str, str, str], DatabasePrices] = {}

    async def database_prices(
        self, region: str, instance_class: str, storage_type: str
    ) -> DatabasePrices:
        """What a PostgreSQL instance of a class costs in a region. Raises ServiceError, DENIED
        without pricing:GetProducts."""
        key = (region, instance_class, storage_type)
        if key not in self._known:
            at = self._account.connection
            self._known[key] = await self._pool.run(lambda: _read(at, *key))
        return self._known[key]

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()


def _read(at: Connection, region: str, instance_class: str, storage_type: str) -> DatabasePrices:
    client = at.client("pricing", region=REGION)
    of_class = _products(
        client, regionCode=region, instanceType=instance_class, databaseEngine=ENGINE
    )
    volume = VOLUMES.get(storage_type)
    of_storage: list[str] = []
    if volume is not None:
        of_storage = _products(
            client, regionCode=region, volumeType=volume, productFamily="Database Storage"
        )
    return DatabasePrices(
        price_of_class(of_class), price_of_storage(of_storage), published(of_class + of_storage)
    )


def _products(client: Any, **wanted: str) -> list[str]:
    fields = {**wanted, "deploymentOption": "Single-AZ"}
    answer = call(
        "read AWS's price list",
        client.get_products,
        ServiceCode="AmazonRDS",
        Filters=[
            {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()
        ],
        MaxResults=MOST,
    )
    # More than a page is no answer to which price it is.
    return [] if answer.get("NextToken") else [str(each) for each in answer.get("PriceList", ())]
