"""The backslash commands of psql, read as psql reads them, and the statements that answer them."""

from tui.services.sql.psql.answers import answer
from tui.services.sql.psql.commands import SENDING, PsqlCommand, commands_of, has_commands

__all__ = ["SENDING", "PsqlCommand", "answer", "commands_of", "has_commands"]
