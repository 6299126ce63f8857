"""The form of a connection that is saved under a name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import MappingProxyType

from tui.panes.sql.connecting.form_lines import LINES, NOTE, OTHERS
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import DatabaseTarget, from_url
from tui.services.sql.connecting.saved import name_problems
from tui.widgets.dialogs.forms import Field, FormDialog, TextField, Values

Keep = Callable[[str, DatabaseTarget], Awaitable[None]]
"""Saves a target under a name. Raises ServiceError if that cannot be done."""

_OTHERS_HINT = "Write keyword=value keyword='two words', with the keywords of libpq."


def fields_of(target: DatabaseTarget, name: str) -> list[Field]:
    """The fields of the form, with what the target has now."""
    named: list[Field] = [
        TextField("name", "Name", name, placeholder="what you call it", check=name_problems)
    ]
    return [*named, *(each for lines in LINES for each in lines.fields(target)), NOTE]


def problems_of(values: Values) -> list[str]:
    """What is wrong with the values together."""
    return [each for lines in LINES for each in lines.problems(values)]


def target_of(before: DatabaseTarget, values: Values) -> DatabaseTarget:
    """The target that the values describe, labelled by the name; `before` gives what has no field.

    Blocks. INVALID if libpq does not take the other keywords, or one of them is a secret.
    """
    target = before
    for lines in LINES:
        target = lines.taken(target, values)
    others = _others(values[OTHERS].strip())
    parameters = MappingProxyType({**others, **target.parameters})
    return replace(target, label=values["name"].strip(), parameters=parameters)


def _others(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        found, secrets = from_url(text)
    except ServiceError as error:
        raise ServiceError(
            "libpq does not know what stands under the other keywords.",
            hint=_OTHERS_HINT,
            kind=ErrorKind.INVALID,
        ) from error
    if secrets:
        raise ServiceError(
            "A password is not saved.",
            hint="Leave it out of the other keywords; it is asked for.",
            kind=ErrorKind.INVALID,
        )
    return dict(found.parameters)


def connection_form(
    title: str, before: DatabaseTarget, name: str, keep: Keep
) -> FormDialog[DatabaseTarget]:
    """Asks for a connection and saves it; the answer is what was saved."""

    async def submit(values: Values) -> DatabaseTarget:
        target = await asyncio.to_thread(target_of, before, values)
        await keep(target.label, target)
        return target

    return FormDialog(
        title,
        fields_of(before, name),
        submit=submit,
        submit_label="Save",
        check=problems_of,
    )
