"""What the account service is told and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Target:
    """Where calls go. Two equal targets share their clients."""

    profile: str | None = None
    """A profile of the shared files; None follows the SDK's own chain."""
    region: str | None = None
    """None follows the SDK's own chain, and may end with no region at all."""
    endpoint_url: str | None = None
    """None is AWS itself (or what `AWS_ENDPOINT_URL` says)."""


@dataclass(frozen=True)
class StaticCredentials:
    """Credentials that were made for a sandbox; real ones stay inside the SDK."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """The answer of sts:GetCallerIdentity."""

    account_id: str
    arn: str
    alias: str | None
    """The account's alias; None if it has none or may not be read."""


@dataclass(frozen=True)
class Whereabouts:
    """What decides which buckets and tables there are."""

    account_id: str
    region: str | None
    endpoint: str | None
    """None is AWS itself."""


@dataclass(frozen=True)
class CredentialsLife:
    """How long the credentials are good for."""

    expires: datetime | None
    """Aware; None if they do not end, or do not say when."""
    temporary: bool
    """Whether they end at all."""
