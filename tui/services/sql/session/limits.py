"""How long a statement may take, and how long it may wait for a lock: settings of the server's, for
one connection."""

from __future__ import annotations

from tui.services.sql.models import TimeLimits, TransactionState
from tui.services.sql.session.connection import ServerConnection


class AppliedLimits:
    """The limits of one connection, set again where a ROLLBACK has taken them back."""

    def __init__(self, limits: TimeLimits) -> None:
        self.limits = limits
        self._applied: TimeLimits | None = TimeLimits()
        """What the server is known to have; None if that depends on how a transaction ends."""

    def set(self, limits: TimeLimits) -> None:
        """Have these from the next statement on."""
        self.limits = limits

    def apply(self, connection: ServerConnection) -> None:
        """Tell the server what it does not know yet. Blocking."""
        if self.limits == self._applied or connection.state is TransactionState.FAILED:
            return
        settings = [_setting("statement_timeout", self.limits.statement)]
        if not connection.info.is_redshift:  # which has no time limit for locks
            settings.append(_setting("lock_timeout", self.limits.lock))
        connection.execute("; ".join(settings))
        # In a transaction a SET is undone by ROLLBACK: it is sent again behind it.
        is_settled = connection.state is TransactionState.IDLE
        self._applied = self.limits if is_settled else None


def _setting(name: str, seconds: float | None) -> str:
    return f"RESET {name}" if seconds is None else f"SET {name} = {round(seconds * 1000)}"
