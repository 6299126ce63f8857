"""Rows of a result, to be changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.services.sql.conftest import run_last
from tui.services.sql import Result, Row, Session
from tui.services.sql.row_edits.applying import ChangeRefusedError, EditsApplied
from tui.services.sql.row_edits.changes import RowChange


class Rows:
    """A result and its table."""

    def __init__(self, session: Session, result: Result) -> None:
        self.session = session
        self.result = result

    def __getitem__(self, at: int) -> Row:
        return self.result.rows[at]

    async def apply(self, changes: Sequence[RowChange]) -> EditsApplied:
        return await self.session.apply(await self.session.editable_table(self.result), changes)

    async def refused(self, changes: Sequence[RowChange]) -> ChangeRefusedError:
        with pytest.raises(ChangeRefusedError) as caught:
            await self.apply(changes)
        return caught.value


async def read(session: Session, text: str) -> Rows:
    return Rows(session, await run_last(session, text))
