"""Who we are to AWS: credentials, identity, region, endpoint, the read-only guard, clients."""

from tui.services.account.account import Account
from tui.services.account.models import (
    CredentialsLife,
    Identity,
    Standpoint,
    StaticCredentials,
    Target,
    Whereabouts,
)
from tui.services.account.translate import translate, translating

__all__ = [
    "Account",
    "CredentialsLife",
    "Identity",
    "Standpoint",
    "StaticCredentials",
    "Target",
    "Whereabouts",
    "translate",
    "translating",
]
