"""The account: the present connection to AWS, and the choice of another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.services.audit import AuditLog
from tui.services.aws import session
from tui.services.aws.codes import kind_of
from tui.services.aws.connection import SERVICES, Connection, Identity, Target
from tui.services.aws.credentials import CredentialsLife, StaticCredentials, origin_text
from tui.services.aws.left_credentials import LeftCredentials
from tui.services.aws.session import ProfileSessions
from tui.services.aws.translate import translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from types_boto3_iam import IAMClient
    from types_boto3_sts import STSClient


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
        self._left = LeftCredentials()
        self._sessions: dict[str | None, ProfileSessions] = {}
        """By profile."""
        self._connection = self._to(target)

    # -- the present connection --------------------------------------------------------------

    @property
    def connection(self) -> Connection:
        """Where and as whom calls go now. Asks nobody: its identity may not be known yet.

        It gives no more clients once another profile, region or set of credentials is chosen.
        """
        return self._connection

    @property
    def target(self) -> Target:
        """Where calls go now, with the region that the SDK's chain gave, if it is known."""
        return self._connection.target

    @property
    def endpoint(self) -> str | None:
        """The endpoint calls go to if it is not AWS: the one asked for, or a configured one.

        What the profile configures is known once anything was asked.
        """
        return self._connection.endpoint

    @property
    def read_only(self) -> bool:
        """Whether the guard refuses what may change something."""
        return self._is_read_only(self.target)

    @property
    def profile_name(self) -> str:
        """The profile of now, the SDK's own choice where none was named."""
        return _profile_name(self.target)

    def _is_read_only(self, target: Target) -> bool:
        marked = self._read_only_profiles
        # Asked for each statement: the environment is looked into only where that tells anything.
        return self._read_only or (bool(marked) and _profile_name(target) in marked)

    @property
    def origin(self) -> str:
        """Where the credentials come from, in a few words: a profile, or what the SDK's chain
        found in place of one. The profile until it is known.
        """
        if self.target.unsigned:
            return "requests are not signed"
        method = self._sessions_of(self.target).origins.get(self.target, "")
        return origin_text(method, self._connection.profile)

    @property
    def is_sandbox(self) -> bool:
        """Whether the credentials are the sandbox's own."""
        return self._credentials is not None

    async def identity(self) -> Identity:
        """Who these credentials are. Raises ServiceError if there are none or they are no good.

        Also settles the region: when the target had none, the one of the SDK's chain is taken.
        """
        # All of it is about the target of now: another may be chosen while this one hangs.
        return await self._pool.run(self._read_identity, self._connection)

    def _read_identity(self, connection: Connection) -> Identity:
        from botocore.exceptions import BotoCoreError, ClientError

        target = connection.target
        sessions = self._sessions_of(target)
        with translating("find out who you are"):
            made = sessions.session(target)
            if target.region is None and made.region_name is not None:
                target = connection.target = target.in_region(made.region_name)
            if target.unsigned:
                raise session.not_signed()
            # Also where they turn out to be no good: then it matters most where they come from.
            sessions.find_origin(target)
            sts: STSClient = sessions.client("sts", target)
            try:
                answer = sts.get_caller_identity()
            except ClientError as error:
                if target.endpoint_url is not None and not _is_refused(error):
                    # A server that only speaks S3 does not say whose they are.
                    self._left.renew(made.get_credentials(), target, None)
                raise
            self._left.renew(made.get_credentials(), target, answer["Account"])
            alias: str | None = None
            try:
                iam: IAMClient = sessions.client("iam", target)
                aliases = iam.list_account_aliases().get("AccountAliases", [])
                alias = aliases[0] if aliases else None
            except (ClientError, BotoCoreError):
                # The alias is only shown; most users may not read it.
                alias = None
        identity = Identity(answer["Account"], answer["Arn"], alias)
        sessions.identities[target] = connection.identity = identity
        return identity

    def credentials_life(self) -> CredentialsLife:
        """How long the credentials live, after a refresh if one was due. Blocking.

        Raises ServiceError if they cannot be had.
        """
        return self._sessions_of(self.target).credentials_life(self.target)

    # -- choosing another --------------------------------------------------------------------

    def switch(self, *, profile: str | None = None, region: str | None = None) -> Target:
        """Move to another profile or region; what is not given stays.

        A new profile brings its own region unless one is given.
        """
        target = self.target
        if profile is not None and profile != target.profile:
            target = Target(profile, region, target.endpoint_url)
        elif region is not None:
            target = target.in_region(region)
        self._move_to(target)
        return target

    def forget(self) -> None:
        """Drop sessions, clients and identities, so that the next call reads credentials anew.

        Never waits, not even for a source of credentials that hangs. What is under way with the
        old ones gets the new ones when it is known that they are of the same account.
        """
        for sessions in self._sessions.values():
            # One profile is one account, whatever the region.
            known = next(iter(sessions.identities.values()), None)
            for target, credentials in sessions.credentials_in_use():
                self._left.keep(credentials, target, known.account_id if known else None)
        self._sessions = {}
        self._move_to(self.target)

    def _move_to(self, target: Target) -> None:
        self._connection.leave()
        self._connection = self._to(target)

    def _to(self, target: Target) -> Connection:
        sessions = self._sessions_of(target)
        return Connection(
            target,
            profile=_profile_name(target),
            identity=sessions.identities.get(target),
            clients=sessions.client,
            endpoint_of=sessions.endpoint,
        )

    def _sessions_of(self, target: Target) -> ProfileSessions:
        if target.profile not in self._sessions:
            made = ProfileSessions(
                # Of this profile: its clients may outlive a switch to another.
                read_only=self._is_read_only(target),
                credentials=self._credentials,
                audit=self._audit,
            )
            # Threads may come here together.
            return self._sessions.setdefault(target.profile, made)
        return self._sessions[target.profile]

    async def profiles(self) -> tuple[str, ...]:
        """The profiles of the shared files, in their order; empty if there are none."""
        return () if self.is_sandbox else await self._local_pool.run(session.profiles)

    async def regions(self) -> tuple[str, ...]:
        """Every region name that the SDK knows for RDS, sorted; nothing is sent."""
        return await self._local_pool.run(session.regions)

    async def region_is_unknown(self) -> bool:
        """Whether the SDK knows no region of the target's name, in no partition; nothing is sent.

        New ones come faster than SDKs are updated, so this is no reason to refuse it. A server
        that is not AWS may call its regions what it likes.
        """
        region = self.target.region
        if region is None or (self.endpoint is not None and not self.is_sandbox):
            return False
        return region not in await self._local_pool.run(session.regions_of_all_partitions)

    # -- a connection that is held -----------------------------------------------------------

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
        sessions = self._sessions_of(target)
        metas = {name: sessions.client(name, target).meta for name in SERVICES}
        return Connection(
            target.in_region(target.region or str(metas["rds"].region_name)),
            profile=_profile_name(target),
            identity=identity,
            endpoints=tuple((name, str(meta.endpoint_url)) for name, meta in metas.items()),
            clients=sessions.client,
        )

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()
        self._local_pool.close()


def _is_refused(error: ClientError) -> bool:
    return kind_of(str(error.response.get("Error", {}).get("Code", ""))) is ErrorKind.CREDENTIALS


def _profile_name(target: Target) -> str:
    # The order is the SDK's own.
    return (
        target.profile
        or os.environ.get("AWS_DEFAULT_PROFILE")
        or os.environ.get("AWS_PROFILE")
        or "default"
    )
