"""The last question before something is asked of RDS; `y` copies it as a command or a program."""

from __future__ import annotations

from collections.abc import Mapping

from tui.services.aws import Target
from tui.services.rds import snippets
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm

CLI, BOTO3 = "cli", "boto3"


class RdsPlanDialog(Confirm):
    """What will be done, and the command of the AWS CLI that does the same."""

    BINDINGS = [verbs.binding(verbs.COPY_AS, "copy_as", "Copy it for the AWS CLI.", show=True)]

    def __init__(
        self,
        title: str,
        body: str,
        *,
        yes: str,
        target: Target,
        operation: str,
        request: Mapping[str, object],
        danger: bool = False,
    ) -> None:
        command = snippets.cli(target, operation, request)
        text = f"{body}\n\nThe same with the AWS CLI (y copies it, or as boto3):\n\n{command}"
        super().__init__(title, text, yes=yes, danger=danger)
        self._code = {CLI: command, BOTO3: snippets.boto3(target, operation, request)}

    def action_copy_as(self) -> None:
        """Ask which of them, and copy it."""
        self.app.push_screen(_choice(), self._copy)

    def _copy(self, picked: str | None) -> None:
        if picked is not None:
            self.run_worker(copy_text(self.app, self._code[picked]), group="copy", exclusive=True)


def _choice() -> Choose[str]:
    return Choose(
        "Copy as",
        [Choice(CLI, "AWS CLI", "bash and zsh", "c"), Choice(BOTO3, "boto3", "Python", "b")],
    )


async def choose_copy(
    host: CommandHost, target: Target, operation: str, request: Mapping[str, object]
) -> None:
    """Ask for which tool, and copy an operation with its parameters."""
    picked = await host.ask(_choice())
    if picked is not None:
        write = snippets.cli if picked == CLI else snippets.boto3
        await copy_text(host.app, write(target, operation, request))
