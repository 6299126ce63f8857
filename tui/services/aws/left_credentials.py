"""Credentials that clients in use still hold when the user has them read anew.

A transfer stays with its clients, so that it stays with its account. When their credentials have
expired, those that were read anew take their place there, if they are of the same account.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import Any

from tui.services.aws.connection import Target


@dataclass(frozen=True)
class _Left:
    credentials: weakref.ref[Any]
    """The SDK's; gone when no client has them any more."""
    profile: str | None
    endpoint: str | None
    account_id: str | None
    """None where nobody says whose they are."""


class LeftCredentials:
    """Thread-safe; never waits."""

    def __init__(self) -> None:
        self._left: list[_Left] = []
        self._lock = threading.Lock()

    def keep(self, credentials: Any, target: Target, account_id: str | None) -> None:
        """Clients of this target may still use them."""
        if not hasattr(credentials, "refresh_needed"):
            # Others renew themselves, from where they came from.
            left = _Left(weakref.ref(credentials), target.profile, target.endpoint_url, account_id)
            with self._lock:
                self._left = [each for each in self._left if each.credentials() is not None]
                self._left.append(left)

    def renew(self, new: Any, target: Target, account_id: str | None) -> None:
        """From now on, clients of the same profile, endpoint and account use these."""
        with self._lock:
            left = tuple(self._left)
        who = (target.profile, target.endpoint_url, account_id)
        for each in left:
            old = each.credentials()
            if old is None or old is new or (each.profile, each.endpoint, each.account_id) != who:
                continue
            now = new.get_frozen_credentials()
            # Whoever signs meanwhile with a part of the old ones is refused, and tries again.
            old.access_key, old.secret_key, old.token = now.access_key, now.secret_key, now.token
