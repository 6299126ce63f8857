"""Where and as whom AWS is called: a target, and a connection to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlsplit

from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_rds import RDSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient

SERVICES = ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling")
"""The services whose endpoints `Account.connect` finds out."""

_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


@dataclass(frozen=True)
class Target:
    """Where calls go. Two equal targets share their clients."""

    profile: str | None = None
    """A profile of the shared files; None follows the SDK's own chain."""
    region: str | None = None
    """None follows the SDK's own chain, and may end with no region at all."""
    endpoint_url: str | None = None
    """None is AWS itself (or what `AWS_ENDPOINT_URL` says)."""
    unsigned: bool = False
    """Whether requests are not signed: no credentials are read, and only what S3 shows to everybody
    can be seen."""

    def in_region(self, region: str | None) -> Target:
        """The same in another region."""
        return replace(self, region=region)

    @property
    def cli_options(self) -> list[tuple[str, str]]:
        """The options of the AWS CLI, with their values, that lead here; for copied commands."""
        options = (
            ("--profile", self.profile),
            ("--region", self.region),
            ("--endpoint-url", self.endpoint_url),
        )
        return [(name, value) for name, value in options if value]

    def client_code(self, service: str) -> str:
        """Python that makes a client named like the service; for copied programs."""
        session = f"boto3.Session(profile_name={self.profile!r})" if self.profile else "boto3"
        arguments = [repr(service)]
        if self.region:
            arguments.append(f"region_name={self.region!r}")
        if self.endpoint_url:
            arguments.append(f"endpoint_url={self.endpoint_url!r}")
        if self.unsigned:
            arguments.append("config=Config(signature_version=UNSIGNED)")
            names = "from botocore import UNSIGNED\nfrom botocore.config import Config\n"
            return f"import boto3\n{names}\n{service} = boto3.client({', '.join(arguments)})\n"
        return f"import boto3\n\n{service} = {session}.client({', '.join(arguments)})\n"


@dataclass(frozen=True)
class Identity:
    """The answer of sts:GetCallerIdentity."""

    account_id: str
    arn: str
    alias: str | None
    """The account's alias; None if it has none or may not be read."""


Clients = Callable[[str, Target], Any]
"""Gives the shared SDK client of a service for a target. Blocking the first time."""


def _no_clients(service: str, target: Target) -> Any:
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
        target: Target = Target(),  # frozen
        *,
        profile: str = "default",
        identity: Identity | None = None,
        endpoints: tuple[tuple[str, str], ...] = (),
        clients: Clients = _no_clients,
        endpoint_of: Callable[[Target], str | None] = lambda target: target.endpoint_url,
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
        self._endpoint_of = endpoint_of
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
        return None if self.endpoints else self._endpoint_of(self.target)

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
    def client(
        self, service: Literal["secretsmanager"], *, region: str | None = None
    ) -> SecretsManagerClient: ...
    @overload
    def client(self, service: str, *, region: str | None = None) -> Any: ...

    def client(self, service: str, *, region: str | None = None) -> Any:
        """The shared SDK client of a service, of another region if one is given.

        Blocking (100 ms the first time): call on a pool. Raises ServiceError for a missing profile
        or region, and CONFLICT if the user has left this connection.
        """
        if self._left:
            raise ServiceError(
                "The region, the profile or the credentials are not those any more with which this "
                "was begun. Nothing was sent.",
                hint="Begin again where you stand now, or copy what you typed.",
                kind=ErrorKind.CONFLICT,
            )
        target = self.target if region is None else self.target.in_region(region)
        return self._clients(service, target)
