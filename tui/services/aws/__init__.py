"""Who we are to AWS: credentials, identity, region, endpoint, the read-only guard, clients."""

from tui.services.aws.account import Account
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
    Standpoint,
    StaticCredentials,
    Target,
    Whereabouts,
)
from tui.services.aws.translate import TRY_AGAIN, translate, translating

__all__ = [
    "TRY_AGAIN",
    "Account",
    "CredentialsLife",
    "Done",
    "Identity",
    "Look",
    "Looker",
    "Standpoint",
    "StaticCredentials",
    "Target",
    "Whereabouts",
    "earlier_try_lost",
    "lost_answer_of",
    "settled",
    "translate",
    "translating",
]
