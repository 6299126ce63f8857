"""Where one stands in S3: `s3://bucket/prefix`, parsed and printed without changing a character."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import is_plausible_bucket
from tui.services.s3.web_address import is_access_point, is_bucket_list, place_of

SCHEME = "s3://"
DELIMITER = "/"

MAX_KEY_BYTES = 1024
"""The longest key that S3 takes, in bytes of UTF-8."""

_HINT = "Type s3://bucket/prefix/, or s3:// for the list of buckets."
_ALIAS_HINT = "Open it by its alias, which ends in -s3alias: s3://ALIAS/prefix/."

_SPARK = re.compile(r"s3[an]?://", re.IGNORECASE)
"""Hadoop and Spark write `s3a://` and `s3n://` for the same places."""

_ARN = re.compile(r"arn:[a-z-]+:(?:s3:::|s3express:[^:/]+:[^:/]+:bucket/)")
"""How the ARN of a bucket, of a directory bucket or of an object begins:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html"""

_ACCESS_POINT_ARN = re.compile(r"arn:[a-z-]+:s3[a-z-]*:[^:]*:[^:]*:[^:]*accesspoint[/:]")


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
        object (signed or not) or of a page of the console, or an address at `endpoint`.

        `s3://bucket/prefix` is taken literally (no percent-decoding), so that every legal key
        survives `S3Location.parse(str(location))`. Blanks before a place and quotes around it come
        from copying; no bucket begins with one. Raises ServiceError (INVALID) for anything else.
        """
        text = _unquoted(text.lstrip())
        if scheme := _SPARK.match(text):
            bucket, _, prefix = text[scheme.end() :].partition(DELIMITER)
            if not bucket and not prefix:
                return ROOT
        elif arn := _ARN.match(text):
            bucket, _, prefix = text[arn.end() :].partition(DELIMITER)
        elif _ACCESS_POINT_ARN.match(text) or is_access_point(text):
            raise ServiceError(
                f"{text!r} leads through an access point.", hint=_ALIAS_HINT, kind=ErrorKind.INVALID
            )
        elif is_bucket_list(text):
            return ROOT
        elif text.startswith(("https://", "http://")):
            bucket, prefix = place_of(text.rstrip(), endpoint)
        else:
            bucket, _, prefix = text.partition(DELIMITER)
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


def _unquoted(text: str) -> str:
    """A place as it stands between the quotes of a program or a shell."""
    whole = text.rstrip()
    if len(whole) > 1 and whole[0] in "\"'`" and whole[-1] == whole[0]:
        return whole[1:-1]
    return text
