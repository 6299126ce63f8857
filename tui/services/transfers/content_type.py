"""The Content-Type that an uploaded file gets."""

from __future__ import annotations

import mimetypes

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


def content_type(name: str) -> str | None:
    """The type guessed from the name's extension; None leaves it to S3's default.

    A compressed file is what it is, not what is inside it: `a.csv.gz` is gzip.
    """
    guessed, encoding = _KNOWN.guess_type(f"file:{name.rpartition('/')[2]}")
    if encoding:
        return _COMPRESSED.get(encoding)
    if guessed:
        return guessed
    return _MISSING.get("." + name.rpartition(".")[2].lower())
