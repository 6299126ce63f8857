"""Upload a file in one request."""

from __future__ import annotations

import base64

from tui.services.transfers.body import CountedBody, from_memory
from tui.services.transfers.route import Condition, Route, md5_of
from tui.services.transfers.source import Source


async def put(route: Route, source: Source, key: str, condition: Condition) -> None:
    """Send the whole file. Raises ServiceError, or StoppedError."""
    await route.call(f"upload {key}", _put, route, source, key, condition)


def _put(route: Route, source: Source, key: str, condition: Condition) -> None:
    # Sent from memory, so that what is checked here is what is sent.
    data = source.read(0, source.before.size)
    source.refuse_if_changed()
    md5 = md5_of(data)
    headers = {**source.type_header, **condition}
    checked = {**headers, "ContentMD5": _base64(md5.digest())}
    native = route.course.native_for(len(data))
    if native is not None and native.put(route.bucket, key, data, checked, route.stop):
        route.on_bytes(len(data))
        return
    if route.client.meta.config.request_checksum_calculation == "when_required":
        # Where the SDK adds no checksum of its own, the oldest one, which every server knows.
        headers = checked
    body = CountedBody(from_memory(data), len(data), on_bytes=route.on_bytes, stop=route.stop)
    try:
        route.client.put_object(
            Bucket=route.bucket, Key=key, Body=body, ContentLength=len(data), **headers
        )
    except route.client.exceptions.ClientError as error:
        if not route.had_landed(error, key, f'"{md5.hexdigest()}"'):
            body.withdraw()
            raise
    except BaseException:
        body.withdraw()
        raise


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
