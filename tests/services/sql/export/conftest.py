"""Exports of results on the sandbox's PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO

import pytest

from tests.services.sql.conftest import run_last
from tui.services.sql import Session, SqlService, from_url
from tui.services.sql.export import Exported, ExportOptions, Format, write_rows

Export = Callable[..., Awaitable[bytes]]


@pytest.fixture
async def session(service: SqlService, database: str) -> AsyncIterator[Session]:
    session = await service.connect(*from_url(database))
    yield session
    session.close()


class Exporting:
    """Runs statements and exports what the last one gave."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.exported = Exported(0)

    async def __call__(
        self, text: str, kind: Format = Format.CSV, *, held: bool = False, **options: object
    ) -> bytes:
        result = await run_last(self.session, text)
        chosen = ExportOptions(kind, **options)  # type: ignore[arg-type]  # the test's
        stream = BytesIO()
        if held:
            self.exported = write_rows(result.rows, result.columns or (), chosen, stream)
        else:
            self.exported = await self.session.export(result, chosen, stream)
        return stream.getvalue()


@pytest.fixture
def export(session: Session) -> Exporting:
    return Exporting(session)
