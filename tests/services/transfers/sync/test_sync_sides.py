"""The lists of a sync that are kept on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.transfers.models import LocalFile, Problem, RemoteObject, UploadItem
from tui.services.transfers.sync.sync_sides import AT_ONCE, KeptPairs, KeptProblems, KeptUploads


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


def test_a_full_disk_is_said_and_what_could_not_be_written_is_not_forgotten() -> None:
    kept = KeptUploads()
    database = kept._database.open()
    database.execute("PRAGMA max_page_count = 4")
    items = [UploadItem(Path(f"/d/{n:04}"), f"k{n:04}", n, 1) for n in range(AT_ONCE)]
    for item in items[:-1]:
        kept.append(item)
    with pytest.raises(ServiceError, match="free some space there"):
        kept.append(items[-1])
    assert len(kept) == len(items)
    database.execute("PRAGMA max_page_count = 100000")
    assert [each.key for each in kept] == [each.key for each in items]


def test_pairs_come_in_the_order_of_their_names_and_in_parts() -> None:
    kept = KeptPairs("p/")
    names = ["b", "a-1", "a/1", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"]
    for name in names:
        file = LocalFile(Path("/in") / name, "in", name, 3, 7)
        kept.append(file, RemoteObject(f"p/{name}", name, name, 3, f"etag-{name}", None))
    assert len(kept) == 4
    assert [file.relative for file, _ in kept] == sorted(names)
    assert all(found.key == f"p/{file.relative}" for file, found in kept)
    assert [found.etag for _, found in kept[1:3]] == ["etag-a/1", "etag-b"]
    assert kept[3] == (
        LocalFile(Path("/in") / names[3], "in", names[3], 3, 7),
        RemoteObject(f"p/{names[3]}", names[3], names[3], 3, f"etag-{names[3]}", None),
    )


def test_problems_come_as_they_were_found_and_none_is_lost_or_merged() -> None:
    kept = KeptProblems()
    found = [Problem(f"/in/{n % 700}\udcff", f"reason {n % 3}") for n in range(2100)]
    kept.add(found[:1500])
    for each in found[1500:]:
        kept.append(each)
    assert len(kept) == len(found)
    assert list(kept) == found
    assert kept[1498:1502] == found[1498:1502]
