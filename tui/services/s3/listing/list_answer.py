"""The objects in an answer of ListObjectsV2, read without the SDK's parser.

The SDK's parser costs most of a listing's time. Here one regular expression finds all objects. An
answer that is written in another way is left to the SDK.
"""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from tui.services.aws.answers import ROWS, reading_body
from tui.services.aws.direct import direct_reads
from tui.services.giving_way import give_way, turns
from tui.services.s3.models import S3Object

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef

_PERSON = r"<(?:ID|DisplayName)(?:/>|>[^<]*+</(?:ID|DisplayName)>)\s*+"
_OWNER = rf"(?:<Owner>\s*+(?:{_PERSON})*+</Owner>\s*+)?+"

_QUOTE = '(?:"|&(?:quot|#34);)?+'

_OBJECT = re.compile(
    r"<Contents>\s*+"
    r"<Key>([^<]*+)</Key>\s*+"
    r"<LastModified>([^<Z]*+Z)</LastModified>\s*+"
    rf'<ETag>{_QUOTE}([^<"&]*+){_QUOTE}</ETag>\s*+'
    r"(?:<Checksum\w++>[^<]*+</Checksum\w++>\s*+)*+"
    r"<Size>(\d++)</Size>\s*+"
    rf"{_OWNER}"
    r"(?:<StorageClass>([^<]*+)</StorageClass>\s*+)?+"
    rf"{_OWNER}"
    r"</Contents>"
)
"""As AWS, MinIO and rclone write an object that has no state of a restore, with its time in UTC."""

_BEGIN, _END = b"<Contents>", b"</Contents>"


def list_objects(client: S3Client) -> Callable[..., ListObjectsV2OutputTypeDef]:
    """ListObjectsV2, which is to be asked for `EncodingType=url`; for `S3Calls.call`.

    `objects_of` gives the objects of its answer.
    """

    def send(**parameters: Any) -> ListObjectsV2OutputTypeDef:
        direct = direct_reads(client, "ListObjectsV2")
        answer: Any = direct.answer(parameters, _answer)
        if answer is not None:
            found: ListObjectsV2OutputTypeDef = answer
            return found
        with direct.learning(), reading_body(_read):
            return client.list_objects_v2(**parameters)

    return send


def _read(body: bytes) -> tuple[bytes, object] | None:
    """The answer without its objects, and those; None if it has to be read as a whole."""
    begin, end = body.find(_BEGIN), body.rfind(_END) + len(_END)
    if begin < 0:
        return None
    # By all threads at once it would take as long, and everything else would wait for all of them.
    with turns():
        objects = _objects(body, body[begin:end].decode("utf-8", "surrogateescape"))
    return None if objects is None else (body[:begin] + body[end:], objects)


def _answer(body: bytes) -> dict[str, Any] | None:
    """A whole answer, as the SDK gives it; None if that has to read it."""
    read = _read(body)
    if read is None and _BEGIN in body:
        return None
    rest, objects = read or (body, ())
    fields = _fields(rest)
    return None if fields is None else {**fields, ROWS: objects}


def _fields(rest: bytes) -> dict[str, Any] | None:
    """What an answer says beside its objects."""
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(rest)  # noqa: S314 - the SDK reads it in the same way
    except ElementTree.ParseError:
        return None
    fields: dict[str, Any] = {}
    prefixes: list[dict[str, str]] = []
    for element in root:
        name, text = _name(element.tag), element.text or ""
        if name == "CommonPrefixes":
            if [_name(each.tag) for each in element] != ["Prefix"]:
                return None
            prefixes.append({"Prefix": element[0].text or ""})
        elif name in _TEXTS:
            fields[name] = text
        elif name == "IsTruncated":
            fields[name] = text == "true"
    if prefixes:
        fields["CommonPrefixes"] = prefixes
    return fields if _name(root.tag) == "ListBucketResult" else None


