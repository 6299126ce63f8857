"""What is set on an object while it is uploaded: class, encryption, tags, metadata, headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted

Pairs = tuple[tuple[str, str], ...]

TRANSPORT_NAMES = {
    "StorageClass": "x-amz-storage-class",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
    "Tagging": "x-amz-tagging",
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
}
"""The SDK's names of parameters, and those of the headers that they are sent as ("PutObject" in
the S3 API reference)."""


SET_WRONG = frozenset(
    {
        "InvalidArgument",
        "InvalidEncryptionAlgorithmError",
        "InvalidRequest",
        "InvalidStorageClass",
        "InvalidTag",
        "MetadataTooLarge",
        "NotImplemented",
    }
)
"""What S3 and servers like it answer to a class, an encryption or a tag that they do not take."""

OTHERWISE = (
    "What was set with Ctrl+T may be the reason: upload again and set something else. "
    "Trying again sends the same."
)


@dataclass(frozen=True, slots=True)
class UploadAttributes:
    """What every object of an upload gets. Empty leaves it to the bucket, or to S3."""

    storage_class: str = ""
    encryption: str = ""
    """ "AES256", "aws:kms" or "aws:kms:dsse"."""
    kms_key: str = ""
    """Empty is the account's default key for S3."""
    bucket_key: bool = False
    tags: Pairs = ()
    metadata: Pairs = ()
    content_type: str = ""
    """Instead of the one that is guessed by the name."""
    cache_control: str = ""
    content_disposition: str = ""

    def __bool__(self) -> bool:
        return self is not DEFAULTS and self != DEFAULTS

    @property
    def parameters(self) -> dict[str, Any]:
        """The SDK's parameters of a put, or of the beginning of an upload in parts; without the
        type."""
        is_kms = self.encryption.startswith("aws:kms")
        found: dict[str, Any] = {
            "StorageClass": self.storage_class,
            "ServerSideEncryption": self.encryption,
            "SSEKMSKeyId": self.kms_key if is_kms else "",
            "BucketKeyEnabled": self.bucket_key and self.encryption == "aws:kms",
            "Tagging": urlencode(self.tags),
            "Metadata": dict(self.metadata),
            "CacheControl": self.cache_control,
            "ContentDisposition": self.content_disposition,
        }
        return {name: value for name, value in found.items() if value}

    def __str__(self) -> str:
        """In a line: "STANDARD_IA · SSE-KMS, the default key · 2 tags"."""
        key = self.kms_key or "the account's key for S3"
        encryption = {
            "": "",
            "AES256": "SSE-S3",
            "aws:kms": f"SSE-KMS, {key}",
            "aws:kms:dsse": f"DSSE-KMS, {key}",
        }.get(self.encryption, self.encryption)
        headers = {
            "Content-Type": self.content_type,
            "Cache-Control": self.cache_control,
            "Content-Disposition": self.content_disposition,
        }
        parts = [
            self.storage_class,
            encryption,
            ", ".join(f"tag {key}={value}" for key, value in self.tags),
            counted(len(self.metadata), "metadata entry", "metadata entries")
            if self.metadata
            else "",
            *(f"{name}: {value}" for name, value in headers.items() if value),
        ]
        return " · ".join(filter(None, parts))

    # -- in the journal --------------------------------------------------------------------

    @property
    def details(self) -> dict[str, Any]:
        """What is set, as JSON keeps it."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> UploadAttributes:
        """The attributes of their details."""
        pairs = {
            name: tuple((str(key), str(value)) for key, value in details[name])
            for name in ("tags", "metadata")
            if name in details
        }
        return cls(**{**details, **pairs})


DEFAULTS = UploadAttributes()
"""Nothing is set."""


def as_headers(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The SDK's parameters of attributes, as headers of a request."""
    named = []
    for name, value in parameters.items():
        if name == "Metadata":
            named += [(f"x-amz-meta-{key}", str(text)) for key, text in value.items()]
        else:
            named.append((TRANSPORT_NAMES[name], "true" if value is True else str(value)))
    return named


def explained(error: ServiceError, attributes: UploadAttributes) -> ServiceError:
    """A refusal that what was set may be the reason of, with the permissions that it needs, or with
    where it is set."""
    if not attributes:
        return error
    if error.code in SET_WRONG and (error.code == "NotImplemented" or not error.hint):
        # That a server has not all functions is no hint where this one can be done without.
        return _hinted(error, OTHERWISE)
    if error.kind is not ErrorKind.DENIED:
        return error
    needs = []
    if attributes.tags:
        needs.append("tags need s3:PutObjectTagging")
    if attributes.encryption.startswith("aws:kms"):
        needs.append("the KMS key needs kms:GenerateDataKey, and kms:Decrypt for large files")
    if not needs:
        return error
    return _hinted(
        error,
        f"Beside s3:PutObject, {' and '.join(needs)}: ask for it, or upload without (Ctrl+T).",
    )


def _hinted(error: ServiceError, hint: str) -> ServiceError:
    return ServiceError(
        error.message, cause=error.cause, hint=hint, code=error.code, kind=error.kind
    )
