"""The services that cleanup composes, on the connection that everything is done on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tui.services.aws import Connection, translating
from tui.services.blocking import BlockingPool

if TYPE_CHECKING:
    from tui.services.cloudwatch import CloudWatchService
    from tui.services.dynamodb import DynamoService
    from tui.services.rds import RdsService
    from tui.services.s3 import S3Service

T = TypeVar("T")


@dataclass(frozen=True)
class Stores:
    """What an inventory, a plan or a run works with.

    The connection is held: it stays what it is when the user switches the account in the
    meantime, so what was confirmed for one place never happens at another. Every call of a store
    is made `at=connection`.
    """

    connection: Connection
    s3: S3Service
    rds: RdsService
    dynamodb: DynamoService
    cloudwatch: CloudWatchService
    pool: BlockingPool

    @property
    def region(self) -> str | None:
        """The region of the connection."""
        return self.connection.region

    async def call(
        self, service: str, operation: str, action: str, **params: object
    ) -> dict[str, Any]:
        """One SDK call (`operation` in snake case) on the pool; a ServiceError about `action`.

        S3 calls carry the expected owner on AWS itself, so that a bucket that was deleted and
        taken by another account is never touched.
        """
        owner = self.connection.expected_owner
        if service == "s3" and "Bucket" in params and owner is not None:
            params = {**params, "ExpectedBucketOwner": owner}

        def send() -> dict[str, Any]:
            with translating(action):
                client: Any = self.connection.client(service)
                answer: dict[str, Any] = getattr(client, operation)(**params)
                return answer

        return await self.pool.run(send)

    async def use(self, service: str, work: Callable[[Any], T]) -> T:
        """Run a blocking function of another service with this connection's client."""
        return await self.pool.run(lambda: work(self.connection.client(service)))

    async def pages(
        self,
        service: str,
        operation: str,
        action: str,
        *,
        tokens: Mapping[str, str],
        decode: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer,
        **params: object,
    ) -> AsyncIterator[dict[str, Any]]:
        """Every page; `tokens` maps the answer's continuation fields to the parameters to send.
        `decode` is applied to each answer, its continuation fields included.

        Ends when the answer carries no continuation, or the same one twice (some compatible
        servers repeat themselves for ever).
        """
        sent: dict[str, object] = {}
        while True:
            answer = decode(await self.call(service, operation, action, **params, **sent))
            yield answer
            following = {to: answer[name] for name, to in tokens.items() if answer.get(name)}
            if not following or following == sent or answer.get("IsTruncated") is False:
                return
            sent = following