_TEXTS = {"Name", "Prefix", "Delimiter", "StartAfter", "EncodingType", "NextContinuationToken"}


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _objects(body: bytes, text: str) -> tuple[S3Object, ...] | None:
    """The objects in a part of an answer; None if it holds anything else."""
    pieces = _pieces(text)
    between, keys, modified, etags, sizes, classes = (pieces[at::_STEP] for at in range(_STEP))
    # Whatever the expression does not know is here: a common prefix, or another kind of object.
    if not keys or "".join(between).strip() or "&" in "".join(keys):
        return None
    if b"<EncodingType>url</EncodingType>" not in body:
        if "\r" in text:
            return None
    elif "%" in text or "+" in text:
        give_way()
        keys = list(map(decode_key, keys))
    # Where an expression finds none, the storage class is None.
    classes = [name or "" for name in classes] if None in classes else classes
    moment = _moment if min(modified) < _YEAR_2 else datetime.fromisoformat
    try:
        return _made(
            (keys, map(int, sizes), map(moment, modified), map(sys.intern, classes), etags),
            len(keys),
        )
    except ValueError:
        return None


SLICE = 50_000
"""Characters that are searched in one go: meanwhile no other thread runs."""


def _pieces(text: str) -> list[str]:
    """What stands before an object and what the expression finds in it, for each one; at the end
    what follows the last one."""
    pieces: list[str] = [""]
    begin = 0
    while begin < len(text):
        end = text.find(_LAST_TAG, begin + SLICE)
        end = len(text) if end < 0 else end + len(_LAST_TAG)
        give_way()
        first, *more = _OBJECT.split(text[begin:end])
        pieces[-1] += first
        pieces += more
        begin = end
    return pieces


def _made(columns: Sequence[Iterable[object]], count: int) -> tuple[S3Object, ...]:
    """Objects from the columns of their first fields. Filled field by field, without the
    constructor: they take a third of the time."""
    made = tuple(map(object.__new__, repeat(S3Object, count)))
    for name, column in zip(_FIELDS, (*columns, repeat("")), strict=True):
        give_way()
        deque(map(getattr(S3Object, name).__set__, made, column), 0)
    return made


_FIELDS = ("key", "size", "modified", "storage_class", "etag", "restore")
_LAST_TAG = _END.decode()
_STEP = _OBJECT.groups + 1
_YEAR_2 = "0002"


def _moment(text: str) -> datetime | None:
    """A date; raises ValueError if it is none. The zero time of the Go language is no date."""
    when = datetime.fromisoformat(text)
    return when if when.year > 1 else None


def objects_of(answer: ListObjectsV2OutputTypeDef) -> tuple[S3Object, ...]:
    """The objects in an answer of ListObjectsV2 that was asked for with `EncodingType=url`."""
    rows: Any = answer
    read: tuple[S3Object, ...] | None = rows.get(ROWS)
    if read is not None:
        return read
    encoded = answer.get("EncodingType") == "url"
    return tuple(_object(entry, encoded) for entry in answer.get("Contents", ()))


def decode_key(encoded: str) -> str:
    """A key as stored, from the form that `EncodingType=url` gives ("+" is a space).

    Bytes that are not UTF-8, which AWS does not have but other servers may, survive as surrogates.
    """
    return unquote_plus(encoded, encoding="utf-8", errors="surrogateescape")


def _object(entry: ObjectTypeDef, encoded: bool) -> S3Object:
    restore: Mapping[str, Any] = entry.get("RestoreStatus") or {}
    until = restore.get("RestoreExpiryDate")
    return S3Object(
        key=decode_key(entry["Key"]) if encoded else entry["Key"],
        size=int(entry["Size"]),
        modified=utc(entry.get("LastModified")),
        # One string for all objects: a listing may hold hundreds of thousands.
        storage_class=sys.intern(entry.get("StorageClass", "")),
        etag=entry.get("ETag", "").strip('"'),
        restore="in progress"
        if restore.get("IsRestoreInProgress")
        else f"until {utc(until):%Y-%m-%d %H:%M} UTC"
        if until
        else "",
    )


def utc(moment: datetime | None) -> datetime | None:
    """The same moment, in UTC."""
    return moment.astimezone(UTC) if moment is not None else None
