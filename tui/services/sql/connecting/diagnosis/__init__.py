"""What is between this machine and a server, looked at step by step, without a driver: the name,
the port, what answers there, its certificate. Nothing here logs in."""

from tui.services.sql.connecting.diagnosis.certificate import Certificate, Trust, certificate_of
from tui.services.sql.connecting.diagnosis.place import Place, place_of
from tui.services.sql.connecting.diagnosis.port import (
    Answer,
    PortAnswer,
    Reach,
    Spoken,
    ask_for_tls,
    own_address,
    reach,
)
from tui.services.sql.connecting.diagnosis.resolving import Resolved, is_private, resolve

__all__ = [
    "Answer",
    "Certificate",
    "Place",
    "PortAnswer",
    "Reach",
    "Resolved",
    "Spoken",
    "Trust",
    "ask_for_tls",
    "certificate_of",
    "is_private",
    "own_address",
    "place_of",
    "reach",
    "resolve",
]
