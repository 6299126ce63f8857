"""What was found out about a connection that was not made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tui.services.errors import ServiceError
from tui.services.rds import Instance
from tui.services.rds.reachability import Admission, SubnetRoute
from tui.services.sql import ConnectError, DatabaseTarget, Refusal
from tui.services.sql.connecting.diagnosis.certificate import Certificate
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import PortAnswer, TlsAnswer
from tui.services.sql.connecting.diagnosis.resolving import Resolved


class Aspect(Enum):
    """One thing that is looked at, in the order in which a connection meets them."""

    NAME = "Name"
    PORT = "Port"
    SERVER = "Server"
    CERTIFICATE = "Certificate"
    INSTANCE = "RDS instance"
    PUBLIC = "Public access"
    RULES = "Inbound rules"
    ROUTES = "Routes"
    ACLS = "Network ACLs"
    IAM = "IAM login"


class Verdict(Enum):
    """How an aspect looks."""

    GOOD = "good"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    NOT_LOOKED = "not looked at"
    UNDER_WAY = "under way"


@dataclass(frozen=True)
class LookedAt:
    """What one look came to."""

    aspect: Aspect
    verdict: Verdict
    said: str


UNREACHED = {Refusal.NO_SUCH_HOST, Refusal.NO_ANSWER, Refusal.PORT_CLOSED}
"""Reasons for which the server itself has said nothing."""

SECURING = {
    Refusal.TLS_REQUIRED,
    Refusal.TLS_REFUSED,
    Refusal.NO_ROOT_CERTIFICATE,
    Refusal.CERTIFICATE_NOT_VERIFIED,
    Refusal.HOST_NAME_MISMATCH,
    Refusal.CLIENT_CERTIFICATE,
    Refusal.OTHER,
}
"""Reasons for which it matters what answers at the port, and with which certificate."""

OF_INSTANCE = {
    *UNREACHED,
    Refusal.WRONG_PASSWORD,
    Refusal.IAM_NOT_GRANTED,
    Refusal.NOT_ACCEPTING,
    Refusal.OTHER,
}
"""Reasons for which the RDS instance behind the server may know more."""


@dataclass
class Facts:
    """What is known; None is not known, or not known yet."""

    target: DatabaseTarget
    error: ServiceError
    """libpq's, or what stood in the way before it was asked."""
    endpoint: Endpoint
    in_sandbox: bool = False
    has_session: bool = False
    """Whether another session is open on the same server."""
    resolved: Resolved | None = None
    port: PortAnswer | None = None
    tls: TlsAnswer | None = None
    certificate: Certificate | None = None
    instance: Instance | None = None
    """The RDS instance that answers there."""
    no_instance: bool = False
    """Whether the name is one of RDS's, and no instance of the account and region has it."""
    admission: Admission | None = None
    routes: tuple[SubnetRoute, ...] = ()
    acl_refusal: str = ""
    """Why a network ACL does not let this machine through."""
    looked: dict[Aspect, LookedAt] = field(default_factory=dict)

    @property
    def refusal(self) -> Refusal:
        """The reason that libpq's words give."""
        return self.error.refusal if isinstance(self.error, ConnectError) else Refusal.OTHER

    @property
    def address(self) -> str:
        """The address of the server that was tried; empty if it is not known."""
        if self.port is not None:
            return self.port.address
        return next(iter(self.resolved.addresses), "") if self.resolved else ""

    @property
    def place(self) -> str:
        """Where the server was looked for, for a sentence."""
        return self.endpoint.socket or f"{self.endpoint.host}:{self.endpoint.port}"
