"""Why the certificate of a server could not be verified. libpq says no more than that."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

from tui.services.sql.connecting.certificates import roots_of, trusting
from tui.services.sql.connecting.diagnosis.port import SSL_REQUEST
from tui.services.sql.connecting.targets import DatabaseTarget

LOOK_SECONDS = 5.0
"""For the whole look: the user waits for the error meanwhile."""


def why_not_verified(target: DatabaseTarget) -> str:
    """A sentence: "The certificate has expired."; empty if nothing more is found out.

    Begins a connection again as far as the certificate, and sends nothing but this. Blocking.
    """
    parameters = target.parameters
    host = (parameters.get("hostaddr") or parameters.get("host") or "").split(",")[0]
    port = (parameters.get("port") or "5432").split(",")[0]
    roots = roots_of(target)
    if not roots or not host or host.startswith(("/", "@")) or not port.isdecimal():
        return ""
    with suppress(OSError, ValueError):
        # Its errors that say nothing of the certificate are OSErrors too.
        context = trusting(roots)
        # libpq has said it of the certificate, and not of the name in it.
        context.check_hostname = False
        return _look(host, int(port), context)
    return ""


def _look(host: str, port: int, context: ssl.SSLContext) -> str:
    with socket.create_connection((host, port), LOOK_SECONDS) as line:
        line.sendall(SSL_REQUEST)
        if line.recv(1) != b"S":
            return ""
        try:
            context.wrap_socket(line, server_hostname=host).close()
        except ssl.SSLCertVerificationError as error:
            said = error.verify_message
            return f"{said[:1].upper()}{said[1:]}."
    return ""
