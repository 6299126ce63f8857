"""Choosing a folder of this machine: every mistake is answered in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.transfers.places import powerless
from tui.services.errors import ServiceError
from tui.services.transfers import LocalFolders


@pytest.fixture
def folders() -> Iterator[LocalFolders]:
    made = LocalFolders()
    yield made
    made.close()


async def test_the_home_of_somebody_unknown_is_refused_in_words(
    folders: LocalFolders, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError) as raised:
        await folders.resolve("~no-such-user-here/x", tmp_path)
    assert "no such user" in str(raised.value)
    assert await folders.complete("~no-such-user-here/x", tmp_path) == "~no-such-user-here/x"


async def test_the_nearest_folder_is_one_that_may_be_read(
    folders: LocalFolders, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    assert await folders.nearest(locked / "below") == locked
    locked.chmod(0)
    with powerless():
        nearest = await folders.nearest(locked / "below")
    locked.chmod(0o700)
    assert nearest in locked.parents
