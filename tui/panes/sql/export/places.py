"""Where an export goes: a local file, or an object of S3 by way of a private file."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui.services.aws import Connection
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.location import SCHEME, S3Location
from tui.services.transfers import (
    ConflictPolicy,
    ExistingFile,
    ExistingObject,
    JobState,
    LocalFile,
    UploadPlan,
    build_upload_plan,
    exists,
    new_name,
)

KEPT_SECONDS = 7 * 24 * 3600
"""How long a private file is kept that could not be sent: the queue can try it again."""


@dataclass(frozen=True)
class LocalPlace:
    """A file on this machine."""

    target: Path
    existing: ExistingFile | None

    @property
    def said(self) -> str:
        """Its name for people."""
        return str(self.target)


@dataclass(frozen=True)
class ObjectPlace:
    """An object, and the private file that is written before it is sent."""

    bucket: str
    key: str
    at: Connection
    existing: ExistingObject | None
    private: Path

    @property
    def target(self) -> Path:
        """What is written."""
        return self.private

    @property
    def said(self) -> str:
        """Its name for people."""
        return f"{SCHEME}{self.bucket}/{self.key}"


ExportPlace = LocalPlace | ObjectPlace


async def find_place(services: Services, text: str, *, replace: bool) -> ExportPlace:
    """Where `text` leads: a path, or `s3://bucket/key`. ServiceError if nothing can be written
    there, EXISTS if something is there that is not to be replaced."""
    text = text.strip()
    if text.startswith(SCHEME):
        place: ExportPlace = await _object(services, text)
    else:
        target, existing = await asyncio.to_thread(new_name, text)
        place = LocalPlace(target, existing)
    if place.existing is not None and not replace:
        raise exists(Path(place.said)) if isinstance(place, LocalPlace) else _object_exists(place)
    return place


async def _object(services: Services, text: str) -> ObjectPlace:
    location = S3Location.parse(text)
    if location.is_root or not location.prefix or location.prefix.endswith("/"):
        raise ServiceError(
            "This is not the place of an object.",
            hint="Type s3://bucket/key: the key is its whole name.",
            kind=ErrorKind.INVALID,
        )
    services.transfers.refuse_if_read_only()
    folder = services.state_dir / "exports"
    await asyncio.to_thread(_clear, folder)
    private = folder / f"{secrets.token_hex(8)}{Path(location.prefix).suffix[:10]}"
    place = ObjectPlace(
        location.bucket, location.prefix, services.transfers.connection, None, private
    )
    plan = await services.transfers.planner.check(_plan(place, size=0, mtime_ns=0))
    return ObjectPlace(place.bucket, place.key, place.at, plan.items[0].existing, private)


def _object_exists(place: ObjectPlace) -> ServiceError:
    return ServiceError(
        f"{place.said} is there already; it was left as it is.",
        hint="Choose another key, or that it is replaced.",
        kind=ErrorKind.EXISTS,
    )


def _plan(place: ObjectPlace, *, size: int, mtime_ns: int) -> UploadPlan:
    prefix, _, name = place.key.rpartition("/")
    file = LocalFile(place.private, "", name, size, mtime_ns)
    plan = build_upload_plan(
        [file], (), bucket=place.bucket, prefix=f"{prefix}/" if prefix else "", at=place.at
    )
    if plan.problems:
        raise ServiceError(f"{place.said}: {plan.problems[0].reason}.", kind=ErrorKind.INVALID)
    return plan


def _clear(folder: Path) -> None:
    """Make the folder of private files, and remove those that nobody came back for."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in folder.iterdir():
        with suppress(OSError):
            if time.time() - each.stat().st_mtime > KEPT_SECONDS:
                each.unlink()


async def send(services: Services, place: ObjectPlace) -> int:
    """Queue the private file for S3; gives the job's number. The write is conditional: it replaces
    only what was seen."""
    status = await asyncio.to_thread(place.private.stat)
    plan = await asyncio.to_thread(
        lambda: _plan(place, size=status.st_size, mtime_ns=status.st_mtime_ns)
    )
    plan = await services.transfers.planner.check(plan, {place.key: place.existing})
    policy = ConflictPolicy.OVERWRITE if place.existing is not None else ConflictPolicy.SKIP
    return await services.transfers.start_upload(plan, policy)


async def remove_when_sent(services: Services, place: ObjectPlace, number: int) -> bool:
    """Wait for the end of the job and remove the private file; whether it was sent. Of one that
    was not, the file stays, so that the queue can try again."""
    ended = await services.transfers.queue.wait(number)
    sent = ended.state is JobState.DONE and not ended.files_skipped
    if sent:
        with suppress(OSError):
            await asyncio.to_thread(place.private.unlink)
    return sent
