"""The rules of bucket names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import re

SHORTEST = 3
LONGEST = 63

RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
DIRECTORY = "--x-s3"
"""How the names of directory buckets end."""

RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", DIRECTORY, "--table-s3")

_ALIASES = ("-s3alias", "--ol-s3", "--xa-s3")
"""How the aliases of access points end:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html"""

_ALLOWED = re.compile(r"[a-z0-9.-]")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_PLAUSIBLE = re.compile(r"[A-Za-z0-9._-]{3,255}")


def check_bucket_name(name: str) -> list[str]:
    """Every rule that a new bucket's name breaks, as sentences; empty if it may be asked for.

    Whether the name is still free only S3 can say: names are unique across all accounts.
    """
    problems = []
    if len(name) < SHORTEST:
        problems.append(f"At least {SHORTEST} characters.")
    if len(name) > LONGEST:
        problems.append(f"At most {LONGEST} characters; this has {len(name)}.")
    wrong = sorted(set(_ALLOWED.sub("", name)))
    if wrong:
        shown = " ".join(repr(character) for character in wrong)
        problems.append(f"Only lower-case a-z, 0-9, '-' and '.'; not {shown}.")
    if name and name[0] in ".-":
        problems.append("Must begin with a letter or a digit.")
    if name and name[-1] in ".-":
        problems.append("Must end with a letter or a digit.")
    if ".." in name:
        problems.append("No two dots side by side.")
    if _ADDRESS.fullmatch(name):
        problems.append("Must not look like an IP address.")
    problems += [
        f"Must not begin with {prefix!r}: reserved by AWS."
        for prefix in RESERVED_PREFIXES
        if name.startswith(prefix)
    ]
    problems += [
        f"Must not end with {suffix!r}: reserved by AWS."
        for suffix in RESERVED_SUFFIXES
        if name.endswith(suffix)
    ]
    return problems


def is_directory_bucket(name: str) -> bool:
    """Whether a bucket of that name is a directory bucket (S3 Express One Zone): its listings have
    no order and no StartAfter, a prefix of them ends in "/", and it keeps no versions.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    return name.endswith(DIRECTORY)


def may_be_access_point(name: str) -> bool:
    """Whether that may be the alias of an access point, which is another name of a bucket."""
    return name.endswith(_ALIASES)


def zone_of(name: str) -> str:
    """The id of the zone in which a directory bucket is, like "use1-az4"; empty for others."""
    return name.removesuffix(DIRECTORY).rpartition("--")[2] if is_directory_bucket(name) else ""


def is_plausible_bucket(name: str) -> bool:
    """Whether a bucket of that name may exist already: old ones have looser rules.

    Before 2018 buckets of us-east-1 could have upper-case letters, underscores and 255 characters.
    """
    return _PLAUSIBLE.fullmatch(name) is not None
