"""What is done to an instance as a command of the AWS CLI and as a program with boto3.

Pure text: nothing is sent, and no SDK is imported. A password is never part of it: the command asks
for it and hands it over by standard input, because arguments are seen in the list of processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tui.services.aws import Target
from tui.services.quoting import shell_word

_PASSWORD = "MasterUserPassword"  # noqa: S105 - the name of a parameter

_ASK = (
    "printf 'Master password: ' >&2; IFS= read -rs MASTER_PASSWORD; echo >&2\n"
    """printf %s "$MASTER_PASSWORD" | """
)
"""For bash and zsh. `printf` is the shell's own: no process has the password as an argument."""

_GETPASS = "getpass('Master password: ')"
_FORGET = "\nunset MASTER_PASSWORD"


def cli(target: Target, operation: str, request: Mapping[str, object]) -> str:
    """The command for an operation ("CreateDBInstance") and its parameters."""
    lines = [f"aws rds {'-'.join(_words(operation))}"]
    lines += [" ".join(option) for option in _options(request)]
    lines += [f"{name} {shell_word(value)}" for name, value in target.cli_options]
    command = " \\\n  ".join(lines)
    return f"{_ASK}{command}{_FORGET}" if _PASSWORD in request else command


def boto3(target: Target, operation: str, request: Mapping[str, object]) -> str:
    """The program for an operation ("CreateDBInstance") and its parameters."""
    asks = _PASSWORD in request
    lines = [
        f"    {name}={_GETPASS if name == _PASSWORD else repr(value)},"
        for name, value in request.items()
    ]
    start = "from getpass import getpass\n\n" if asks else ""
    arguments = "\n".join(lines)
    method = "_".join(_words(operation))
    return f"{start}{target.client_code('rds')}\nanswer = rds.{method}(\n{arguments}\n)\n"


def _options(request: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for name, value in request.items():
        option = "-".join(_words(name))
        if name == _PASSWORD:
            yield f"--{option}", "file:///dev/stdin"
        elif isinstance(value, bool):
            yield (f"--{'' if value else 'no-'}{option}",)
        elif isinstance(value, list):
            yield f"--{option}", *(shell_word(str(each)) for each in value)
        else:
            yield f"--{option}", shell_word(str(value))


def _words(name: str) -> list[str]:
    """ "DBInstanceClass" -> db, instance, class; "MultiAZ" -> multi, az."""
    parts = re.split(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", name)
    return [part.lower() for part in parts]
