"""The account: one SDK session per target, its clients, its identity."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tui.services.audit import AuditLog
from tui.services.aws import answers, auditing, choices, guard, timestamps
from tui.services.aws.client_config import client_config
from tui.services.aws.connection import SERVICES, Connection
from tui.services.aws.models import (
    CredentialsLife,
    Identity,
    StaticCredentials,
    Target,
    Whereabouts,
)
from tui.services.aws.session import ask_nothing, configured_endpoint, origin_text
from tui.services.aws.translate import translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError


@dataclass
class _Known:
    """What was made for one profile. Making it may run a program or ask a network for credentials,
    so nobody but a thread of a pool may wait for the lock, and no other profile's does."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sessions: dict[Target, Any] = field(default_factory=dict)
    clients: dict[tuple[str, Target], Any] = field(default_factory=dict)
    identities: dict[Target, Identity] = field(default_factory=dict)
    origins: dict[Target, str] = field(default_factory=dict)
    """Where the SDK found the credentials, in its own words."""
    endpoint: str | None = None
    """The endpoint that the profile configures, once it was read."""


class Account:
    """Credentials, identity, region and endpoint through the SDK's own chain.

    Clients are created once per (service, profile, region, endpoint) and shared by every thread.
    Nothing here keeps or shows a secret; the SDK holds its own.
    """

    def __init__(
        self,
        target: Target,
        *,
        read_only: bool = False,
        read_only_profiles: frozenset[str] = frozenset(),
        credentials: StaticCredentials | None = None,
        audit: AuditLog | None = None,
    ) -> None:
        self._read_only = read_only
        self._read_only_profiles = read_only_profiles
        self._credentials = credentials
        self._audit = audit
        self._pool = BlockingPool("account", size=2)
        # Choosing another region or profile must work while the identity hangs.
        self._local_pool = BlockingPool("account-local", size=2)
        self._known: dict[str | None, _Known] = {}
        self._connection = self._connect_to(target)

    def _connect_to(self, target: Target) -> Connection:
        known = self._known_of(target)
        return Connection(
            target,
            profile=_profile_name(target),
            identity=known.identities.get(target),
            clients=partial(self._client_of, known),
        )

    @property
    def connection(self) -> Connection:
        """Where and as whom calls go now. Asks nobody: its identity may not be known yet.

        It gives no more clients once another profile, region or set of credentials is chosen.
        """
        return self._connection

    async def connect(self) -> Connection:
        """A connection to the present target that is held: a later switch does not end it.

        With identity and endpoints, and the region as the SDK resolved it. The identity is None
        for a compatible server without STS. Raises ServiceError for missing or bad credentials,
        CHANGED if the target was switched meanwhile.
        """
        present = self._connection
        try:
            identity = await self.identity()
        except ServiceError as error:
            # A server that only speaks S3 has no STS; whoever is refused or unreachable is not
            # that.
            hopeless = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}
            if present.target.endpoint_url is None or error.kind in hopeless:
                raise
            identity = None
        held = await self._pool.run(self._held, present.target, identity)
        if self._connection is not present:
            raise ServiceError(
                "The account was switched meanwhile; nothing was sent.", kind=ErrorKind.CHANGED
            )
        return held

    def _held(self, target: Target, identity: Identity | None) -> Connection:
        known = self._known_of(target)
        clients = {name: self._client_of(known, name, target) for name in SERVICES}
        region = target.region or str(clients["rds"].meta.region_name)
        return Connection(
            Target(target.profile, region, target.endpoint_url),
            profile=_profile_name(target),
            identity=identity,
            endpoints=tuple((name, str(clients[name].meta.endpoint_url)) for name in SERVICES),
            clients=partial(self._client_of, known),
        )

    @property
    def target(self) -> Target:
        """Where calls go now, with the region that the SDK's chain gave, if it is known."""
        return self._connection.target

    @property
    def read_only(self) -> bool:
        """Whether the guard refuses what may change something."""
        return self._is_read_only(self.target)

    def _is_read_only(self, target: Target) -> bool:
        return self._read_only or _profile_name(target) in self._read_only_profiles

    @property
    def profile_name(self) -> str:
        """The profile that the SDK uses: the one asked for, the environment's, or "default"."""
        return _profile_name(self.target)

    @property
    def origin(self) -> str:
        """Where the credentials come from, in a few words: a profile, or what the SDK's chain
        found in place of one. The profile until it is known.
        """
        method = self._known_of(self.target).origins.get(self.target, "")
        return origin_text(method, self.profile_name)

    @property
    def endpoint(self) -> str | None:
        """The endpoint calls go to if it is not AWS: the one asked for, or a configured one.

        What the profile configures is known once anything was asked.
        """
        return self._endpoint_of(self.target)

    def _endpoint_of(self, target: Target) -> str | None:
        configured = os.environ.get("AWS_ENDPOINT_URL") or self._known_of(target).endpoint
        return target.endpoint_url or configured or None

    @property
    def is_sandbox(self) -> bool:
        """Whether the credentials are the sandbox's own."""
        return self._credentials is not None

    @property
    def standpoint(self) -> Connection:
        """The present connection."""
        return self._connection

    def switch(self, *, profile: str | None = None, region: str | None = None) -> Target:
        """Move to another profile or region; what is not given stays.

        A new profile brings its own region unless one is given.
        """
        target = self.target
        if profile is not None and profile != target.profile:
            target = Target(profile, region, target.endpoint_url)
        elif region is not None:
            target = Target(target.profile, region, target.endpoint_url)
        self._move_to(target)
        return target

    def forget(self) -> None:
        """Drop sessions, clients and identities, so that the next call reads credentials anew.

        Never waits, not even for a source of credentials that hangs.
        """
        self._known = {}
        self._move_to(self.target)

    def _move_to(self, target: Target) -> None:
        self._connection.leave()
        self._connection = self._connect_to(target)

    def _known_of(self, target: Target) -> _Known:
        return self._known.setdefault(target.profile, _Known())

    def client(
        self, service: str, *, region: str | None = None, at: Connection | None = None
    ) -> Any:
        """The shared SDK client of a service, on the connection `at` or else the present one; see
        `Connection.client`."""
        return (at or self._connection).client(service, region=region)

    def _client_of(self, known: _Known, service: str, target: Target) -> Any:
        key = (service, target)
        with known.lock:
            if key not in known.clients:
                with translating(f"set up the {service} client"):
                    known.clients[key] = self._make_client(known, service, target)
            return known.clients[key]

    def _make_client(self, known: _Known, service: str, target: Target) -> Any:
        session = self._session(known, target)
        core = session._session  # noqa: SLF001  # boto3 keeps the configuration to itself
        custom = target.endpoint_url or configured_endpoint(core, service)
        config = client_config(custom)
        region = target.region
        if region is None and session.region_name is None and service in {"s3", "sts", "iam"}:
            # Their global endpoints answer without a region; listing buckets needs none.
            region = "us-east-1"
        return session.client(
            service, region_name=region, endpoint_url=target.endpoint_url, config=config
        )

    def _session(self, known: _Known, target: Target) -> Any:
        """The SDK session of a target; the lock of `known` is held."""
        import boto3
        import botocore.session

        if target not in known.sessions:
            core = botocore.session.Session(profile=target.profile)
            credentials = self._credentials
            if credentials is not None:
                core.set_credentials(credentials.access_key, credentials.secret_key)
            else:
                ask_nothing(core)
                known.endpoint = configured_endpoint(core, "s3", "rds", "dynamodb")
            timestamps.install(core)
            events = core.get_component("event_emitter")
            answers.install(events)
            guard.install(
                events,
                # Of this session's own profile: its clients may outlive a switch to another.
                read_only=lambda: self._is_read_only(target),
            )
            auditing.install(events, audit=self._audit, describe=lambda: self._describe(target))
            # Every other SDK and the CLI read AWS_REGION, and before AWS_DEFAULT_REGION.
            region = target.region or os.environ.get("AWS_REGION") or None
            known.sessions[target] = boto3.Session(botocore_session=core, region_name=region)
        return known.sessions[target]

    def _describe(self, target: Target) -> tuple[str | None, str | None, str | None]:
        identity = self._known_of(target).identities.get(target)
        account_id = identity.account_id if identity else None
        return (account_id, target.region, self._endpoint_of(target))

    @property
    def known_identity(self) -> Identity | None:
        """Who these credentials are, if it was asked and answered before; asks nobody."""
        return self._known_of(self.target).identities.get(self.target)

    @property
    def whereabouts(self) -> Whereabouts | None:
        """Which account, region and endpoint calls go to; None while nobody has said who we are."""
        who = self.known_identity
        if who is None:
            return None
        return Whereabouts(who.account_id, self.target.region, self.endpoint)

    async def identity(self) -> Identity:
        """Who these credentials are. Raises ServiceError if there are none or they are no good.

        Also settles the region: when the target had none, the one of the SDK's chain is taken.
        """
        return await self._pool.run(self._read_identity)

    def _read_identity(self) -> Identity:
        from botocore.exceptions import BotoCoreError, ClientError

        # All of it is about the target of now: another may be chosen while this one hangs.
        connection = self._connection
        target = connection.target
        known = self._known_of(target)
        with translating("find out who you are"), known.lock:
            region = self._session(known, target).region_name
        if target.region is None and region is not None:
            target = connection.target = Target(target.profile, region, target.endpoint_url)
        with translating("find out who you are"):
            # Also where they turn out to be no good: then it matters most where they come from.
            known.origins[target] = self._method(known, target)
            answer = self._client_of(known, "sts", target).get_caller_identity()
            alias: str | None = None
            try:
                named = self._client_of(known, "iam", target).list_account_aliases()
                aliases = named.get("AccountAliases", [])
                alias = aliases[0] if aliases else None
            except (ClientError, BotoCoreError):
                # A name for the eye only; most users may not read it.
                alias = None
        identity = Identity(answer["Account"], answer["Arn"], alias)
        known.identities[target] = connection.identity = identity
        return identity

    def _method(self, known: _Known, target: Target) -> str:
        with known.lock:
            credentials = self._session(known, target).get_credentials()
        return str(getattr(credentials, "method", "") or "")

    async def profiles(self) -> tuple[str, ...]:
        """The profiles of the shared files, in their order; empty if there are none."""
        return () if self.is_sandbox else await self._local_pool.run(choices.profiles)

    async def regions(self) -> tuple[str, ...]:
        """Every region name that the SDK knows for RDS, sorted; nothing is sent."""
        return await self._local_pool.run(choices.regions)

    async def region_is_unknown(self) -> bool:
        """Whether the SDK knows no region of the target's name, in no partition; nothing is sent.

        New ones come faster than SDKs are updated, so this is no reason to refuse it. A server
        that is not AWS may call its regions what it likes.
        """
        region = self.target.region
        if region is None or (self.endpoint is not None and not self.is_sandbox):
            return False
        return region not in await self._local_pool.run(choices.regions_of_all_partitions)

    def credentials_life(self) -> CredentialsLife:
        """How long the credentials live, after a refresh if one was due. Blocking.

        Raises ServiceError if they cannot be had.
        """
        with translating("read the credentials"):
            known = self._known_of(self.target)
            with known.lock:
                session = self._session(known, self.target)
            credentials = session.get_credentials()
            if credentials is None:
                return CredentialsLife(expires=None, temporary=False)
            frozen = credentials.get_frozen_credentials()
        # The SDK keeps the moment to itself, but nothing else knows it.
        expires = getattr(credentials, "_expiry_time", None)
        return CredentialsLife(expires, temporary=frozen.token is not None)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()
        self._local_pool.close()


def _profile_name(target: Target) -> str:
    # The order is the SDK's own.
    return (
        target.profile
        or os.environ.get("AWS_DEFAULT_PROFILE")
        or os.environ.get("AWS_PROFILE")
        or "default"
    )
