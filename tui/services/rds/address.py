"""The public address of this machine, as AWS sees it."""

from __future__ import annotations

import ipaddress
from http.client import HTTPException

from tui.services.errors import ErrorKind, ServiceError

CHECK_URL = "https://checkip.amazonaws.com/"
"""AWS's own service for this question; the console asks it too."""

TIMEOUT = 4.0
"""Seconds; a person is waiting and can type the address instead."""

_MOST_BYTES = 100
_HINT = "Type the address or range instead."


def ask_public_address(url: str = CHECK_URL, timeout: float = TIMEOUT) -> str:
    """The address in canonical form. Blocking: call on a pool. Raises ServiceError."""
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=timeout) as answer:  # noqa: S310 (a constant, https)
            text = answer.read(_MOST_BYTES).decode("ascii", "replace").strip()
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            # The error is the open response itself.
            error.close()
        raise ServiceError(
            "Could not find out your public address.",
            cause=f"{url}: {error}",
            hint=_HINT,
            kind=ErrorKind.NETWORK,
        ) from error
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise ServiceError(
            "Could not find out your public address.",
            cause=f"{url} answered something that is not an address.",
            hint=_HINT,
        ) from error


def refuse_in_sandbox() -> ServiceError:
    """Why no address is asked for in the sandbox."""
    return ServiceError(
        "The sandbox never leaves this machine, so your public address is not known.",
        hint=_HINT,
        kind=ErrorKind.CONFLICT,
    )
