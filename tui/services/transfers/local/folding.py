"""Which names are one name on this disk: some take `A` for `a`, some take one Unicode form of a
letter for another.

NTFS and FAT ignore case. HFS+ and APFS of macOS take é as one code point and é as two (NFC and
NFD, Unicode Standard Annex 15) for the same, APFS also where it keeps case apart.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from tui.services.put_file import CREATE


@dataclass(frozen=True, slots=True)
class Folds:
    """The differences between two names that a file system does not see."""

    case: bool = False
    forms: bool = False
    """Whether é is the same as one code point and as two."""

    def __bool__(self) -> bool:
        return self.case or self.forms

    def of(self, path: str) -> str:
        """What two paths have in common when they name one file."""
        if not self:
            return path
        if self.forms:
            path = normalize("NFD", path)
        if self.case:
            path = path.casefold()
        return normalize("NFC", path) if self.forms else path


NOTHING = Folds()
EVERYTHING = Folds(case=True, forms=True)

_NAME = "Cas\N{LATIN SMALL LETTER E WITH ACUTE}"
_OTHER_CASE = "cAS\N{LATIN SMALL LETTER E WITH ACUTE}"
_OTHER_FORM = "Case\N{COMBINING ACUTE ACCENT}"


def folds_of(folder: Path) -> Folds:
    """What the file system under `folder` does not see.

    Asks with a temporary file in the nearest existing folder; says everything if it cannot tell.
    """
    try:
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        before = f".tristore-{secrets.token_hex(4)}."
        probe = existing / f"{before}{_NAME}"
        os.close(os.open(probe, CREATE, 0o600))
        try:
            return Folds(
                case=(existing / f"{before}{_OTHER_CASE}").exists(),
                forms=(existing / f"{before}{_OTHER_FORM}").exists(),
            )
        finally:
            probe.unlink()
    except (OSError, UnicodeError):
        return EVERYTHING
