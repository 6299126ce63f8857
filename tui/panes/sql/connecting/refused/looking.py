"""Looks at a server that could not be connected to, step by step, and at the RDS instance behind
it.

It has no widget: it calls `changed` whenever there is something new to show.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tui.panes.sql.connecting.refused import wording
from tui.panes.sql.connecting.refused.cause import conclude
from tui.panes.sql.connecting.refused.conclusion import Conclusion
from tui.panes.sql.connecting.refused.facts import (
    OF_INSTANCE,
    SECURING,
    UNREACHED,
    Aspect,
    Facts,
    LookedAt,
    Verdict,
)
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance
from tui.services.rds.reachability import admission
from tui.services.sql import DatabaseTarget, Refusal
from tui.services.sql.connecting.diagnosis.endpoint import endpoint_of
from tui.services.sql.connecting.diagnosis.port import PATIENCE, Reach, Spoken, own_address
from tui.services.sql.connecting.diagnosis.resolving import is_private, is_rds_name, region_of

LIMIT = 15.0
"""Seconds for everything; what has no answer by then is unknown."""

_LOOPBACK = ("127.", "::1")


class Diagnosis:
    """Of one refusal, once."""

    def __init__(
        self,
        services: Services,
        target: DatabaseTarget,
        error: ServiceError,
        changed: Callable[[], None] = lambda: None,
        *,
        patience: float = PATIENCE,
        limit: float = LIMIT,
    ) -> None:
        """`patience` is the time for each probe of the network, in seconds, `limit` for all."""
        in_sandbox = services.account.is_sandbox
        # Through a tunnel libpq sees only the tunnel's own end.
        said = "" if target.tunnel else error.cause
        endpoint = endpoint_of(target, said)
        session = services.sql.session_at(endpoint.host, endpoint.port, target.tunnel)
        self.facts = Facts(target, error, endpoint, in_sandbox, session is not None)
        self.conclusion: Conclusion | None = None
        """None until everything was looked at."""
        self.changed = changed
        self._services = services
        self._probes = services.sql.probes(patience)
        self._limit = limit

    @property
    def looked(self) -> list[LookedAt]:
        """What was looked at so far, in the order in which a connection meets it."""
        return [self.facts.looked[each] for each in Aspect if each in self.facts.looked]

    async def run(self) -> None:
        """Look at everything; never raises."""
        try:
            async with asyncio.timeout(self._limit):
                await self._look()
        except TimeoutError:
            for each in self.looked:
                if each.verdict is Verdict.UNDER_WAY:
                    self._tell(each.aspect, Verdict.UNKNOWN, f"no answer in {self._limit:.0f} s")
        self.conclusion = conclude(self.facts)
        self.changed()

    async def _look(self) -> None:
        facts = self.facts
        unreached = facts.refusal in UNREACHED
        if facts.target.tunnel:
            # What this machine sees of the server's own network is nothing.
            through = f"it is reached through the ssh host {facts.target.tunnel}"
            self._tell(Aspect.PORT, Verdict.NOT_LOOKED, through)
            if self._is_of_account:
                await self._look_at_instance(network=False)
            return
        if unreached or facts.refusal in SECURING:
            await self._resolve()
        async with asyncio.TaskGroup() as group:
            if unreached or facts.refusal in SECURING:
                group.create_task(self._look_at_server())
            if self._is_of_account:
                group.create_task(self._look_at_instance(network=unreached))

    def _tell(self, aspect: Aspect, verdict: Verdict, said: str) -> None:
        self.facts.looked[aspect] = LookedAt(aspect, verdict, said)
        self.changed()

    @asynccontextmanager
    async def _asking(self, aspect: Aspect, said: str) -> AsyncIterator[None]:
        """A look at something that AWS may refuse, which is then unknown."""
        self._tell(aspect, Verdict.UNDER_WAY, said)
        try:
            yield
        except ServiceError as error:
            self._tell(aspect, Verdict.UNKNOWN, wording.unknown(error))

    # -- the server -------------------------------------------------------------------------------

    async def _resolve(self) -> None:
        endpoint = self.facts.endpoint
        if not endpoint.host:
            return
        self._tell(Aspect.NAME, Verdict.UNDER_WAY, endpoint.host)
        self.facts.resolved = await self._probes.resolve(endpoint.host)
        self._tell(Aspect.NAME, *wording.name(self.facts.resolved))

    async def _look_at_server(self) -> None:
        facts = self.facts
        endpoint = facts.endpoint
        addresses = facts.resolved.addresses if facts.resolved else ()
        if not addresses and not endpoint.socket:
            self._tell(Aspect.PORT, Verdict.NOT_LOOKED, "there is no address to try")
            return
        self._tell(Aspect.PORT, Verdict.UNDER_WAY, facts.place)
        facts.port = await self._probes.reach(addresses, endpoint)
        self._tell(Aspect.PORT, *wording.port(facts.port, endpoint))
        if facts.port.reach is not Reach.OPEN:
            return
        self._tell(Aspect.SERVER, Verdict.UNDER_WAY, "asked whether it encrypts")
        facts.tls = await self._probes.ask_for_tls(facts.port.address, endpoint)
        self._tell(Aspect.SERVER, *wording.server(facts.tls))
        if facts.tls.spoken is not Spoken.TLS or facts.refusal not in SECURING:
            return
        self._tell(Aspect.CERTIFICATE, Verdict.UNDER_WAY, "asked for it")
        facts.certificate = await self._probes.certificate(
            facts.port.address, endpoint, facts.target
        )
        self._tell(Aspect.CERTIFICATE, *wording.certificate(facts.certificate))

    # -- the instance of RDS ----------------------------------------------------------------------

    @property
    def _rds_name(self) -> str:
        """The name of RDS's under which the server is known; empty if there is none."""
        resolved = self.facts.resolved
        names = (self.facts.endpoint.host, resolved.full_name if resolved else "")
        return next((each for each in names if is_rds_name(each)), "")

    @property
    def _is_of_account(self) -> bool:
        """Whether the server may be an instance of this account, which may know more."""
        if self.facts.refusal not in OF_INSTANCE:
            return False
        known = bool(self.facts.target.instance or self._rds_name)
        return known or (self.facts.in_sandbox and bool(self.facts.endpoint.host))

    async def _look_at_instance(self, *, network: bool) -> None:
        async with self._asking(Aspect.INSTANCE, "looked for in this account"):
            await self._find_instance()
        instance = self.facts.instance
        if instance is None:
            return
        if self.facts.refusal in {Refusal.IAM_NOT_GRANTED, Refusal.WRONG_PASSWORD}:
            self._tell(Aspect.IAM, *wording.iam(instance))
        if network and instance.available:
            self._tell(Aspect.PUBLIC, *wording.public(instance))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_at_rules(instance))
                group.create_task(self._look_at_routes(instance))

    async def _find_instance(self) -> None:
        facts, rds = self.facts, self._services.rds
        name = self._rds_name
        region, here = region_of(name), self._services.account.target.region
        if region and here and region != here:
            self._tell(
                Aspect.INSTANCE, Verdict.NOT_LOOKED, f"it is in {region}, and this is {here}"
            )
            return
        if facts.target.instance:
            found = await rds.describe(facts.target.instance)
            # The profile may be another one than when the connection was saved or made: an instance
            # of the same name in that account must not be changed in the place of this one.
            other = name and found.host and name.lower().rstrip(".") != found.host.lower()
            facts.instance = None if other else found
        else:
            facts.instance = await rds.find_endpoint(
                name or facts.endpoint.host, facts.endpoint.port
            )
        if facts.instance is not None:
            self._tell(Aspect.INSTANCE, *wording.instance(facts.instance))
        elif name:
            facts.no_instance = True
            self._tell(
                Aspect.INSTANCE, Verdict.PROBLEM, f"no instance of this account in {here} has it"
            )
        else:
            del facts.looked[Aspect.INSTANCE]
            self.changed()

    async def _look_at_rules(self, instance: Instance) -> None:
        facts, rds = self.facts, self._services.rds
        self._tell(Aspect.RULES, Verdict.UNDER_WAY, "your address is asked for")
        mine, why = await self._my_address()
        port = instance.port or facts.endpoint.port
        async with self._asking(Aspect.RULES, "read"):
            groups = await rds.security_groups.of(instance)
            facts.admission = admission(groups, port, mine)
            self._tell(Aspect.RULES, *wording.rules(facts.admission, port, why))
        if not mine:
            return
        async with self._asking(Aspect.ACLS, "read"):
            acls = await rds.subnet_acls(instance)
            refusals = [each.refuses(mine, port) for each in acls]
            # It may be in any of them.
            facts.acl_refusal = refusals[0] if refusals and all(refusals) else ""
            self._tell(Aspect.ACLS, *wording.acls(refusals))

    async def _my_address(self) -> tuple[str, str]:
        """The address with which this machine comes to the server, or why it is not known."""
        server = self.facts.address
        if server.startswith(_LOOPBACK):
            return "", "the sandbox has no network between you and it"
        if server and is_private(server):
            return own_address(server), ""
        try:
            return await self._services.rds.my_address(), ""
        except ServiceError as error:
            return "", error.message

    async def _look_at_routes(self, instance: Instance) -> None:
        async with self._asking(Aspect.ROUTES, "read"):
            self.facts.routes = await self._services.rds.subnet_routes(instance)
            self._tell(Aspect.ROUTES, *wording.routes(self.facts.routes, instance))
