"""What is asked of one object: where it is written and on which condition, which one is read; and
what a refusal of that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.aws import translate
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_NO_CONDITIONS = {"NotImplemented", "501"}
"""What a compatible server says that does not know conditional writes."""


@dataclass(frozen=True, slots=True)
class Write:
    """Where an object is written, and under which condition."""

    bucket: str
    key: str
    content_type: str = ""
    """Empty leaves it to S3's default."""
    if_new: bool = False
    """Only if the key holds nothing."""
    if_etag: str = ""
    """Only if the key holds the object with this ETag."""
    before: str = ""
    """The ETag of what the key held when the write was planned; empty if unknown, or nothing."""
    attributes: UploadAttributes = DEFAULTS
    """What the object gets besides."""

    @property
    def is_conditional(self) -> bool:
        """Whether S3 is to refuse it where the key holds something else than was seen."""
        return self.if_new or bool(self.if_etag)

    @property
    def condition(self) -> dict[str, str]:
        """The SDK's parameters."""
        if self.if_new:
            return {"IfNoneMatch": "*"}
        return {"IfMatch": f'"{self.if_etag}"'} if self.if_etag else {}

    @property
    def settings(self) -> dict[str, Any]:
        """The SDK's parameters of what the object gets: its type, and its attributes."""
        kind = self.attributes.content_type or self.content_type
        typed = {"ContentType": kind} if kind else {}
        return {**typed, **self.attributes.parameters} if self.attributes else typed


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it was listed: what is read must be it."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str = ""
    """Empty for the latest version."""


# -- what an error means -------------------------------------------------------------------------


def knows_no_conditions(error: ServiceError) -> bool:
    """Whether the server refused a write because it is conditional."""
    return error.code in _NO_CONDITIONS


def met_another_write(error: ServiceError) -> bool:
    """Whether a write met another one to the same key, so that it has to be begun anew."""
    return error.code == "ConditionalRequestConflict"


def refused_write(error: ServiceError, write: Write) -> ServiceError:
    """The error to tell: EXISTS or CHANGED where a condition was not met, else the error itself."""
    failed = error.code in {"PreconditionFailed", "412", "ConditionalRequestConflict"}
    if failed and write.if_new:
        return exists_now(write.key, error.cause)
    if write.if_etag and (failed or error.code in {"NoSuchKey", "404"}):
        return changed_since(write.key, error.cause)
    return error


def refuse_if_taken(write: Write, etag: str) -> None:
    """Raise ServiceError (EXISTS, CHANGED) if the key holds another object than `write` may
    replace."""
    if etag != write.if_etag:
        raise changed_since(write.key) if write.if_etag else exists_now(write.key)


def exists_now(key: str, cause: str = "") -> ServiceError:
    """The error for a key that should hold nothing (EXISTS)."""
    return ServiceError(
        f"{key} exists now: it came into being after you looked. It was left as it is.",
        cause=cause,
        hint="Upload again to see it and choose what to do with it.",
        kind=ErrorKind.EXISTS,
    )


def changed_since(key: str, cause: str = "") -> ServiceError:
    """The error for a key that should hold what was to be overwritten (CHANGED)."""
    return ServiceError(
        f"{key} was changed or deleted after you chose to overwrite it. It was left as it is.",
        cause=cause,
        hint="Upload again to see what is there now.",
        kind=ErrorKind.CHANGED,
    )


def not_as_listed(key: str) -> ServiceError:
    """The error for an object that is not any more what was listed (CHANGED)."""
    return ServiceError(
        f"{key} was changed after you looked; nothing was written.",
        hint="Press r in the S3 pane to see it as it is now, then download it again.",
        kind=ErrorKind.CHANGED,
    )


def unreadable(error: ClientError, key: str) -> ServiceError:
    """What S3 said in place of an object that was to be read, translated."""
    code = error.response["Error"].get("Code", "")
    if code in {"PreconditionFailed", "412", "InvalidRange", "416"}:
        return not_as_listed(key)
    if code in {"NoSuchKey", "NoSuchVersion", "404"}:
        return ServiceError(
            f"{key} was deleted after you looked.",
            cause=str(error),
            hint="Press r in the S3 pane to see what is there now.",
            code=code,
            kind=ErrorKind.NOT_FOUND,
        )
    hint = ""
    if code == "InvalidObjectState":
        hint = "It is archived: restore it first (t in the S3 pane), then download it."
    return translate(error, f"download {key}", hint=hint)
