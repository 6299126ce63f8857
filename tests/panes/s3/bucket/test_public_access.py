"""Public access on a server that has no such thing."""

from __future__ import annotations

import pytest

from tests.panes.s3.conftest import Browse
from tui.services.blocking import Awaited
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service


async def test_no_form_opens_where_the_server_has_no_public_access_block(
    browse: Browse, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise ServiceError("Could not read the block.", hint="Not here.", code="NotImplemented")

    monkeypatch.setattr(S3Service, "public_access_block", Awaited(absent))
    async with browse(f"s3://{bucket}/") as person:
        await person.press("a")
        await person.sees("Could not read the block.", "Not here.")
        await person.misses("Block new public ACLs")
