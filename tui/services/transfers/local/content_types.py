"""The type of a file, guessed from its name."""

from __future__ import annotations

import mimetypes
import re

_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/octet-stream",
}
_MISSING = {
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".toml": "application/toml",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".zst": "application/zstd",
}
# Without the machine's own tables, so that the same file gets the same type everywhere.
_KNOWN = mimetypes.MimeTypes()


def content_type(name: str) -> str:
    """The type guessed from a file's name; "" leaves it to S3's default.

    A compressed file is what it is, not what is inside it: `a.csv.gz` is gzip.
    """
    # It would be read as a URL, and each version of Python reads odd ones in its own way.
    plain = re.sub(r"[^\w.]", "_", name.rpartition("/")[2])
    guessed, encoding = _KNOWN.guess_type(plain)
    if encoding:
        return _COMPRESSED.get(encoding, "")
    if guessed:
        return guessed
    return _MISSING.get("." + name.rpartition(".")[2].lower(), "")
