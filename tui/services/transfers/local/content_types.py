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
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OWN = {
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".avro": "application/vnd.apache.avro",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".flac": "audio/flac",
    ".geojson": "application/geo+json",
    ".heic": "image/heic",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".jsonl": "application/x-ndjson",
    ".log": "text/plain",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mkv": "video/matroska",
    ".ndjson": "application/x-ndjson",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".otf": "font/otf",
    ".parquet": "application/vnd.apache.parquet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".sql": "application/sql",
    ".toml": "application/toml",
    ".ttf": "font/ttf",
    ".wav": "audio/vnd.wave",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}
"""What some version of Python does not know, or says differently (the names are those of IANA's
list of media types, where it has one)."""

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
    _, dot, ending = name.rpartition(".")
    return _OWN.get(dot + ending.lower(), guessed or "")
