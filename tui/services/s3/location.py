"""Where one stands in S3: `s3://bucket/prefix`, parsed and printed without changing a character."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import is_plausible_bucket

SCHEME = "s3://"
DELIMITER = "/"

MAX_KEY_BYTES = 1024
"""The longest key that S3 takes, in bytes of UTF-8."""

_HINT = "Type s3://bucket/prefix/, or s3:// for the list of buckets."


def key_length(key: str) -> int:
    """The bytes of a key, which S3 limits. What a listing says in bytes that are not UTF-8 is a
    surrogate for each of them here, and counts as that one byte; any other lone surrogate, which
    no server takes, counts as three."""
    try:
        return len(key.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return len(key.encode("utf-8", "surrogatepass"))


def is_rewritten_by_clients(key: str) -> bool:
    """Whether most clients change the path of the key's web address before they ask for it.

    They remove the segments `.` and `..`, whether or not those are percent-encoded; no other way
    to write the address avoids that. Source: RFC 3986, 5.2.4, and the URL standard of the WHATWG,
    "single-dot" and "double-dot" URL path segments.
    """
    return any(part in {".", ".."} for part in key.split(DELIMITER))


@dataclass(frozen=True)
class S3Location:
    """A bucket and a prefix, raw; no bucket at all is the list of buckets.

    A prefix that does not end in "/" lists what begins with it: `s3://b/logs/2026-` is the part of
    the folder `logs/` whose names begin with `2026-`. Nothing is normalised: `a//b/`, `/lead/` and
    `x/../y/` are folders of their own.
    """

    bucket: str = ""
    prefix: str = ""

    @classmethod
    def parse(cls, text: str, *, endpoint: str | None = None) -> S3Location:
        """The location that `text` names: `s3://bucket/prefix`, an S3 ARN, the web address of an
        object (signed or not) or of a page of the console, or a path-style address at `endpoint`.

        `s3://bucket/prefix` is taken literally (no percent-decoding), so that every legal key
        survives `S3Location.parse(str(location))`. Raises ServiceError (INVALID) for anything else.
        """
        if text.startswith(SCHEME):
            bucket, _, prefix = text[len(SCHEME) :].partition(DELIMITER)
        elif text.startswith("arn:") and ":s3:::" in text:
            bucket, _, prefix = text.partition(":s3:::")[2].partition(DELIMITER)
        elif text.startswith(("https://", "http://")):
            bucket, prefix = _from_web_address(text, endpoint)
            if not bucket and _is_bucket_list(text):
                return ROOT
        else:
            bucket, _, prefix = text.partition(DELIMITER)
        if not bucket and not prefix and text.startswith(SCHEME):
            return ROOT
        if not is_plausible_bucket(bucket):
            raise ServiceError(
                f"{text!r} is not a place in S3: {bucket!r} cannot be a bucket's name.",
                hint=_HINT,
                kind=ErrorKind.INVALID,
            )
        return cls(bucket, prefix)

    def __str__(self) -> str:
        if self.is_root:
            return SCHEME
        return f"{SCHEME}{self.bucket}{DELIMITER}{self.prefix}"

    @property
    def is_root(self) -> bool:
        """Whether this is the list of buckets."""
        return not self.bucket

    @property
    def folder(self) -> str:
        """The prefix up to and with its last "/"; what names in the listing are relative to."""
        return self.prefix[: self.prefix.rfind(DELIMITER) + 1]

    @property
    def parent(self) -> S3Location | None:
        """One step up: the enclosing prefix, then the bucket, then the buckets; None above them.

        `a//` is inside `a/`, and `/lead/` is inside `/`: empty names are names.
        """
        if self.is_root:
            return None
        if not self.prefix:
            return ROOT
        inner = self.prefix.removesuffix(DELIMITER)
        return S3Location(self.bucket, inner[: inner.rfind(DELIMITER) + 1])

    def name_of(self, key: str) -> str:
        """A key or prefix of this location as the listing shows it: without the folder."""
        return key.removeprefix(self.folder)


ROOT = S3Location()
"""The list of buckets."""


def _from_web_address(text: str, endpoint: str | None) -> tuple[str, str]:
    """Bucket and key of an address as S3, the console and presigned links spell it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    parts = urlsplit(text)
    labels = (parts.hostname or "").split(".")
    path = unquote(parts.path.removeprefix(DELIMITER), errors="surrogateescape")
    if endpoint is not None and parts.netloc == urlsplit(endpoint).netloc:
        bucket, _, key = path.partition(DELIMITER)
        return bucket, key
    if _is_console(labels):
        return _from_console(parts.path, parts.query)
    starts = [i for i, label in enumerate(labels) if label == "s3" or label.startswith("s3-")]
    if "amazonaws" not in labels or not starts:
        return "", path
    if starts[-1] == 0:
        bucket, _, key = path.partition(DELIMITER)
        return bucket, key
    return ".".join(labels[: starts[-1]]), path


def _is_console(labels: list[str]) -> bool:
    return "console" in labels and not {"aws", "amazonaws", "amazonaws-us-gov"}.isdisjoint(labels)


def _from_console(path: str, query: str) -> tuple[str, str]:
    """`/s3/buckets/NAME?prefix=a/b/` and `/s3/object/NAME?prefix=KEY`: the console names the place
    in the query."""
    steps = path.strip(DELIMITER).split(DELIMITER)
    if len(steps) < 3 or steps[0] != "s3" or steps[1] not in {"buckets", "object"}:
        return "", ""
    prefixes = parse_qs(query, errors="surrogateescape").get("prefix", [""])
    return unquote(steps[2]), prefixes[0]


def _is_bucket_list(text: str) -> bool:
    """Whether an address is the console's list of buckets."""
    parts = urlsplit(text)
    return _is_console((parts.hostname or "").split(".")) and parts.path.rstrip(DELIMITER) in {
        "/s3",
        "/s3/buckets",
        "/s3/home",
    }
