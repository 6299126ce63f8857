"""Explaining a refusal. What that needs is loaded when there is one."""

from __future__ import annotations

from tui.panes.sql.connecting.passwords import Attempt
from tui.panes.sql.connecting.refused.access import PAM_FAILED
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.errors import ServiceError
from tui.services.loading import loaded
from tui.services.sql import DatabaseTarget, PasswordNeededError, Refusal
from tui.services.sql.connecting.certificates import is_rds

FIXES = "tui.panes.sql.connecting.refused.fixes"

TYPED = 2
"""Passwords that are asked for one after the other before their refusal is explained."""


async def explain(pane: RdsPane, attempt: Attempt, error: ServiceError) -> Attempt:
    """See `fixes.explain`."""
    await loaded(FIXES)
    from tui.panes.sql.connecting.refused import fixes

    return await fixes.explain(pane, attempt, error)


def is_no_typing_error(error: PasswordNeededError, target: DatabaseTarget, typed: int) -> bool:
    """Whether another password alone is probably no help: of those that were typed two were
    refused, or it is RDS that wants a token."""
    if error.refusal is not Refusal.WRONG_PASSWORD or not error.cause:
        return False
    of_rds = bool(target.instance) or is_rds(target)
    return typed >= TYPED or (of_rds and PAM_FAILED in error.cause)
