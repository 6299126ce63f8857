"""What a plan is bound to: account, region and endpoint, and the clients that reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tui.services.aws import Account, translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError

T = TypeVar("T")

SERVICES = ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling")


@dataclass(frozen=True)
class Scope:
    """Where things will be deleted. Two equal scopes are the same account at the same place."""

    account_id: str | None
    """None for a compatible server that cannot say who is calling."""
    alias: str | None
    profile: str
    region: str | None
    endpoints: tuple[tuple[str, str], ...]
    """Service -> URL, as the SDK resolved them."""

    @property
    def endpoint(self) -> str | None:
        """The endpoint that is not AWS's own, or None."""
        for _, url in self.endpoints:
            host = urlsplit(url).hostname or ""
            if not host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
                return url
        return None

    @property
    def sentence(self) -> str:
        """Account, region and endpoint in one line, for plans and reports."""
        account = f"account {self.account_id}" if self.account_id else "account unknown"
        if self.alias:
            account += f" ({self.alias})"
        place = self.endpoint or "AWS"
        return f"{account}, region {self.region or 'unknown'}, endpoint {place}"

    def same_place(self, other: Scope) -> bool:
        """Whether both are the same account, region and endpoints; profiles may differ."""
        return (self.account_id, self.region, self.endpoints) == (
            other.account_id,
            other.region,
            other.endpoints,
        )


class Reach:
    """The clients of one scope, held for as long as a plan is made or applied.

    They stay with the scope when the user switches the account in the meantime: what was
    confirmed for one place never happens at another.
    """

    def __init__(self, scope: Scope, clients: Mapping[str, Any], pool: BlockingPool) -> None:
        self.scope = scope
        self._clients = clients
        self._pool = pool

    async def call(
        self, service: str, operation: str, action: str, **params: object
    ) -> dict[str, Any]:
        """One SDK call (`operation` in snake case) on the pool; a ServiceError about `action`.

        S3 calls carry the expected owner on AWS itself, so that a bucket that was deleted and
        taken by another account is never touched.
        """
        if service == "s3" and "Bucket" in params and self._expects_owner:
            params = {**params, "ExpectedBucketOwner": self.scope.account_id}

        def send() -> dict[str, Any]:
            with translating(action):
                answer: dict[str, Any] = getattr(self._clients[service], operation)(**params)
                return answer

        return await self._pool.run(send)

    async def use(self, service: str, work: Callable[[Any], T]) -> T:
        """Run a blocking function of another service with this scope's client."""
        return await self._pool.run(work, self._clients[service])

    @property
    def _expects_owner(self) -> bool:
        return self.scope.account_id is not None and self.scope.endpoint is None

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


async def reach(account: Account, pool: BlockingPool) -> Reach:
    """Clients and scope of the account's target as it is now.

    Raises ServiceError for missing or bad credentials, or if the target was switched meanwhile.
    """
    # Taken first: whoever answers, and every client, has to be of this target.
    target = account.target
    account_id, alias = await _identity(account)
    clients = await pool.run(lambda: {name: account.client(name) for name in SERVICES})
    if account.target != target:
        raise ServiceError(
            "The account was switched meanwhile; nothing was sent.", kind=ErrorKind.CHANGED
        )
    scope = Scope(
        account_id=account_id,
        alias=alias,
        profile=account.profile_name,
        region=target.region or str(clients["rds"].meta.region_name),
        endpoints=tuple((name, str(clients[name].meta.endpoint_url)) for name in SERVICES),
    )
    return Reach(scope, clients, pool)


async def _identity(account: Account) -> tuple[str | None, str | None]:
    try:
        identity = await account.identity()
    except ServiceError as error:
        # A server that only speaks S3 has no STS; whoever is refused or unreachable is not that.
        hopeless = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}
        if account.target.endpoint_url is None or error.kind in hopeless:
            raise
        return None, None
    return identity.account_id, identity.alias
