"""A cause and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """Why a connection was not made, as far as the facts go."""

    NO_SUCH_HOST = "no such host"
    NAME_SERVICE = "name service"
    """It did not answer, so nobody knows whether there is such a host."""
    STOPPED = "stopped"
    NOT_READY = "not ready"
    """Still being created, starting, restarting, …"""
    WILL_NOT_SERVE = "will not serve"
    """Being deleted, failed, …"""
    NOT_PUBLIC = "not public"
    PRIVATE_ADDRESS = "private address"
    NO_RULE = "no rule"
    ADDRESS_CHANGED = "address changed"
    """There is a rule for what was probably this machine's address before."""
    NO_ROUTE = "no route"
    """The subnets of the instance have no internet gateway, or this machine no network."""
    NETWORK_ACL = "network ACL"
    NO_ANSWER = "no answer"
    PORT_CLOSED = "port closed"
    OTHER_PORT = "other port"
    NOT_POSTGRES = "not a PostgreSQL"
    TLS_REQUIRED = "TLS required"
    TLS_REFUSED = "TLS refused"
    CERTIFICATE = "certificate"
    CERTIFICATE_EXPIRED = "certificate expired"
    OTHER_NAME = "other name"
    NO_ROOTS = "no root certificates"
    KEY_LOCKED = "client key locked"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - the name of a cause
    TOKEN_WANTED = "token wanted"  # noqa: S105 - the name of a cause
    IAM_OFF = "IAM off"
    IAM_NOT_GRANTED = "IAM not granted"
    NO_SUCH_DATABASE = "no such database"
    TOO_MANY_CONNECTIONS = "too many connections"
    AS_SAID = "as the server said"
    """Nothing is known beyond the server's own words."""
    OVER = "over"
    """It answers now."""


class Fix(Enum):
    """What can be done, by the key that does it."""

    RULE = "w"
    START = "s"
    WAIT = "a"
    PASSWORD = "p"  # noqa: S105 - a key
    TOKEN = "i"  # noqa: S105 - a key
    GRANT = "g"
    IAM_ON = "m"
    PUBLIC = "b"
    TUNNEL = "h"
    TLS = "t"
    BUNDLE = "f"
    PASSPHRASE = "k"  # noqa: S105 - a key
    PLAIN = "n"
    DATABASES = "l"
    HOLDERS = "c"
    RETRY = "r"
    EDIT = "u"


LABELS: dict[Fix, str] = {
    Fix.RULE: "Add an inbound rule for your address…",
    Fix.START: "Start the instance…",
    Fix.WAIT: "Wait until it is available",
    Fix.PASSWORD: "Another password…",
    Fix.TOKEN: "Log in with an IAM token",
    Fix.GRANT: "Copy the GRANT for an administrator",
    Fix.IAM_ON: "Turn IAM login on…",
    Fix.PUBLIC: "Make the instance public…",
    Fix.TUNNEL: "Go through an ssh host…",
    Fix.TLS: "Connect encrypted",
    Fix.BUNDLE: "Fetch the root certificates of RDS, and verify with them",
    Fix.PASSPHRASE: "The passphrase of the client's key…",
    Fix.PLAIN: "Connect without encryption…",
    Fix.DATABASES: "Choose among the databases of the server…",
    Fix.HOLDERS: "See who holds the connections",
    Fix.RETRY: "Try again",
    Fix.EDIT: "Change the URL…",
}
NOTES: dict[Fix, str] = {
    Fix.START: "it is billed again",
    Fix.TLS: "sslmode=require: who the server is stays unverified",
    Fix.PLAIN: "what is sent can be read on the way",
    Fix.PUBLIC: "then its rules decide who may come",
    Fix.HOLDERS: "through the session that is open there",
    Fix.TUNNEL: "one that reaches the server",
}
"""What is said dimly after some labels."""


@dataclass(frozen=True)
class Conclusion:
    """The first cause in the way."""

    cause: Cause
    sentence: str
    fixes: tuple[Fix, ...] = ()
    """What can be done about it, the best first; `RETRY` and `EDIT` always can."""
    advice: str = ""
    """What else can be done, outside the application."""

    @property
    def offered(self) -> tuple[Fix, ...]:
        """Everything that can be done here."""
        return tuple(dict.fromkeys([*self.fixes, Fix.RETRY, Fix.EDIT]))
