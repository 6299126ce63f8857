"""What comes back: checked to be an answer before it is read as one, and how dates are read.

The SDK reads the page of a hotel's network, or a JSON text cut in the middle, as an answer without
contents: an account without buckets, a region without tables. The screen would say
what is not true, and cleanup would act on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from botocore.session import Session

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?(\w+)", re.S)
"""The name of an XML document's first element; a document type declaration is never sent."""

ROWS = "TristoreRows"
"""The field of an answer that holds what a reader of `reading_body` made."""

BodyReader = Callable[[bytes], tuple[bytes, object] | None]
"""Takes the body of an answer. Gives the rest, which the SDK reads, and what it made of the part
that it took out; None if it took nothing."""

_reader: ContextVar[BodyReader | None] = ContextVar("reader", default=None)


@contextmanager
def reading_body(reader: BodyReader) -> Iterator[None]:
    """Let `reader` read a part of the answers that this thread gets, because it is much faster than
    the SDK. What it made is in the field `ROWS`."""
    before = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(before)


def install(session: Session) -> None:
    """Make a botocore session check its answers, and read timestamps in our way."""
    events = session.get_component("event_emitter")
    events.register("before-parse", _check)
    # Before the SDK's own handler of "before-parse.s3.*", which parses the whole body to look for
    # an error. The SDK calls what has a star nearer to the beginning of its name first.
    for operation in ("ListObjectsV2", "ListObjectVersions"):
        events.register_first(f"before-parse.*.{operation}", _read_rows)
    session.get_component("response_parser_factory").set_parser_defaults(
        timestamp_parser=_timestamp
    )


def _read_rows(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """Check an answer, and let a reader have its part of it."""
    reader = _reader.get()
    if reader is None or response_dict["status_code"] != 200:
        return
    _check(operation_model, response_dict, customized_response_dict)
    read = reader(response_dict["body"])
    if read is not None:
        response_dict["body"], customized_response_dict[ROWS] = read


def _check(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """Raise the SDK's own exceptions for what is no answer, or not the whole of one."""
    from botocore.exceptions import ConnectionClosedError
    from botocore.parsers import ResponseParserError

    if ROWS in customized_response_dict:
        return  # it was checked as a whole
    status = response_dict["status_code"]
    if _leads_elsewhere(status, response_dict):
        # The SDK would look for the bucket that has moved, also when no bucket was asked about.
        raise ResponseParserError(f"sent elsewhere instead of answering {operation_model.name}")
    if not 200 <= status < 300 or not _has_body(operation_model):
        return
    body: bytes = response_dict["body"]
    promised = response_dict["headers"].get("content-length", "")
    if promised.isdecimal() and int(promised) > len(body):
        raise ConnectionClosedError(endpoint_url=operation_model.service_model.service_name)
    if not _is_answer(operation_model.service_model.resolved_protocol, body):
        raise ResponseParserError(f"not an answer to {operation_model.name}")


def _leads_elsewhere(status: int, response_dict: dict[str, Any]) -> bool:
    """Whether it is a redirection that S3 did not make: to the login page of a network."""
    if not 300 <= status < 400 or status == 304:
        return False
    said = any(name.startswith("x-amz-") for name in response_dict["headers"])
    return not said and b"<Error>" not in response_dict["body"]


def _has_body(operation_model: OperationModel) -> bool:
    """Whether the model promises a text with something in it; bodies of objects are not looked at.

    A HEAD has none, and neither has an operation that answers with headers only.
    """
    shape = operation_model.output_shape
    if shape is None or operation_model.has_streaming_output:
        return False
    payload = shape.serialization.get("payload")
    if payload is not None:
        return bool(shape.members[payload].type_name == "structure")
    return any("location" not in each.serialization for each in shape.members.values())


def _is_answer(protocol: str, body: bytes) -> bool:
    if protocol in {"json", "rest-json"}:
        text = body.strip()
        return text.startswith(b"{") and text.endswith(b"}")
    if protocol in {"query", "ec2", "rest-xml"}:
        root = _ROOT.match(body[:2000])
        if root is None:
            return False
        name = root[1].lower()
        return name != b"html" if protocol == "rest-xml" else name.endswith(b"response")
    return True


def _timestamp(value: Any) -> datetime | None:
    """A timestamp of an answer; ISO ones are read with `datetime.fromisoformat`.

    A page of 1,000 keys parses in a quarter of the time; the SDK's own parser tries several
    formats on each value. Other formats (HTTP dates, epoch seconds) still go to that one.

    A server that does not know a date may send none, or the zero time of the Go language, the
    first day of the year 1. Both are read as None, which the models take for unknown.
    """
    from botocore.utils import parse_timestamp

    if value == "" or (isinstance(value, str) and " 0001 " in value):
        # An HTTP date of the year 1; the SDK's own parser takes that for the year 2001.
        return None
    if isinstance(value, str) and value.endswith("Z") and value[10:11] == "T":
        try:
            return _known(datetime.fromisoformat(value))
        except ValueError:
            pass
    return _known(parse_timestamp(value))


def _known(moment: datetime) -> datetime | None:
    return moment if moment.year > 1 else None
