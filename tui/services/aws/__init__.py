"""Who we are to AWS: credentials, identity, region, endpoint, the read-only guard, clients."""

from tui.services.aws.account import Account
from tui.services.aws.calls import MARKER, NEXT_TOKEN, TABLE_NAMES, Backoff, Paging, call, pages
from tui.services.aws.connection import Connection
from tui.services.aws.lost_answer import (
    Done,
    Look,
    Looker,
    earlier_try_lost,
    lost_answer_of,
    settled,
)
from tui.services.aws.models import (
    CredentialsLife,
    Identity,
    StaticCredentials,
    Target,
    Whereabouts,
)
from tui.services.aws.translate import TRY_AGAIN, translate, translating

Standpoint = Connection

__all__ = [
    "MARKER",
    "NEXT_TOKEN",
    "TABLE_NAMES",
    "TRY_AGAIN",
    "Account",
    "Backoff",
    "Connection",
    "CredentialsLife",
    "Done",
    "Identity",
    "Look",
    "Looker",
    "Paging",
    "Standpoint",
    "StaticCredentials",
    "Target",
    "Whereabouts",
    "call",
    "earlier_try_lost",
    "lost_answer_of",
    "pages",
    "settled",
    "translate",
    "translating",
]
