"""Local names that can exist, and folders that are not left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.put_file import free_names
from tui.services.transfers.local.local_files import local_parts, make_folder


@pytest.mark.parametrize(
    ("part", "local"),
    [
        ("a:b?", "a%3Ab%3F"),
        ("back\\slash", "back%5Cslash"),
        ("CON", "%43ON"),
        ("nul.txt", "%6Eul.txt"),
        ("dot.", "dot%2E"),
        ("fine", "fine"),
    ],
)
def test_names_that_windows_refuses(part: str, local: str) -> None:
    assert local_parts(part, windows=True)[0] == (local,)


def test_free_names_keep_the_extension_and_the_folder() -> None:
    assert next(iter(free_names("d.e/x.tar.gz"))) == "d.e/x.tar (2).gz"
    assert next(iter(free_names(".bashrc"))) == ".bashrc (2)"
    assert next(iter(free_names("a.b/c"))) == "a.b/c (2)"


def test_a_folder_is_not_made_through_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ServiceError):
        make_folder(tmp_path, tmp_path / "loop" / "x")
