"""The one header line: who and where we are, and what is under way."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.widgets.safe_text import content


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
    transfers: int = 0
    """Transfers under way or waiting."""


class HeaderLine(Static):
    """Draws a HeaderState. Flags come first, so that a narrow terminal never cuts them off."""

    DEFAULT_CSS = """
    HeaderLine { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap;
        text-overflow: ellipsis; }
    """

    state: reactive[HeaderState] = reactive(HeaderState())

    def render(self) -> Content:
        state = self.state
        parts = [Content.styled("Tristore", "bold $text-primary")]
        if state.sandbox:
            parts.append(Content.styled(" SANDBOX ", "bold $text on $success 40%"))
        if state.read_only:
            parts.append(Content.styled(" READ-ONLY ", "bold $text on $warning 40%"))
        if state.audit_problem:
            parts.append(Content.styled(" AUDIT LOG NOT WRITTEN ", "bold $text on $error 40%"))
        if state.transfers:
            parts.append(Content.styled(f"⇅ {state.transfers} in flight", "$text-accent"))
        if state.account:
            parts.append(content(state.account, "" if state.account_known else "$text-warning"))
        if state.region:
            parts.append(content(state.region))
        if state.origin and not state.sandbox:
            parts.append(content(state.origin, "$text-muted"))
        if state.endpoint:
            parts.append(content(state.endpoint, "$text-muted"))
        return Content("  ").join(parts)
