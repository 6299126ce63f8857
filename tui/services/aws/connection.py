"""A connection to AWS: a target with its identity and its clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, overload
from urllib.parse import urlsplit

from tui.services.aws.models import Identity, Target
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_rds import RDSClient
    from types_boto3_s3 import S3Client

SERVICES = ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling")
"""The services whose endpoints `Account.connect` finds out."""

_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class Clients(Protocol):
    """Gives the shared SDK client of a service for a target. Blocking the first time."""

    def __call__(self, service: str, target: Target, /) -> Any: ...


def _no_clients(service: str, target: Target, /) -> Any:
    raise ServiceError(f"This connection has no {service} client.", kind=ErrorKind.CONFLICT)


class Connection:
    """Where and as whom calls are sent: one account, one region, one set of credentials.

    There are two ways to get one:

    - `account.connection` is the present one. Once the user chooses another profile or region or
      reads the credentials anew, it gives no more clients: what was planned there must not be
      sent from here (CONFLICT).
    - `await account.connect()` gives one that is held: with identity and endpoints, and with
      clients that work for as long as the plan lives, whatever the user chooses meanwhile.

    In the methods of services, `at=connection` means: on that connection or not at all.
    """

    def __init__(
        self,
        target: Target = Target(),  # noqa: B008  # frozen
        *,
        profile: str = "default",
        identity: Identity | None = None,
        endpoints: tuple[tuple[str, str], ...] = (),
        clients: Clients = _no_clients,
    ) -> None:
        self.target = target
        """With the region that the SDK's chain gave, once it is known."""
        self.profile = profile
        """The profile that the SDK uses."""
        self.identity = identity
        """None while nobody has asked, and for a compatible server that cannot say it."""
        self.endpoints = endpoints
        """Service -> URL, as the SDK resolved them; empty while it was not asked."""
        self._clients = clients
        self._left = False

    def __repr__(self) -> str:
        return f"Connection({self.sentence})"

    @property
    def account_id(self) -> str | None:
        """None while it is unknown, and for a compatible server that cannot say it."""
        return self.identity.account_id if self.identity else None

    @property
    def alias(self) -> str | None:
        """The account's alias, if it has one and it may be read."""
        return self.identity.alias if self.identity else None

    @property
    def region(self) -> str | None:
        """None while the SDK's chain has given none."""
        return self.target.region

    @property
    def endpoint(self) -> str | None:
        """The endpoint that is not AWS's own, or None."""
        for _, url in self.endpoints:
            if not (urlsplit(url).hostname or "").endswith(_OF_AWS):
                return url
        return None if self.endpoints else self.target.endpoint_url

    @property
    def expected_owner(self) -> str | None:
        """The account that a bucket must belong to before it is touched; None where it cannot be
        demanded, because the account is unknown or the server is not AWS.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
        """
        return self.account_id if self.endpoint is None else None

    @property
    def sentence(self) -> str:
        """Account, region and endpoint in one line, for plans and reports."""
        account = f"account {self.account_id}" if self.account_id else "account unknown"
        if self.alias:
            account += f" ({self.alias})"
        where = self.endpoint or "AWS"
        return f"{account}, region {self.region or 'unknown'}, endpoint {where}"

    def same_place(self, other: Connection) -> bool:
        """Whether both are the same account, region and endpoints; profiles may differ."""
        mine = (self.account_id, self.region, self.endpoint)
        if mine != (other.account_id, other.region, other.endpoint):
            return False
        return not (self.endpoints and other.endpoints) or self.endpoints == other.endpoints

    def leave(self) -> None:
        """Give no more clients: the user went elsewhere. Those that were given go on working."""
        self._left = True

    @overload
    def client(self, service: Literal["s3"], *, region: str | None = None) -> S3Client: ...
    @overload
    def client(self, service: Literal["rds"], *, region: str | None = None) -> RDSClient: ...
    @overload
    def client(self, service: Literal["ec2"], *, region: str | None = None) -> EC2Client: ...
    @overload
    def client(
        self, service: Literal["dynamodb"], *, region: str | None = None
    ) -> DynamoDBClient: ...
    @overload
    def client(
        self, service: Literal["cloudwatch"], *, region: str | None = None
    ) -> CloudWatchClient: ...
    @overload
    def client(
        self, service: Literal["application-autoscaling"], *, region: str | None = None
    ) -> ApplicationAutoScalingClient: ...
    @overload
    def client(self, service: str, *, region: str | None = None) -> Any: ...

    def client(self, service: str, *, region: str | None = None) -> Any:
        """The shared SDK client of a service, of another region if one is given.

        Blocking (100 ms the first time): call on a pool. Raises ServiceError for a missing profile
        or region, and CONFLICT if the user has left this connection.
        """
        target = self.target
        if self._left:
            raise ServiceError(
                "The region, the profile or the credentials are not those any more with which this "
                "was begun. Nothing was sent.",
                hint="Begin again where you stand now, or copy what you typed.",
                kind=ErrorKind.CONFLICT,
            )
        if region is not None:
            target = Target(target.profile, region, target.endpoint_url)
        return self._clients(service, target)
