"""Whether a server keeps what was written under exactly the name that was asked for. Blocking.

AWS takes every key as it is. Servers that keep objects as files do not: MinIO stores `/x` as `x`,
rclone's server `x/` as `x`, and both answer HeadObject for either name. Only a listing tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.list_answer import list_objects, objects_of
from tui.services.s3.models import S3Object

SomeObjects = Callable[[str], tuple[S3Object, ...]]
"""The first objects whose keys begin so. Raises ServiceError."""

FEW = 2
"""How many are asked for. Of one alone MinIO repeats the name that it was given."""

SAID = 2
"""Other names that are said."""

_NO_FOLDERS = {"", ".", ".."}


def may_get_another_name(key: str) -> bool:
    """Whether a server that keeps objects as files may store this key under another name: it has an
    empty segment (a slash at an end, or two side by side), `.` or `..`."""
    return any(segment in _NO_FOLDERS for segment in key.split("/"))


def explain_refused_name(error: ServiceError, key: str) -> None:
    """Say why such a key was refused, where the answer to a HEAD has only a status."""
    if error.code == "400" and not error.hint and may_get_another_name(key):
        error.hint = (
            'Servers that keep objects as files take no key with "//", or with "." or ".." between '
            "slashes. AWS does. Choose another name."
        )


def is_listed(listed: SomeObjects, key: str) -> bool:
    """Whether the server lists an object of exactly this key. Raises ServiceError."""
    try:
        return any(each.key == key for each in listed(key))
    except ServiceError as error:
        if error.code.startswith("XMinio"):
            return False  # as a beginning of keys it is refused, so no key begins so
        raise


def refuse_other_name(listed: SomeObjects, bucket: str, key: str, *, written: bool = True) -> None:
    """Raise ServiceError (INVALID) if the server takes this key for another one. `written`: whether
    it has just been stored; else its name was said to be taken.

    DENIED, or another kind, if the listing fails: then nobody knows.
    """
    try:
        if is_listed(listed, key):
            return
        other = next((each for each in _other_names(key) if is_listed(listed, each)), "")
    except ServiceError as error:
        if not written:
            return  # why it was not stored is known without it
        other_names = (repr(each) for each in islice(_other_names(key), SAID))
        may_be = " or ".join(other_names) or "another one"
        raise ServiceError(
            f"{key!r} was stored, but whether this server lists it under exactly that name could "
            "not be looked up.",
            cause="\n".join(filter(None, (error.message, error.cause))),
            hint=f"AWS keeps every name as it is; a server that keeps objects as files may list it "
            f"as {may_be}. {error.hint}".rstrip(),
            code=error.code,
            kind=error.kind,
        ) from error
    if written and other:
        message = f"{key!r} was stored under another name: {other!r}."
    elif written:
        message = f"{key!r} was stored, but this server lists nothing under that name."
    elif other:
        message = f"{key!r} was not stored: this server takes it for {other!r}, which exists."
    else:
        return
    look = f"Look for it in s3://{bucket}, and choose" if written else "Choose"
    raise ServiceError(
        message,
        cause=f"The bucket {bucket} lists no object {key!r}. AWS keeps every name as it is; "
        "servers that keep objects as files do not.",
        hint=f'{look} a name without a "/" at an end, "//", "." or ".." in it.',
        kind=ErrorKind.INVALID,
    )


def listing_of(s3: S3Calls, bucket: str) -> SomeObjects:
    """How the first objects of a bucket are listed."""

    def listed(prefix: str) -> tuple[S3Object, ...]:
        answer = s3.call(
            f"look up {prefix!r}",
            list_objects,
            Bucket=bucket,
            Prefix=prefix,
            MaxKeys=FEW,
            EncodingType="url",
        )
        return objects_of(answer)

    return listed


def _other_names(key: str) -> Iterator[str]:
    """What a server may make of a key, the least change first."""
    seen = {key, ""}
    kept: list[str] = []
    for segment in key.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in _NO_FOLDERS:
            kept.append(segment)
    single = "/".join(filter(None, key.split("/")))
    end = "/" if key.endswith("/") else ""
    for name in (
        key.lstrip("/"),
        key.rstrip("/"),
        single + end,
        single,
        "/".join(kept) + end,
        "/".join(kept),
    ):
        if name not in seen:
            seen.add(name)
            yield name
