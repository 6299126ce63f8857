"""The SDK's sessions and clients of one profile, and how they behave on the network."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.services.audit import AuditLog
from tui.services.aws import answers, audit, descriptions, direct, guard, steps
from tui.services.aws.connection import Identity, Target
from tui.services.aws.credentials import CredentialsLife, StaticCredentials, ask_nothing
from tui.services.aws.translate import translating
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from botocore.session import Session as CoreSession

CONNECT_TIMEOUT = 8
"""Seconds to reach an endpoint before the error is shown."""

READ_TIMEOUT = 60
"""Seconds between two bytes of an answer."""

MAX_ATTEMPTS = 4
"""Tries of one call, with the SDK's own backoff between them."""

MAX_CONNECTIONS = 32
"""One connection pool of this size per client."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_WITHOUT_REGION = {"s3", "sts", "iam"}
"""Services whose global endpoints answer without a region; listing buckets needs none."""


class ProfileSessions:
    """What was made for one profile: a session for each target, a client for each service.

    Making them may run a program or ask a network for credentials, so nobody but a thread of a
    pool may wait for the lock, and no other profile's does.
    """

    def __init__(
        self, *, read_only: bool, credentials: StaticCredentials | None, audit: AuditLog | None
    ) -> None:
        self._read_only = read_only
        self._credentials = credentials
        self._audit = audit
        self._lock = threading.Lock()
        self._sessions: dict[Target, Session] = {}
        self._clients: dict[tuple[str, Target], Any] = {}
        self._configured: str | None = None
        """The endpoint that the profile configures, once it was read."""
        self.identities: dict[Target, Identity] = {}
        self.origins: dict[Target, str] = {}
        """Where the SDK found the credentials, in its own words."""

    def client(self, service: str, target: Target) -> Any:
        """The shared client of a service. Blocking. Raises ServiceError."""
        if target.unsigned and service != "s3":
            raise not_signed()
        with self._lock:
            if (service, target) not in self._clients:
                with translating(f"set up the {service} client"):
                    self._clients[service, target] = self._make_client(service, target)
            return self._clients[service, target]

    def _make_client(self, service: str, target: Target) -> Any:
        session = self._session(target)
        # boto3 keeps the configuration to itself.
        core: CoreSession = session._session  # noqa: SLF001
        custom = target.endpoint_url or configured_endpoint(core, service)
        region = target.region
        default: str | None = session.region_name
        if region is None and default is None and service in _WITHOUT_REGION:
            region = "us-east-1"
        # The stubs know a client only by a literal name.
        make: Any = session.client
        return make(
            service,
            region_name=region,
            endpoint_url=target.endpoint_url,
            config=_unsigned(client_config(custom)) if target.unsigned else client_config(custom),
        )

    def session(self, target: Target) -> Session:
        """The SDK session of a target. Blocking; raises what the SDK raises."""
        with self._lock:
            return self._session(target)

    def _session(self, target: Target) -> Session:
        import boto3
        import botocore.session
        from botocore.credentials import CredentialResolver

        if target not in self._sessions:
            core = botocore.session.Session(profile=target.profile)
            core.register_component(
                "data_loader", descriptions.loader(core.get_config_variable("data_path"))
            )
            credentials = self._credentials
            if target.unsigned:
                # Not even looked for: that may take seconds, or run a program.
                core.register_component("credential_provider", CredentialResolver([]))
                self._configured = configured_endpoint(core, "s3")
            elif credentials is not None:
                core.set_credentials(credentials.access_key, credentials.secret_key)
            else:
                ask_nothing(core)
                self._configured = configured_endpoint(core, "s3", "rds", "dynamodb")
            events = core.get_component("event_emitter")
            answers.install(core)
            steps.install(events)
            direct.install(events)
            guard.install(events, read_only=self._read_only)
            audit.install(events, log=self._audit, describe=lambda: self._describe(target))
            # Every other SDK and the CLI read AWS_REGION, and before AWS_DEFAULT_REGION.
            region = target.region or os.environ.get("AWS_REGION") or None
            self._sessions[target] = boto3.Session(botocore_session=core, region_name=region)
        return self._sessions[target]

    def find_origin(self, target: Target) -> None:
        """Note where the SDK finds the credentials. Blocking; raises what the SDK raises."""
        with self._lock:
            credentials = self._session(target).get_credentials()
        self.origins[target] = str(getattr(credentials, "method", "") or "")

    def credentials_in_use(self) -> list[tuple[Target, Any]]:
        """Those that were found, with their targets. Never waits."""
        # A thread that looks for credentials holds the lock, maybe for long.
        made = dict(self._sessions)
        found = ((target, session._session) for target, session in made.items())  # noqa: SLF001
        in_use = ((target, getattr(core, "_credentials", None)) for target, core in found)
        return [(target, credentials) for target, credentials in in_use if credentials is not None]

    def _describe(self, target: Target) -> tuple[str | None, str | None, str | None]:
        identity = self.identities.get(target)
        return (identity.account_id if identity else None, target.region, self.endpoint(target))

    def endpoint(self, target: Target) -> str | None:
        """The endpoint calls go to if it is not AWS: the one asked for, or a configured one.

        What the profile configures is known once anything was asked.
        """
        return target.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or self._configured or None

    def credentials_life(self, target: Target) -> CredentialsLife:
        """How long the credentials live, after a refresh if one was due. Blocking.

        Raises ServiceError if they cannot be had.
        """
        with translating("read the credentials"):
            credentials = self.session(target).get_credentials()
            if credentials is None:
                return CredentialsLife(expires=None, temporary=False)
            frozen = credentials.get_frozen_credentials()
        # The SDK keeps the moment to itself, but nothing else knows it.
        expires = getattr(credentials, "_expiry_time", None)
        return CredentialsLife(expires, temporary=frozen.token is not None)


def not_signed() -> ServiceError:
    """The error for what needs credentials where none are used."""
    return ServiceError(
        "This needs credentials, and requests are not signed (--no-sign-request).",
        hint="Press P to choose a profile, or start without --no-sign-request.",
        kind=ErrorKind.CREDENTIALS,
    )


def _unsigned(config: Config) -> Config:
    from botocore import UNSIGNED
    from botocore.config import Config

    never: Any = UNSIGNED  # the stubs know only names of signatures
    return config.merge(Config(signature_version=never))


def client_config(custom: str | None) -> Config:
    """The SDK's Config for a client of an endpoint that is not AWS's own, or of AWS (None)."""
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        max_pool_connections=MAX_CONNECTIONS,
    )
    if not custom:
        return config
    # Compatible servers seldom resolve bucket.host, and some reject the newer checksums.
    compatible = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={} if urlsplit(custom).hostname in _LOOPBACK else None,
    )
    return config.merge(compatible)


def configured_endpoint(session: CoreSession, *services: str) -> str | None:
    """The endpoint that the environment or the profile gives for the first of these that has one.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    from botocore.configprovider import ConfiguredEndpointProvider

    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    for service in services:
        found = ConfiguredEndpointProvider(
            full_config=session.full_config,
            scoped_config=session.get_scoped_config(),
            client_name=service,
        ).provide()
        if found:
            return str(found)
    return None


def profiles() -> tuple[str, ...]:
    """The profiles of the shared files, in their order. Blocking. Raises ServiceError."""
    import botocore.session

    with translating("read the profiles"):
        return tuple(botocore.session.Session().available_profiles)


def regions() -> tuple[str, ...]:
    """Every region name that the SDK knows for RDS, sorted. Blocking. Raises ServiceError."""
    from botocore.regions import EndpointResolver

    # Without a session, so that a broken profile or file can be left by way of this list.
    with translating("read the regions"):
        resolver = EndpointResolver(descriptions.loader(None).load_data("endpoints"))
        return tuple(sorted(resolver.get_available_endpoints("rds")))


def regions_of_all_partitions() -> set[str]:
    """Every region name that the SDK knows at all. Blocking. Raises ServiceError."""
    with translating("read the regions"):
        partitions = descriptions.loader(None).load_data("endpoints")["partitions"]
        return {region for each in partitions for region in each["regions"]}
