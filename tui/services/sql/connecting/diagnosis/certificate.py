"""The certificate of a server: what it says, and whether the roots that libpq would use vouch for
it."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from enum import Enum

from tui.services.blocking import BlockingPool
from tui.services.sql.connecting.certificates import trusting
from tui.services.sql.connecting.diagnosis import x509
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import PATIENCE, Spoken, asked
from tui.services.sql.connecting.targets import DatabaseTarget

# OpenSSL's numbers: x509_vfy.h.
_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64


class Trust(Enum):
    """Whether a certificate proves who the server is."""

    VERIFIED = "verified"
    EXPIRED = "expired"
    NOT_YET = "not valid yet"
    OTHER_NAME = "other name"
    """It is for another host."""
    UNKNOWN_ROOT = "unknown root"
    """It was signed by nobody that is in the root certificates."""
    NO_ROOTS = "no roots"
    """There are no root certificates to check it with, or they cannot be read."""
    NO_TLS = "no TLS"
    """No encrypted connection came about."""


@dataclass(frozen=True)
class Certificate:
    """What a server showed of itself."""

    trust: Trust
    text: x509.CertificateText | None = None
    """None if there is no certificate, or one that cannot be read."""
    said: str = ""
    """OpenSSL's words, if it is not verified."""
    roots: str = ""
    """The file of root certificates; "system" for those of the system."""
    protocol: str = ""
    """"TLSv1.3", say."""


def sslmode_of(target: DatabaseTarget) -> str:
    """How libpq is to encrypt."""
    return target.parameters.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"


async def certificate_of(
    pool: BlockingPool,
    address: str,
    endpoint: Endpoint,
    roots: str,
    *,
    any_name: bool = False,
    patience: float = PATIENCE,
) -> Certificate:
    """Look at the certificate of a server that encrypts, and check it with `roots`: a file,
    "system", or empty. `any_name` is sslmode=verify-ca: whom it is for does not matter."""

    async def shake(context: ssl.SSLContext) -> tuple[bytes, str]:
        """The certificate that the server shows (DER), and the protocol."""
        async with asked(address, endpoint, patience) as (answer, writer):
            if answer.spoken is not Spoken.TLS:
                raise ssl.SSLError("the server does not encrypt")
            name = (
                endpoint.host if context.check_hostname or not _is_address(endpoint.host) else None
            )
            await writer.start_tls(context, server_hostname=name, ssl_handshake_timeout=patience)
            secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
            return secured.getpeercert(binary_form=True) or b"", secured.version() or ""

    try:
        shown, protocol = await shake(await pool.run(_any_certificate))
    except (OSError, ValueError) as error:
        return Certificate(Trust.NO_TLS, said=_words(error))
    text = x509.read(shown)
    try:
        context = await pool.run(_checking, roots, any_name)
    except OSError as error:
        return Certificate(Trust.NO_ROOTS, text, _words(error), roots, protocol)
    if context is None:
        return Certificate(Trust.NO_ROOTS, text, protocol=protocol)
    try:
        await shake(context)
    except ssl.SSLCertVerificationError as error:
        return Certificate(_trust(error), text, error.verify_message, roots, protocol)
    except (OSError, ValueError) as error:
        return Certificate(Trust.NO_TLS, text, _words(error), roots, protocol)
    return Certificate(Trust.VERIFIED, text, roots=roots, protocol=protocol)


def _any_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _checking(roots: str, any_name: bool) -> ssl.SSLContext | None:
    """What checks a certificate; None if there is nothing to check it with."""
    if not roots:
        return None
    context = trusting(roots)
    context.check_hostname = not any_name
    return context


def _trust(error: ssl.SSLCertVerificationError) -> Trust:
    known: dict[int, Trust] = {
        _EXPIRED: Trust.EXPIRED,
        _NOT_YET: Trust.NOT_YET,
        _OTHER_NAME: Trust.OTHER_NAME,
        _OTHER_ADDRESS: Trust.OTHER_NAME,
    }
    return known.get(error.verify_code, Trust.UNKNOWN_ROOT)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLError):
        return getattr(error, "reason", None) or str(error)
    return getattr(error, "strerror", None) or str(error) or "the connection was ended"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
