"""Writing a file past the page cache, on a real disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tui.services.spare_memory import BLOCK_BYTES, spare_block
from tui.services.transfers.local import direct_file
from tui.services.transfers.local.direct_file import BLOCK, LOOKED_AT, SLOWEST, DirectFile

CONTENT = os.urandom(BLOCK_BYTES)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    yield path, descriptor
    os.close(descriptor)


@pytest.fixture
def direct(opened: tuple[Path, int]) -> Iterator[DirectFile]:
    found = DirectFile(*opened)
    if not found.is_used:
        pytest.skip("this system has no such way to the disk")
    yield found
    found.close()


@pytest.fixture
def block() -> Iterator[memoryview]:
    with spare_block() as memory:
        memory[:] = CONTENT
        yield memory


def test_whole_blocks_are_written_and_the_rest_is_left(
    direct: DirectFile, opened: tuple[Path, int], block: memoryview
) -> None:
    assert direct.write(block[: 2 * BLOCK + 1], BLOCK) == 2 * BLOCK
    assert direct.write(block[: BLOCK - 1], 0) == 0
    assert direct.write(block[:BLOCK], 1) == 0
    assert opened[0].read_bytes() == bytes(BLOCK) + CONTENT[: 2 * BLOCK]
    assert direct.is_used


def test_what_was_written_another_way_is_read(
    direct: DirectFile, opened: tuple[Path, int], block: memoryview
) -> None:
    os.pwrite(opened[1], b"a few", BLOCK)
    assert direct.read(block, BLOCK) == len(b"a few")
    assert bytes(block[:5]) == b"a few"


def test_memory_that_the_disk_cannot_use_is_left_to_the_system(
    direct: DirectFile, opened: tuple[Path, int], block: memoryview
) -> None:
    assert direct.write(block[1 : BLOCK + 1], 0) in {0, BLOCK}
    if not direct.is_used:
        assert direct.write(block[:BLOCK], 0) == direct.read(block, 0) == 0
        assert opened[0].read_bytes() == b""


def test_a_slow_disk_is_left_to_the_system_and_a_busy_machine_is_not_a_slow_disk(
    direct: DirectFile, block: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, quickest = [0.0], 0.9
    looks = count()

    def later() -> float:
        """Two looks are taken at the clock for each write."""
        look = next(looks)
        speed = quickest if look % (2 * LOOKED_AT) == 1 else 9.0
        now[0] += speed * SLOWEST * BLOCK_BYTES * (look % 2)
        return now[0]

    monkeypatch.setattr(direct_file, "monotonic", later)
    assert {direct.write(block, 0) for _ in range(3 * LOOKED_AT)} == {BLOCK_BYTES}
    quickest = 1.1
    assert {direct.write(block, 0) for _ in range(LOOKED_AT)} == {BLOCK_BYTES}
    assert not direct.is_used
    assert direct.write(block, 0) == 0


def test_another_file_under_its_name_is_not_touched(
    opened: tuple[Path, int], block: memoryview
) -> None:
    path, descriptor = opened
    path.rename(path.with_name("moved"))
    path.write_bytes(b"another")
    another = DirectFile(path, descriptor)
    assert another.write(block, 0) == 0
    assert path.read_bytes() == b"another"


def test_a_system_without_it_is_no_error(
    opened: tuple[Path, int], block: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECT", raising=False)
    without = DirectFile(*opened)
    assert without.write(block, 0) == without.read(block, 0) == 0
    without.close()
