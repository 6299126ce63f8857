"""The lists of a sync that are kept on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.transfers.models import UploadItem
from tui.services.transfers.sync_sides import KeptUploads


@pytest.mark.parametrize(
    "part", [slice(0, 5), slice(None), slice(3, 900, 7), slice(-2, None), slice(None, None, -3)]
)
def test_a_part_of_the_uploads_is_read_once(part: slice, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptUploads()
    items = [UploadItem(Path(f"/d/{n:04}"), f"k{n:04}", n, 1) for n in range(40)]
    for item in items:
        kept.append(item)
    readings = []
    read = KeptUploads.__iter__

    def counted(self: KeptUploads) -> object:
        readings.append(self)
        return read(self)

    monkeypatch.setattr(KeptUploads, "__iter__", counted)
    assert [each.key for each in kept[part]] == [each.key for each in items[part]]
    assert len(readings) == 1
