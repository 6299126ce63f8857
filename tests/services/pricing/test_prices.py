"""AWS's price list, scripted as it is documented: the emulator has none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.pricing import DatabasePrices, PricingService
from tui.services.pricing.models import price_of_class, price_of_storage


def product(
    price: str,
    family: str = "Database Instance",
    unit: str = "Hrs",
    engine: str = "PostgreSQL",
    terms: str = "OnDemand",
) -> str:
    """One element of a PriceList, which is JSON in a string."""
    dimension = {"unit": unit, "pricePerUnit": {"USD": price}}
    return json.dumps(
        {
            "product": {"productFamily": family, "attributes": {"databaseEngine": engine}},
            "terms": {terms: {"SKU.TERM": {"priceDimensions": {"SKU.TERM.RATE": dimension}}}},
            "publicationDate": "2026-11-02T10:00:00Z",
        }
    )


STORAGE = product("0.1270000000", "Database Storage", "GB-Mo", "Any")


class PriceList:
    """Answers GetProducts."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.more = False

    def __call__(self, request: ServiceRequest) -> Answer | None:
        if request.service != "pricing":
            return None
        given: dict[str, Any] = json.loads(request.body)
        fields = {each["Field"]: each["Value"] for each in given["Filters"]}
        self.asked.append(fields)
        found = [STORAGE] if "volumeType" in fields else [product("0.0180000000")]
        answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": found}
        return Answer(200, json.dumps(answer | ({"NextToken": "more"} if self.more else {})))


@contextmanager
def service(sandbox: SandboxInfo, audit: AuditLog, answers: Any) -> Iterator[PricingService]:
    with behind(sandbox, answers, audit) as account:
        made = PricingService(account)
        yield made
        made.close()


async def test_the_prices_of_a_class_and_of_storage_are_read_once_for_a_region(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    answers = PriceList()
    with service(sandbox, audit, answers) as prices:
        found = await prices.database_prices("eu-west-1", "db.t4g.micro", "gp3")
        assert found == DatabasePrices(Decimal("0.018"), Decimal("0.127"), "2026-11-02")
        assert await prices.database_prices("eu-west-1", "db.t4g.micro", "gp3") is found
    of_class, of_storage = answers.asked
    assert of_class == {
        "regionCode": "eu-west-1",
        "instanceType": "db.t4g.micro",
        "databaseEngine": "PostgreSQL",
        "deploymentOption": "Single-AZ",
    }
    assert of_storage["volumeType"] == "General Purpose-GP3"


async def test_more_products_than_a_page_are_no_price(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    answers = PriceList()
    answers.more = True
    with service(sandbox, audit, answers) as prices:
        found = await prices.database_prices("eu-west-1", "db.t4g.micro", "io2")
    assert found == DatabasePrices(None, None)


async def test_what_is_denied_says_the_permission_and_is_asked_again(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def deny(request: ServiceRequest) -> Answer | None:
        if request.service != "pricing":
            return None
        said = {"__type": "AccessDeniedException", "message": "not authorized"}
        return Answer(400, json.dumps(said))

    with service(sandbox, audit, deny) as prices:
        for _ in range(2):
            with pytest.raises(ServiceError) as denied:
                await prices.database_prices("eu-west-1", "db.t4g.micro", "gp2")
            assert denied.value.kind is ErrorKind.DENIED
            assert "pricing:GetProducts" in denied.value.hint


@pytest.mark.parametrize(
    "answers",
    [
        [],
        ["no json"],
        ["[]"],
        [product("0.018"), product("0.019")],
        [product("0.018", engine="MySQL")],
        [product("0.018", family="Database Storage")],
        [product("0.018", unit="Quantity")],
        [product("0.0000000000")],
        [product("NaN")],
        [product("free")],
        [product("0.018", terms="Reserved")],
    ],
)
def test_what_is_not_one_price_is_none(answers: list[str]) -> None:
    assert price_of_class(answers) is None


def test_the_same_price_twice_is_one() -> None:
    assert price_of_class([product("0.018"), product("0.0180000000")]) == Decimal("0.018")
    assert price_of_storage([STORAGE, product("0.018")]) == Decimal("0.127")
