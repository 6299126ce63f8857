"""The probes together, for who looks at a server."""

from __future__ import annotations

import asyncio

from tui.services.blocking import BlockingPool
from tui.services.sql.connecting.certificates import AUTHORITY_ONLY, roots_of
from tui.services.sql.connecting.diagnosis.certificate import (
    Certificate,
    certificate_of,
    sslmode_of,
)
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import (
    PortAnswer,
    Spoken,
    TlsAnswer,
    ask_for_tls,
    reach,
)
from tui.services.sql.connecting.diagnosis.resolving import Resolved, resolve
from tui.services.sql.connecting.targets import DatabaseTarget


class Probes:
    """Each probe ends after some seconds (`patience`), and at once when it is cancelled."""

    def __init__(self, pool: BlockingPool, patience: float) -> None:
        self._pool = pool
        self._patience = patience

    async def resolve(self, host: str) -> Resolved:
        """The addresses of a name. A resolver that goes on for longer is left alone."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._pool.run(resolve, host)
        except TimeoutError:
            said = f"the name service did not answer within {self._patience:.0f} s"
            return Resolved(problem=said)

    async def reach(self, addresses: tuple[str, ...], endpoint: Endpoint) -> PortAnswer:
        """Whether the port can be reached at one of the addresses."""
        return await reach(addresses, endpoint, self._patience)

    async def ask_for_tls(self, address: str, endpoint: Endpoint) -> TlsAnswer:
        """What answers behind the open port."""
        try:
            return await ask_for_tls(address, endpoint, self._patience)
        except OSError as error:
            return TlsAnswer(Spoken.HUNG_UP, error.strerror or str(error))

    async def certificate(
        self, address: str, endpoint: Endpoint, target: DatabaseTarget
    ) -> Certificate:
        """The certificate of a server that encrypts, checked as libpq would."""
        return await certificate_of(
            self._pool,
            address,
            endpoint,
            roots_of(target),
            any_name=sslmode_of(target) == AUTHORITY_ONLY,
            patience=self._patience,
        )
