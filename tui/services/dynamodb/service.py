"""The DynamoDB service: async on the outside, blocking SDK calls on its own pool inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.services.aws import Account, Connection, Pauses
from tui.services.blocking import BlockingPool
from tui.services.dynamodb import reading, rules, tables, writing
from tui.services.dynamodb.models import (
    ItemPage,
    ItemReading,
    ItemSource,
    NewTable,
    PageToken,
    Receipt,
    TableInfo,
)
from tui.services.dynamodb.reading import Query
from tui.services.dynamodb.values import Item
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PAGE_SIZE = 100
"""Items examined for one page, unless told otherwise. DynamoDB stops at 1 MB by itself."""

CREATE_PATIENCE = 600.0
"""Seconds that a new table may take to become ACTIVE before we say so and stop looking."""

LOOKS = Pauses(first=0.25, factor=1.6, longest=5.0)
"""How often a new table is looked at."""


class DynamoService:
    """Tables and items of the account's region. Every method may raise ServiceError.

    Values are carried as they are stored: numbers as text, sets as sets, binary as bytes.

    `at` is the connection at which something was planned: it is done on that one or not at all
    (CONFLICT, nothing sent), because a table of the same name may be elsewhere, too. Without it
    the present connection is used.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("dynamodb", size=6)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()

    async def list_tables(self) -> tuple[str, ...]:
        """The names of all tables of the region, in the service's order."""
        pages = [page async for page in self.table_names()]
        return tuple(name for page in pages for name in page)

    async def table_names(self, *, at: Connection | None = None) -> AsyncIterator[tuple[str, ...]]:
        """The names of all tables of the region, in the service's order, page by page."""

        def read() -> Iterator[tuple[str, ...]]:
            yield from tables.table_names(self._client(at))

        async for page in self._pool.iterate(read()):
            yield page

    async def describe(
        self, table: str, *, with_recovery: bool = False, at: Connection | None = None
    ) -> TableInfo:
        """A table with its keys and indexes. NOT_FOUND if there is none of that name.

        Point-in-time recovery needs a call (and a permission) of its own; without it, or where
        it is denied, it is UNKNOWN.
        """

        def ask() -> TableInfo:
            client = self._client(at)
            info = tables.describe(client, table)
            if with_recovery:
                info = replace(info, recovery=tables.recovery(client, table))
            return info

        return await self._pool.run(ask)

    async def turn_protection_off(self, table: str, *, at: Connection | None = None) -> None:
        """Ask for a table's deletion protection to be turned off; it is UPDATING for a moment."""
        await self._pool.run(lambda: tables.turn_protection_off(self._client(at), table))

    async def delete_table(self, table: str, *, at: Connection | None = None) -> None:
        """Ask for a table to be deleted; it is DELETING for a while."""
        await self._pool.run(lambda: tables.delete(self._client(at), table))

    async def create_table(
        self, new: NewTable, *, at: Connection | None = None
    ) -> AsyncIterator[TableInfo]:
        """Create a table and follow it until it is ACTIVE, one TableInfo per look.

        INVALID before anything is sent if a rule is broken; EXISTS if the name is taken. Closing
        the iterator stops the following, not the creation.
        """
        problems = rules.new_table_problems(new)
        if problems:
            raise ServiceError(
                "This table cannot be created.",
                cause="\n".join(problems),
                hint="Nothing was sent.",
                kind=ErrorKind.INVALID,
            )
        # One client for all: the table is followed where it was created, whatever region or
        # profile is chosen meanwhile.
        client = await self._pool.run(self._client, at)
        info = await self._pool.run(tables.create, client, new)
        yield info
        looks, waited = 0, 0.0
        while info.status != "ACTIVE":
            if waited >= CREATE_PATIENCE:
                raise ServiceError(
                    f"The table {new.name!r} is still {info.status} after "
                    f"{CREATE_PATIENCE / 60:.0f} minutes.",
                    hint="It may still become ACTIVE; press r to look again.",
                    kind=ErrorKind.CONFLICT,
                )
            pause = LOOKS.after(looks)
            await asyncio.sleep(pause)
            looks, waited = looks + 1, waited + pause
            info = await self._look(client, info)
            yield info

    async def _look(self, client: DynamoDBClient, last: TableInfo) -> TableInfo:
        try:
            return await self._pool.run(tables.describe, client, last.name)
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                # DescribeTable is eventually consistent and may not know a new table yet.
                return last
            raise

    async def scan_page(
        self, source: ItemSource, token: PageToken | None = None, limit: int = PAGE_SIZE
    ) -> ItemPage:
        """The next page of a table or index in its own order; at most `limit` items examined."""
        return await self._pool.run(lambda: reading.scan_page(self._client(), source, token, limit))

    async def query_page(
        self, query: Query, token: PageToken | None = None, limit: int = PAGE_SIZE
    ) -> ItemPage:
        """The next page of a query; at most `limit` items examined."""
        return await self._pool.run(lambda: reading.query_page(self._client(), query, token, limit))

    async def get(self, table: TableInfo, key: Item) -> ItemReading:
        """The whole item with exactly this key as it is now (a consistent read)."""
        return await self._pool.run(lambda: reading.get(self._client(), table, key))

    async def put(
        self,
        table: TableInfo,
        item: Item,
        *,
        overwrite: bool = False,
        at: Connection | None = None,
    ) -> Receipt:
        """Store an item. Without `overwrite`, ItemConflict (EXISTS) if its key is taken."""
        return await self._pool.run(
            lambda: writing.put(self._client(at), table, item, overwrite=overwrite)
        )

    async def edit(
        self, table: TableInfo, original: Item, new: Item, *, at: Connection | None = None
    ) -> Receipt:
        """Make an item that was read into another. ItemConflict if it changed meanwhile.

        `original` must be the whole item (as `get` gives it), never one that came through an
        index that does not project everything. A changed key moves the item in one transaction.
        """
        return await self._pool.run(lambda: writing.edit(self._client(at), table, original, new))

    async def delete(
        self, table: TableInfo, item: Item, *, at: Connection | None = None
    ) -> Receipt:
        """Delete an item that was read whole. ItemConflict if it changed meanwhile."""
        return await self._pool.run(lambda: writing.delete(self._client(at), table, item))

    def _client(self, at: Connection | None = None) -> DynamoDBClient:
        return (at or self._account.connection).client("dynamodb")
