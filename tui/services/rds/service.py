"""RDS instances: find, create, wait for, open, connect to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from tui.services.aws import Account, Done, Look, settled, translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import address, changes, inbound, rules, waiting
from tui.services.rds.inbound import InboundRule, Opened, SecurityGroup, to_security_group
from tui.services.rds.models import (
    DEFAULT_DATABASE,
    ConnectInfo,
    EngineVersion,
    Instance,
    InstancesPage,
    NewInstance,
    Placement,
    StatusSeen,
    to_instance,
)

PAGE_SIZE = 100
"""Instances in one answer; the API allows 20 to 100."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class RdsService:
    """The DB instances of one account and region.

    Every method may raise ServiceError, for the network, for credentials and for permissions.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("rds", size=4)

    async def list_page(self, token: str | None = None) -> InstancesPage:
        """One page of instances, in AWS's order."""
        return await self._pool.run(self._list_page, token)

    def _list_page(self, token: str | None) -> InstancesPage:
        with translating("list the RDS instances"):
            position = {"Marker": token} if token else {}
            answer = self._rds().describe_db_instances(MaxRecords=PAGE_SIZE, **position)
        return InstancesPage(
            tuple(to_instance(entry) for entry in answer.get("DBInstances", ())),
            answer.get("Marker") or None,
        )

    async def list_instances(self) -> AsyncIterator[InstancesPage]:
        """Every instance of the region, page by page."""
        token: str | None = None
        while True:
            page = await self.list_page(token)
            yield page
            token = page.token
            if token is None:
                return

    async def describe(self, identifier: str) -> Instance:
        """One instance as it is now. NOT_FOUND if there is none of that name."""
        return await self._pool.run(self._describe, identifier)

    def _describe(self, identifier: str, client: Any = None) -> Instance:
        with translating(f"look at {identifier}"):
            answer = (client or self._rds()).describe_db_instances(
                DBInstanceIdentifier=identifier.lower()
            )
        return to_instance(answer["DBInstances"][0])

    async def engine_versions(self) -> tuple[EngineVersion, ...]:
        """The versions of PostgreSQL that can be created now, newest first."""
        return await self._pool.run(self._engine_versions)

    def _engine_versions(self) -> tuple[EngineVersion, ...]:
        with translating("list the PostgreSQL versions"):
            client = self._rds()
            default = client.describe_db_engine_versions(Engine="postgres", DefaultOnly=True)
            defaults = {entry["EngineVersion"] for entry in default["DBEngineVersions"]}
            pages = client.get_paginator("describe_db_engine_versions").paginate(Engine="postgres")
            versions = [
                EngineVersion(
                    entry["EngineVersion"],
                    entry.get("DBEngineVersionDescription", ""),
                    entry["EngineVersion"] in defaults,
                )
                for page in pages
                for entry in page["DBEngineVersions"]
            ]
        return tuple(sorted(versions, key=lambda each: _order(each.version), reverse=True))

    async def placement(self) -> Placement:
        """The default VPC and its security groups."""
        return await self._pool.run(self._placement)

    def _placement(self) -> Placement:
        with translating("look at the default VPC"):
            client = self._account.client("ec2")
            only_default = [{"Name": "is-default", "Values": ["true"]}]
            vpcs = client.describe_vpcs(Filters=only_default).get("Vpcs", ())
            if not vpcs:
                return Placement(None, ())
            vpc = str(vpcs[0]["VpcId"])
            pages = client.get_paginator("describe_security_groups").paginate(
                Filters=[{"Name": "vpc-id", "Values": [vpc]}]
            )
            groups = [to_security_group(g) for page in pages for g in page["SecurityGroups"]]
        return Placement(vpc, tuple(sorted(groups, key=lambda g: (not g.is_default, g.name))))

    async def create_instance(self, new: NewInstance) -> Instance:
        """Ask for a new instance; it is not available yet when this answers.

        INVALID, with nothing sent, if a field breaks a rule of RDS.
        """
        problems = rules.problems(new)
        if problems:
            raise ServiceError(
                "The instance cannot be created like this.",
                cause=" ".join(problems.values()),
                kind=ErrorKind.INVALID,
            )
        return await self._pool.run(self._create_instance, new)

    def _create_instance(self, new: NewInstance) -> Instance:
        with changes.explaining(), translating(f"create {new.stored_identifier}"):
            return changes.create(self._rds(), new)

    async def wait_available(
        self, identifier: str, backoff: waiting.Backoff | None = None
    ) -> AsyncIterator[StatusSeen]:
        """Each look at the instance until it is available. Stop by closing or cancelling.

        Goes on looking in the same account and region when the user switches to another.
        See `waiting.watch` for what is outlived and what is raised.
        """
        if backoff is None:
            local = self._account.is_sandbox
            backoff = waiting.SANDBOX_BACKOFF if local else waiting.AWS_BACKOFF
        client = await self._pool.run(self._rds)

        async def describe(name: str) -> Instance:
            return await self._pool.run(self._describe, name, client)

        async for look in waiting.watch(identifier.lower(), describe, backoff):
            yield look

    async def inbound_rules(self, instance: Instance) -> tuple[SecurityGroup, ...]:
        """The instance's security groups with everything that each lets in."""
        return await self._pool.run(self._inbound_rules, instance.security_groups)

    def _inbound_rules(self, group_ids: Sequence[str]) -> tuple[SecurityGroup, ...]:
        if not group_ids:
            return ()
        return inbound.read_groups(self._account.client("ec2"), group_ids)

    async def close_inbound(self, rule: InboundRule) -> bool:
        """Remove a rule from its security group; whether it was there."""
        return await self._pool.run(self._close_inbound, rule)

    def _close_inbound(self, rule: InboundRule) -> bool:
        return inbound.remove_rule(self._account.client("ec2"), rule)

    async def open_postgres(
        self,
        instance: Instance,
        sources: Sequence[str],
        *,
        group_id: str | None = None,
        description: str = inbound.RULE_DESCRIPTION,
    ) -> Opened:
        """Let address ranges in to the instance's own port.

        `sources` are addresses or CIDR ranges; `group_id` is one of the instance's groups, by
        default its first. A range that a rule lets in already is reported, not an error. Without
        public access a rule alone does not make the instance reachable from outside its VPC.
        """
        networks = inbound.to_networks(sources)
        port = instance.port_to_open()
        chosen = instance.group_to_open(group_id)
        return await self._pool.run(self._open, chosen, port, networks, description)

    def _open(
        self, group_id: str, port: int, networks: list[inbound.Network], description: str
    ) -> Opened:
        (group,) = self._inbound_rules([group_id])
        missing, known = inbound.split_known(group, port, networks)
        added: list[inbound.Network] = []
        for network in missing:
            # One call each: a duplicate makes EC2 reject the whole request.
            try:
                with translating(f"open port {port} in {group_id} to {network}"):
                    self._add_rule(group_id, port, network, description)
                added.append(network)
            except ServiceError as error:
                if error.kind is not ErrorKind.EXISTS:
                    raise
                known.append(network)
        return Opened(group_id, port, tuple(map(str, added)), tuple(map(str, known)))

    def _add_rule(
        self, group_id: str, port: int, network: inbound.Network, description: str
    ) -> None:
        client = self._account.client("ec2")
        permission = inbound.permission(network, port, description)

        def look(_: object) -> Done[Any] | Look:
            (group,) = self._inbound_rules([group_id])
            missing, _known = inbound.split_known(group, port, [network])
            # There was no such rule before, so it is ours.
            return Look.NOT_DONE if missing else Done(None)

        settled(
            lambda: client.authorize_security_group_ingress(
                GroupId=group_id, IpPermissions=[permission]
            ),
            look,
            how_to_look="Press w to see the inbound rules before you add it again.",
        )

    async def my_address(self) -> str:
        """This machine's public address, as AWS sees it. Never asked for in the sandbox."""
        endpoint = self._account.endpoint
        if self._account.is_sandbox or (endpoint and urlsplit(endpoint).hostname in _LOOPBACK):
            raise address.refuse_in_sandbox()
        return await self._pool.run(address.ask_public_address)

    def connect_info(self, instance: Instance, database: str | None = None) -> ConnectInfo:
        """How to connect; nothing is sent. CONFLICT while there is nothing to connect to."""
        if not instance.speaks_postgres:
            raise ServiceError(
                f"{instance.identifier} is {instance.engine}, not PostgreSQL.",
                kind=ErrorKind.CONFLICT,
            )
        if instance.host is None or instance.port is None:
            problem = waiting.refusal(instance.identifier, instance.status)
            raise problem or ServiceError(
                f"{instance.identifier} has no endpoint yet: its status is {instance.status}.",
                hint="Wait until it is available.",
                kind=ErrorKind.CONFLICT,
            )
        return ConnectInfo(
            identifier=instance.identifier,
            host=instance.host,
            port=instance.port,
            database=database or instance.database or DEFAULT_DATABASE,
            user=instance.master_user or DEFAULT_DATABASE,
            iam_possible=bool(instance.iam_auth),
            sslmode="prefer" if self._account.endpoint else "require",
        )

    async def start_instance(self, identifier: str) -> Instance:
        """Start a stopped instance; it is billed for its hours again."""
        return await self._pool.run(self._start_instance, identifier.lower())

    def _start_instance(self, identifier: str) -> Instance:
        with changes.explaining(), translating(f"start {identifier}"):
            return changes.start(self._rds(), identifier)

    def _rds(self) -> Any:
        return self._account.client("rds")

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()


def _order(version: str) -> tuple[int, ...]:
    """Versions by number: 17.10 after 17.9, "16.8-R2" after "16.8-R1"."""
    numbers = version.replace("-R", ".").split(".")
    return tuple(int(number) if number.isdigit() else -1 for number in numbers)
