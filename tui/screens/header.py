"""The one header line: who and where we are, and what is under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.text.safe_text import content

if TYPE_CHECKING:
    from tui.services.aws import Account
    from tui.services.bundle import Services
    from tui.services.transfers import TransferService

WHY_UNKNOWN = {
    ErrorKind.CREDENTIALS: "no valid credentials: P profile, Ctrl+R try again",
    ErrorKind.NETWORK: "account unknown: no connection",
    ErrorKind.DENIED: "account unknown: access denied",
}
"""Said when nobody could tell who we are."""


@dataclass(frozen=True)
class HeaderState:
    """What the header says. Empty strings are left out."""

    origin: str = ""
    """Where the credentials come from."""
    account: str = ""
    """Alias and id, or why they are unknown."""
    account_known: bool = False
    region: str = ""
    endpoint: str = ""
    read_only: bool = False
    sandbox: bool = False
    audit_problem: bool = False
    """Whether the audit log is not complete."""
    transfers: str = ""
    """What is said of the transfers under way or waiting."""


class HeaderLine(Static):
    """Draws a HeaderState. Flags come first and where the credentials come from last, so that a
    narrow terminal never cuts off what is at stake."""

    DEFAULT_CSS = """
    HeaderLine { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap;
        text-overflow: ellipsis; }
    """

    state: reactive[HeaderState] = reactive(HeaderState())

    def render(self) -> Content:
        transfers = self.state.transfers
        line = self._line(transfers)
        if line.cell_length > self.content_size.width:
            # Where it is done matters more than how far it is, which the other screens say.
            line = self._line(transfers.partition(",")[0])
        return line

    def _line(self, transfers: str) -> Content:
        state = self.state
        parts = [Content.styled("Tristore", "bold $text-primary")]
        if state.sandbox:
            parts.append(Content.styled(" SANDBOX ", "bold $text on $success 40%"))
        if state.read_only:
            parts.append(Content.styled(" READ-ONLY ", "bold $text on $warning 40%"))
        if state.audit_problem:
            parts.append(Content.styled(" AUDIT LOG NOT WRITTEN ", "bold $text on $error 40%"))
        if transfers:
            parts.append(content(f"⇅ {transfers}", "$text-accent"))
        if state.account:
            parts.append(content(state.account, "" if state.account_known else "$text-warning"))
        if state.region:
            parts.append(content(state.region))
        if state.endpoint:
            parts.append(content(state.endpoint, "$text-muted"))
        if state.origin and not state.sandbox:
            parts.append(content(state.origin, "$text-muted"))
        return Content("  ").join(parts)


@dataclass(frozen=True)
class AccountLine:
    """The account in a few words."""

    text: str
    known: bool = False
    """False while it is asked, and when the answer was an error."""


async def account_line(account: Account) -> AccountLine:
    """Ask who we are; an error is an answer too."""
    if account.target.unsigned:
        return AccountLine("no account")
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
        transfers="" if transfers is None else _in_flight(transfers),
    )


def _in_flight(transfers: TransferService) -> str:
    # Not before the first frame, which needs none of it.
    from tui.panes.s3.transfers.progress_text import in_flight_text

    return in_flight_text(transfers.queue.jobs) if transfers.queue.active else ""
