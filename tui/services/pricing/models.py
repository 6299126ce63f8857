"""What the price list says, read so that nothing is taken for a price that may be another one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

ENGINE = "PostgreSQL"
_ENGINES = {ENGINE, "Any"}
VOLUMES = {"gp2": "General Purpose", "gp3": "General Purpose-GP3"}
"""What the price list calls the types of storage."""


@dataclass(frozen=True)
class DatabasePrices:
    """USD for a PostgreSQL instance in one zone, on demand; None is not known."""

    hour: Decimal | None
    """An hour of the class."""
    gib_month: Decimal | None
    """A GiB of storage for a month."""
    published: str = ""
    """The day of the list: "2026-11-01"; empty if it does not say."""


def price_of_class(answers: Iterable[str]) -> Decimal | None:
    """The price of an hour in elements of GetProducts that were filtered for one class; None if
    there is none, or more than one."""
    return _one(_prices(answers, "Database Instance", "Hrs"))


def price_of_storage(answers: Iterable[str]) -> Decimal | None:
    """The price of a GiB and month, as `price_of_class`."""
    return _one(_prices(answers, "Database Storage", "GB-Mo"))


def published(answers: Iterable[str]) -> str:
    """The day of the newest list among the answers."""
    days = (str(each.get("publicationDate", ""))[:10] for each in map(_parsed, answers))
    return max(days, default="")


def _one(found: Iterable[Decimal]) -> Decimal | None:
    different = set(found)
    return different.pop() if len(different) == 1 else None


def _prices(answers: Iterable[str], family: str, unit: str) -> Iterator[Decimal]:
    for each in map(_parsed, answers):
        product = _mapping(each.get("product"))
        attributes = _mapping(product.get("attributes"))
        if product.get("productFamily") != family:
            continue
        if attributes.get("databaseEngine") not in _ENGINES:
            continue
        for term in _mapping(_mapping(each.get("terms")).get("OnDemand")).values():
            for dimension in _mapping(_mapping(term).get("priceDimensions")).values():
                if _mapping(dimension).get("unit") == unit:
                    yield from _dollars(_mapping(dimension))


def _dollars(dimension: Mapping[str, Any]) -> Iterator[Decimal]:
    try:
        amount = Decimal(str(_mapping(dimension.get("pricePerUnit")).get("USD")))
    except InvalidOperation:
        return
    # A price of nothing is that of a free tier or of a reservation.
    if amount.is_finite() and amount > 0:
        yield amount


def _parsed(answer: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(answer))
    except ValueError:
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
