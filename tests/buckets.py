"""Buckets of a test's own, filled without the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tui.services.aws import Account

Put = Callable[..., None]
"""Stores objects directly: `put({key: bytes}, **parameters of PutObject)`."""


def own_bucket(account: Account) -> str:
    """The name of a new, empty bucket."""
    name = f"t-{uuid4().hex}"
    account.connection.client("s3").create_bucket(Bucket=name)
    return name


def putting(account: Account, bucket: str) -> Put:
    """What stores objects in a bucket."""

    def store(objects: dict[str, bytes], **parameters: Any) -> None:
        client = account.connection.client("s3")
        for key, body in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=body, **parameters)

    return store
