"""What the DynamoDB service is told and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from tui.services.dynamodb.values import Item


class KeyType(Enum):
    """The types that a key attribute may have; the value is DynamoDB's type descriptor."""

    STRING = "S"
    NUMBER = "N"
    BINARY = "B"


class Billing(Enum):
    PROVISIONED = "PROVISIONED"
    ON_DEMAND = "PAY_PER_REQUEST"


class Recovery(Enum):
    """Point-in-time recovery."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"
    """Not asked, or not allowed to ask."""


@dataclass(frozen=True)
class KeyAttribute:
    name: str
    type: KeyType


@dataclass(frozen=True)
class Throughput:
    """Provisioned capacity, in units per second."""

    read: int
    write: int


@dataclass(frozen=True)
class Projection:
    """Which attributes an index carries."""

    kind: str
    """"ALL", "KEYS_ONLY" or "INCLUDE"."""
    names: tuple[str, ...] = ()
    """The further names of an INCLUDE projection."""

    @property
    def complete(self) -> bool:
        """Whether an item read through the index is the whole item."""
        return self.kind == "ALL"


@dataclass(frozen=True)
class IndexInfo:
    name: str
    is_global: bool
    partition: KeyAttribute
    sort: KeyAttribute | None
    projection: Projection
    status: str | None
    """None for a local index, which has no status of its own."""
    item_count: int | None
    size_bytes: int | None
    throughput: Throughput | None
    """None for on demand and for local indexes."""


@dataclass(frozen=True)
class TableInfo:
    name: str
    status: str
    """DynamoDB's own word: ACTIVE, CREATING, UPDATING, DELETING, ARCHIVED…"""
    partition: KeyAttribute
    """Its name is empty where DynamoDB does not tell the key: for a table that is going."""
    sort: KeyAttribute | None
    indexes: tuple[IndexInfo, ...]
    billing: Billing
    throughput: Throughput | None
    """None for on demand."""
    item_count: int | None
    """As DynamoDB counted it; renewed about every six hours. None when it did not say."""
    size_bytes: int | None
    """As of the same count."""
    deletion_protection: bool | None
    table_class: str
    created: datetime | None
    arn: str | None
    recovery: Recovery = Recovery.UNKNOWN
    table_id: str | None = None
    """DynamoDB's own id: one made anew under the same name has another. None where the server
    leaves it out."""
    replica_regions: tuple[str, ...] = ()
    """The regions of a global table, this one among them."""

    @property
    def key(self) -> tuple[KeyAttribute, ...]:
        """The partition key, then the sort key if there is one; empty if it is not known."""
        return tuple(each for each in (self.partition, self.sort) if each and each.name)

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.key)

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name, or None."""
        return next((index for index in self.indexes if index.name == name), None)

    def key_of(self, item: Item) -> Item:
        """The key attributes of an item."""
        return item.only(self.key_names)


@dataclass(frozen=True)
class NewTable:
    """A table to create: Standard class, deletion protection off."""

    name: str
    partition: KeyAttribute
    sort: KeyAttribute | None = None
    throughput: Throughput | None = Throughput(1, 1)
    """Provisioned capacity; None is on demand."""


SCHEME = "dynamodb:"
"""What a location begins with; alone, it is the list of tables."""


@dataclass(frozen=True)
class ItemSource:
    """What a page is read from: a table, or one of its indexes."""

    table: str
    index: str | None = None

    @property
    def location(self) -> str:
        """`dynamodb:table` or `dynamodb:table/index`. Neither name can hold a slash."""
        return f"{SCHEME}{self.table}" + (f"/{self.index}" if self.index else "")


@dataclass(frozen=True)
class PageToken:
    """Where the next page starts. Opaque: it is handed back, never looked at."""

    value: object = field(repr=False)


@dataclass(frozen=True)
class ItemPage:
    """One bounded answer. An empty page with a token is not the end."""

    source: ItemSource
    items: tuple[Item, ...]
    examined: int
    """How many items DynamoDB looked at for this page; at least as many as it gave."""
    token: PageToken | None
    """None after the last page."""
    consumed: float | None
    """Read capacity units of this page; None if the service did not say."""


@dataclass(frozen=True)
class ItemReading:
    """The answer of a read by key."""

    item: Item | None
    """None if there is no item with that key."""
    consumed: float | None


@dataclass(frozen=True)
class Receipt:
    """What a write did."""

    changed: bool
    """False if what is stored already was as asked, and nothing was sent."""
    consumed: float | None
    """Write capacity units; None if the service did not say."""
