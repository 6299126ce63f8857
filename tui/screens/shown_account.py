"""The account that is worked in: what the header says of it, and going to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import ModalScreen, SystemModalScreen

from tui.screens.header import AccountLine, HeaderLine, account_line, header_state
from tui.services.errors import ServiceError
from tui.widgets.commands import verbs
from tui.widgets.text.safe_text import visible

if TYPE_CHECKING:
    from tui.services.aws import Account, Connection
    from tui.services.bundle import Services
    from tui.widgets.application.orderly_app import OrderlyApp

SHOWN_FOR = 20.0
"""Seconds for which a warning stands that changes what the user does next."""


class ShownAccount:
    """Tells every screen of the application which account, region and credentials count."""

    def __init__(self, app: OrderlyApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._line = AccountLine("")
        self._audit_problem = ""
        """What was wrong with the audit log when it was last looked at."""

    @property
    def _account(self) -> Account:
        return self._services.account

    # -- the header ------------------------------------------------------------------------

    def update_header(self) -> None:
        """Draw the header from the account and the transfers."""
        self._tell_audit_problem(self._services.audit.problem)
        state = header_state(self._services, self._line)
        for screen in self._app.screen_stack:
            for header in screen.query(HeaderLine):
                header.state = state

    def _tell_audit_problem(self, problem: str) -> None:
        """Say at once, and once, that changes are not being recorded."""
        if problem and not self._audit_problem:
            self._app.notify(
                visible(
                    f"The audit log cannot be written: {problem} The lines are kept, and written "
                    "with the next change if the file can be written then: "
                    f"{self._services.audit.path}"
                ),
                severity="error",
                timeout=SHOWN_FOR,
            )
        self._audit_problem = problem

    def read_identity(self) -> None:
        """Ask who we are, for the header."""
        self._app.begin(self._read_identity, group="identity")

    async def _read_identity(self) -> None:
        self._line = AccountLine("…")
        self.update_header()
        asked_for = self._account.target.region
        await self._look_at_region()
        self._line = await account_line(self._account)
        if asked_for is None:  # the SDK's chain has told it by now
            await self._look_at_region()
        self.update_header()

    async def _look_at_region(self) -> None:
        """Warn of a region that may be mistyped: its errors look like a lost network."""
        if await self._account.region_is_unknown():
            region = self._account.target.region
            self._app.notify(
                visible(f"The SDK knows no region {region!r}. Press R to choose another."),
                severity="warning",
                timeout=SHOWN_FOR,
            )

    # -- another account -------------------------------------------------------------------

    @property
    def may_change(self) -> bool:
        """Whether no question or form about the present account is open; the palette is none."""
        return not any(
            isinstance(screen, ModalScreen) and not isinstance(screen, SystemModalScreen)
            for screen in self._app.screen_stack
        )

    def choose_region(self) -> None:
        """Let the user choose another region."""
        self._choose("choose_region", verbs.REGION.label)

    def choose_profile(self) -> None:
        """Let the user choose another profile of the shared AWS files."""
        self._choose("choose_profile", verbs.PROFILE.label)

    def _choose(self, question: str, what: str) -> None:
        async def go() -> None:
            from tui.screens import questions

            if not self.may_change:
                return
            try:
                changed = await getattr(questions, question)(self._app, self._account)
            except ServiceError as error:
                self._app.show_error(error)
            else:
                if changed:
                    self.changed()

        self._app.keys_wait_for(what, self._app.begin(go, group="target"))

    def read_credentials_again(self) -> None:
        """Read the credentials anew; what is open stays if they are those of the same account."""
        before = self._account.connection
        self._account.forget()
        if before.identity is None:
            self.changed()
            return

        async def go() -> None:
            await self._reload(before)

        self._app.begin(go, group="identity")

    async def _reload(self, before: Connection) -> None:
        # Whose credentials they are now decides whether the places that are open still exist.
        await self._read_identity()
        same = before.same_place(self._account.connection)
        self._tell_screens("credentials_renewed" if same else "account_changed")

    def changed(self) -> None:
        """Another account, region or set of credentials: everything on screen is asked anew."""
        self.read_identity()
        self._tell_screens("account_changed")

    def _tell_screens(self, news: str) -> None:
        for screen in self._app.screen_stack:
            told = getattr(screen, news, None) or getattr(screen, "account_changed", None)
            # One that is not there yet will ask for everything anyway.
            if told is not None and screen.is_mounted:
                told()
