"""The only way to AWS: connections, calls, the read-only guard, the audit, and the errors."""

from tui.services.aws.account import Account
from tui.services.aws.calls import (
    MARKER,
    NEXT_TOKEN,
    TABLE_NAMES,
    Backoff,
    Paging,
    Pauses,
    call,
    change,
    pages,
)
from tui.services.aws.connection import Connection, Identity, Target
from tui.services.aws.credentials import CredentialsLife, StaticCredentials
from tui.services.aws.lost_answer import (
    Done,
    Look,
    Looker,
    earlier_try_lost,
    lost_answer_of,
    settled,
)
from tui.services.aws.translate import TRY_AGAIN, translate, translating

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
    "Pauses",
    "StaticCredentials",
    "Target",
    "call",
    "change",
    "earlier_try_lost",
    "lost_answer_of",
    "pages",
    "settled",
    "translate",
    "translating",
]
