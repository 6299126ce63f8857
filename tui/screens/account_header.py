"""What the header line says about the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.header_line import HeaderState

if TYPE_CHECKING:
    from tui.services.aws import Account
    from tui.services.bundle import Services

WHY_UNKNOWN = {
    ErrorKind.CREDENTIALS: "no valid credentials: P profile, Ctrl+R try again",
    ErrorKind.NETWORK: "account unknown: no connection",
    ErrorKind.DENIED: "account unknown: access denied",
}
"""Said when nobody could tell who we are."""


@dataclass(frozen=True)
class AccountLine:
    """The account in a few words."""

    text: str
    known: bool = False
    """False while it is asked, and when the answer was an error."""


async def account_line(account: Account) -> AccountLine:
    """Ask who we are; an error is an answer too."""
    try:
        identity = await account.identity()
    except ServiceError as error:
        return AccountLine(WHY_UNKNOWN.get(error.kind, "account unknown"))
    name = f"{identity.alias} " if identity.alias else ""
    return AccountLine(f"{name}{identity.account_id}", known=True)


def header_state(services: Services, line: AccountLine) -> HeaderState:
    """The header from the account's target and the transfers under way."""
    account = services.account
    transfers = services.transfers_if_made
    return HeaderState(
        origin=account.origin,
        account=line.text,
        account_known=line.known,
        region=account.target.region or "no region: R",
        # The sandbox's port says nothing that the flag does not.
        endpoint="" if account.is_sandbox else account.endpoint or "",
        read_only=account.read_only,
        sandbox=account.is_sandbox,
        audit_problem=bool(services.audit.problem),
        transfers=0 if transfers is None else transfers.queue.active,
    )
