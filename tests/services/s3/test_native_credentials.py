"""The credentials that the native client signs with are those of the SDK."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from botocore.credentials import Credentials, RefreshableCredentials

from tui.services.s3.data.native_clients import provider_of


def used(provider: Any) -> tuple[str, str, str | None]:
    now = provider.get_credentials().result(timeout=10)
    return now.access_key_id, now.secret_access_key, now.session_token


def test_credentials_are_used_as_they_are_now() -> None:
    assert used(provider_of(Credentials("key", "secret"))) == ("key", "secret", None)
    credentials = Credentials("key", "secret", "token")
    provider = provider_of(credentials)
    assert used(provider) == ("key", "secret", "token")
    # As those that were read anew are given to what is under way.
    credentials.access_key, credentials.token = "new", "its"
    assert used(provider) == ("new", "secret", "its")


def test_credentials_that_expire_are_renewed_by_the_sdk() -> None:
    runs = count(1)

    def renew() -> dict[str, str]:
        # They expire at once, so that the SDK renews them whenever it is asked.
        expires = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        key = f"key{next(runs)}"
        return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": expires}

    provider = provider_of(RefreshableCredentials.create_from_metadata(renew(), renew, "test"))
    assert [used(provider)[0] for _ in range(2)] == ["key2", "key3"]
