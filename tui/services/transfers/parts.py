"""Upload a file in parts. Until the last step nothing is visible, and a failure leaves nothing."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from tui.services.aws import Done, Look, settled
from tui.services.errors import ServiceError
from tui.services.transfers.body import CountedBody, StoppedError
from tui.services.transfers.pressure import AnyStop
from tui.services.transfers.route import HOW_TO_LOOK, MIB, SINGLE_BYTES, Condition, Route, md5_of
from tui.services.transfers.several import several
from tui.services.transfers.source import Source
from tui.services.transfers.upload_plan import MAX_PARTS

PARTS_AT_ONCE = 8
"""Parts of one file in flight; the pool bounds all files together."""


def part_bytes(size: int, smallest: int = SINGLE_BYTES) -> int:
    """The size of the parts of a file: whole MiB, so that there are at most 10,000."""
    needed = -(-size // MAX_PARTS)
    return max(smallest, -(-needed // MIB) * MIB)


async def put_in_parts(route: Route, source: Source, key: str, condition: Condition) -> None:
    """Send the file in parts. Raises ServiceError, or StoppedError, when everything in flight has
    ended and the parts have been removed.
    """
    created = await route.call(
        f"begin the upload of {key}",
        route.client.create_multipart_upload,
        Bucket=route.bucket,
        Key=key,
        **source.type_header,
    )
    upload = _Upload(
        route, source, {"Bucket": route.bucket, "Key": key, "UploadId": created["UploadId"]}
    )
    try:
        await upload.send_all()
        await route.call(f"read {source.item.path}", source.refuse_if_changed)
        await upload.complete(condition)
    except BaseException as error:
        await upload.abort(error)
        raise


class _Upload:
    """One multipart upload."""

    def __init__(self, route: Route, source: Source, names: Mapping[str, str]) -> None:
        self._route = route
        self._source = source
        self._names = names
        self._key = names["Key"]
        size = source.before.size
        self._step = part_bytes(size, route.course.tuning.single)
        self._offsets = range(0, size, self._step)
        self._etags = [""] * len(self._offsets)
        self._bodies: list[CountedBody] = []
        self._given_up = threading.Event()
        self._stop = AnyStop(route.stop, self._given_up)

    async def send_all(self) -> None:
        """Send every part; when one fails, wait for the others in flight and raise."""
        # Every call must have ended before the upload is aborted, so that none is left behind.
        try:
            await several(
                enumerate(self._offsets),
                self._send,
                at_once=min(PARTS_AT_ONCE, len(self._offsets)),
                give_up=self._given_up.set,
            )
        except BaseException:
            if not self._route.stop.is_set():
                # A file cut short shows as a part that ended early; say what really happened.
                path = self._source.item.path
                await self._route.call(f"read {path}", self._source.refuse_if_changed)
            raise

    async def _send(self, part: tuple[int, int]) -> None:
        index, offset = part
        body = CountedBody(
            lambda position, size: self._source.read(offset + position, size),
            min(self._step, self._source.before.size - offset),
            on_bytes=self._route.on_bytes,
            stop=self._stop,
        )
        self._bodies.append(body)
        self._etags[index] = await self._route.course.pressure.call(
            self._stop, f"upload {self._key}", self._send_now, index + 1, body
        )

    def _send_now(self, number: int, body: CountedBody) -> str:
        body.seek(0)
        try:
            answer = self._route.client.upload_part(
                **self._names, PartNumber=number, Body=body, ContentLength=len(body)
            )
        except StoppedError:
            if body.failure is not None:
                raise body.failure from None
            raise
        return str(answer["ETag"])

    async def complete(self, condition: Condition) -> None:
        """Make the object of the parts."""
        await self._route.call(f"complete the upload of {self._key}", self._complete_now, condition)

    def _complete_now(self, condition: Condition) -> None:
        client = self._route.client
        parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(self._etags, 1)]
        settled(
            lambda: client.complete_multipart_upload(
                **self._names, MultipartUpload={"Parts": parts}, **condition
            ),
            lambda _: self._look(),
            how_to_look=HOW_TO_LOOK,
        )

    def _look(self) -> Done[Any] | Look:
        """Whether the parts have become the object."""
        client = self._route.client
        try:
            client.list_parts(**self._names, MaxParts=1)
        except client.exceptions.NoSuchUpload:
            before = self._source.item.existing if self._key == self._source.item.key else None
            seen = self._route.look(self._key, composite_etag(self._etags), before)
            # The upload has ended, and nobody has aborted it: what is there may well be ours.
            return seen if isinstance(seen, Done) else Look.UNCLEAR
        return Look.NOT_DONE

    async def abort(self, reason: BaseException) -> None:
        """Remove the parts. Raises ServiceError if they cannot be removed."""
        for body in self._bodies:
            body.withdraw()
        try:
            await self._route.course.pressure.call(
                threading.Event(),
                f"abort the upload of {self._key}",
                self._route.client.abort_multipart_upload,
                **self._names,
            )
        except ServiceError as error:
            if error.code != "NoSuchUpload":
                raise ServiceError(
                    f"The upload of {self._key} failed, and its parts could not be removed.",
                    cause=f"{reason}\n{error}",
                    hint="Cleanup (F8) lists incomplete uploads and can remove them.",
                    code=error.code,
                    kind=error.kind,
                ) from reason


def composite_etag(etags: list[str]) -> str:
    """The ETag of an object put together from parts, where each part's is its MD5; "" if not."""
    try:
        digests = b"".join(bytes.fromhex(etag.strip('"')) for etag in etags)
    except ValueError:
        return ""
    return f'"{md5_of(digests).hexdigest()}-{len(etags)}"'
