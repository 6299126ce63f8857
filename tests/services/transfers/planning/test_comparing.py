"""Whether a local file and an object hold the same: told by what S3 says, and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Listed
from tui.services.s3.data.checksums import Checksum
from tui.services.s3.data.content import md5_of
from tui.services.s3.data.data_plane import MIB
from tui.services.s3.data.multipart import composite_etag
from tui.services.transfers.planning.comparing import Twins, verdict

MD5_OF_ABC = "900150983cd24fb0d6963f7d28e17f72"
CRC32_OF_ABC = "NSRBwg=="


class Data:
    """Says of objects what it is told."""

    def __init__(self, checksum: str = "", encryption: str = "", fails: Any = None) -> None:
        self._checksum = checksum
        self._encryption = encryption
        self._fails = fails

    def checksum(self, _: Listed) -> Checksum | None:
        if self._fails is not None:
            raise self._fails
        return Checksum("crc32", self._checksum) if self._checksum else None

    def head(self, bucket: str, key: str) -> Any:
        from types import SimpleNamespace

        return SimpleNamespace(etag=MD5_OF_ABC, encryption=self._encryption)

    def content_md5(self, etag: str, encryption: str) -> str:
        return "" if "kms" in encryption or "-" in etag else etag


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        (tmp_path / "x").write_bytes(content)
        return tmp_path / "x"

    return write


def told(data: Data, path: Path, etag: str, size: int = 3) -> bool | None:
    made: Any = data
    return verdict(made, Twins("x", path, Listed("b", "x", size, etag)))


def test_a_checksum_or_an_md5_tells(file: Callable[[bytes], Path]) -> None:
    assert told(Data(), file(b"abc"), MD5_OF_ABC) is True
    assert told(Data(), file(b"abd"), MD5_OF_ABC) is False
    assert told(Data(CRC32_OF_ABC), file(b"abc"), "no md5") is True
    assert told(Data(CRC32_OF_ABC), file(b"abd"), "no md5") is False


def test_the_etag_of_what_kms_encrypts_says_nothing(file: Callable[[bytes], Path]) -> None:
    assert told(Data(encryption="aws:kms"), file(b"abd"), MD5_OF_ABC) is None


def test_an_etag_of_parts_tells_where_they_have_a_usual_size(file: Callable[[bytes], Path]) -> None:
    content = b"a" * (8 * MIB + 5)
    parts = [md5_of(content[: 8 * MIB]).hexdigest(), md5_of(content[8 * MIB :]).hexdigest()]
    etag = composite_etag(parts)
    data = Data(encryption="aws:kms")
    assert told(data, file(content), etag, len(content)) is True
    assert told(data, file(content[:-1] + b"b"), etag, len(content)) is None


def test_what_cannot_be_looked_at_is_not_called_different(
    file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    denied = ServiceError("no", kind=ErrorKind.DENIED)
    assert told(Data(fails=denied), file(b"abd"), MD5_OF_ABC) is None
    (tmp_path / "folder").mkdir()
    assert told(Data(), tmp_path / "folder", MD5_OF_ABC) is None
    with pytest.raises(ServiceError):
        told(Data(fails=ServiceError("down", kind=ErrorKind.NETWORK)), file(b"abd"), MD5_OF_ABC)


def test_nobody_is_asked_about_a_small_file_that_has_the_md5_of_the_etag(
    file: Callable[[bytes], Path],
) -> None:
    asked = ServiceError("asked", kind=ErrorKind.NETWORK)
    assert told(Data(fails=asked), file(b"abc"), MD5_OF_ABC) is True
