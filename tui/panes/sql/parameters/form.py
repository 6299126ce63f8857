"""The form that asks for the values of parameters before statements run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.panes.sql import wording
from tui.panes.sql.view import SqlView
from tui.services.sql import Statement, dangers
from tui.services.sql.text.parameters import WORTH_A_LOOK, asked_names, bind, is_secret
from tui.widgets.dialogs.form_fields import Applies
from tui.widgets.dialogs.forms import Field, FlagField, FormDialog, NoteField, TextField, Values

_HINT = (
    "Each value is sent as a constant in quotes; the server chooses its type. An empty field is an "
    "empty text."
)


@dataclass(frozen=True)
class AskedParameter:
    """A parameter that the form asks for."""

    name: str
    is_identifier: bool
    """Whether it stands for a name in any of its places, so that NULL is no value for it."""

    @property
    def is_secret(self) -> bool:
        """Whether its value is not to be seen, nor offered again."""
        return is_secret(self.name)


def asked_of(statements: Sequence[Statement]) -> list[AskedParameter]:
    """What has to be asked for, in the order in which it is written."""
    names: dict[str, bool] = {}
    for statement in statements:
        for name, is_identifier in asked_names(statement):
            names[name] = names.get(name, False) or is_identifier
    return [AskedParameter(name, is_identifier) for name, is_identifier in names.items()]


def fields_of(asked: Sequence[AskedParameter], given: Mapping[str, str | None]) -> list[Field]:
    """The fields, with the values that were given last."""
    fields: list[Field] = []
    for number, each in enumerate(asked):
        last = given.get(each.name, "")
        null = f"null{number}"
        fields.append(
            TextField(
                f"value{number}",
                f':"{each.name}"' if each.is_identifier else f":{each.name}",
                last or "",
                note="the name of a table, a column, …" if each.is_identifier else "",
                secret=each.is_secret,
                check=_not_empty if each.is_identifier else None,
                when=None if each.is_identifier else _unless(null),
            )
        )
        if not each.is_identifier:
            fields.append(FlagField(null, f":{each.name} is NULL", last is None))
    return fields


def values_of(asked: Sequence[AskedParameter], entered: Values) -> dict[str, str | None]:
    """The values of a form that was filled in; None for NULL."""
    return {
        each.name: None if entered.get(f"null{number}") else entered[f"value{number}"]
        for number, each in enumerate(asked)
    }


async def with_values(view: SqlView, statements: Sequence[Statement]) -> Sequence[Statement] | None:
    """The statements with values for their parameters, which are asked for if there are any; None
    if the form was left."""
    if not any(each.bound or WORTH_A_LOOK.search(each.text) for each in statements):
        return statements
    every = await asyncio.to_thread(asked_of, statements)
    known = {each.name: view.variables[each.name] for each in every if each.name in view.variables}
    asked = [each for each in every if each.name not in known]
    if not every:
        return statements
    if not asked:
        return await asyncio.to_thread(lambda: [bind(each, known) for each in statements])

    async def submit(entered: Values) -> list[Statement]:
        values = values_of(asked, entered)
        all_values = {**known, **values}
        bound = await asyncio.to_thread(lambda: [bind(each, all_values) for each in statements])
        for each in asked:
            if not each.is_secret:
                view.given[each.name] = values[each.name]
        return bound

    said = wording.brief(statements[0].shown)
    more = len(statements) - 1
    form = FormDialog(
        "Parameters",
        [
            NoteField(f"{said} … and {more:,} more" if more else said),
            *fields_of(asked, view.given),
            NoteField(_HINT),
        ],
        submit=submit,
        submit_label="Run",
        only_reads=True,
    )
    is_dangerous = bool(await asyncio.to_thread(dangers, statements))
    return await view.ask(form, follows=is_dangerous)


def _not_empty(text: str) -> Sequence[str]:
    return () if text else ("A name cannot be empty.",)


def _unless(flag: str) -> Applies:
    return lambda entered: not entered.get(flag)
