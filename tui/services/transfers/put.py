"""Upload a file in one request."""

from __future__ import annotations

import base64
from contextlib import nullcontext

from tui.services.aws import Done, earlier_try_lost, settled
from tui.services.errors import ServiceError
from tui.services.transfers.body import CountedBody, from_memory
from tui.services.transfers.native import NativePut
from tui.services.transfers.route import HOW_TO_LOOK, Condition, Route, md5_of
from tui.services.transfers.source import Source


async def put(route: Route, source: Source, key: str, condition: Condition) -> None:
    """Send the whole file. Raises ServiceError, or StoppedError."""
    await route.call(f"upload {key}", _put, route, source, key, condition)


def _put(route: Route, source: Source, key: str, condition: Condition) -> None:
    # Sent from memory, so that what is checked here is what is sent.
    data = source.read(0, source.before.size)
    source.refuse_if_changed()
    md5 = md5_of(data)
    etag = f'"{md5.hexdigest()}"'
    headers = {**source.type_header, **condition}
    checked = {**headers, "ContentMD5": _base64(md5.digest())}
    native = route.course.native_for(len(data))
    sent = (
        NativePut.LEFT
        if native is None
        else native.put(route.bucket, key, data, checked, route.stop)
    )
    if sent is NativePut.STORED:
        route.on_bytes(len(data))
        return
    if route.client.meta.config.request_checksum_calculation == "when_required":
        # Where the SDK adds no checksum of its own, the oldest one, which every server knows.
        headers = checked
    body = CountedBody(from_memory(data), len(data), on_bytes=route.on_bytes, stop=route.stop)
    if sent is NativePut.EXISTS and native is not None and _is_stored(route, key, etag):
        native.found_stored(route.bucket, key)
        route.on_bytes(len(data))
        return
    repeats = earlier_try_lost() if sent is NativePut.LOST else nullcontext()
    before = source.item.existing if key == source.item.key else None
    try:
        with repeats:
            settled(
                lambda: route.client.put_object(
                    Bucket=route.bucket, Key=key, Body=body, ContentLength=len(data), **headers
                ),
                lambda _: route.look(key, etag, before),
                how_to_look=HOW_TO_LOOK,
            )
    except BaseException:
        body.withdraw()
        raise


def _is_stored(route: Route, key: str, etag: str) -> bool:
    try:
        return isinstance(route.look(key, etag, None), Done)
    except ServiceError:
        return False  # the SDK's own try tells what is wrong


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
