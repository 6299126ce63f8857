"""The error codes of AWS: what kind of error each is, and what to do next."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from tui.services.errors import ErrorKind

_KINDS = {
    ErrorKind.CREDENTIALS: {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "InvalidToken",
        "TokenRefreshRequired",
    },
    ErrorKind.DENIED: {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "AllAccessDisabled",
        "KMS.AccessDeniedException",
        "KMSAccessDenied",
        "KMSAccessDeniedException",
        "403",
    },
    ErrorKind.NOT_FOUND: {
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchVersion",
        "NoSuchUpload",
        "NotFound",
        "404",
        "DBClusterNotFoundFault",
        "DBClusterSnapshotNotFoundFault",
        "DBInstanceNotFound",
        "DBSnapshotNotFound",
        "ResourceNotFoundException",
        "InvalidGroup.NotFound",
        "KMS.NotFoundException",
        "KMSNotFoundException",
    },
    ErrorKind.EXISTS: {
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "DBClusterSnapshotAlreadyExistsFault",
        "DBInstanceAlreadyExists",
        "DBInstanceAlreadyExistsFault",
        "DBSnapshotAlreadyExists",
        "InvalidPermission.Duplicate",
        "TableAlreadyExistsException",
    },
    ErrorKind.CHANGED: {
        "ConditionalCheckFailedException",
        "ConditionalRequestConflict",
        "PreconditionFailed",
        "412",
        "TransactionCanceledException",
    },
    ErrorKind.CONFLICT: {
        "TransactionConflictException",
        "TransactionInProgressException",
        "BucketNotEmpty",
        "InvalidDBClusterSnapshotStateFault",
        "InvalidDBClusterStateFault",
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "InvalidDBSnapshotState",
        "InvalidObjectState",
        "KMS.DisabledException",
        "KMS.KMSInvalidStateException",
        "KMSInvalidStateException",
        "KMSKeyNotAccessibleFault",
        "OperationAborted",
        "ResourceInUseException",
    },
    ErrorKind.INVALID: {
        "InvalidArgument",
        "InvalidBucketName",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidRequest",
        "MalformedPolicy",
        "ValidationException",
    },
    ErrorKind.THROTTLED: {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "SlowDownRead",
        "SlowDownWrite",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    },
}
SLOWER = frozenset({"503", "ServiceUnavailable"})
"""Codes with which a service that is overloaded refuses a request, whatever the reason."""

_KIND_OF_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}


def in_words(code: str, message: str) -> tuple[str, str]:
    """Code and message of an answer, where a JSON service's name met a server that speaks S3's XML.

    The SDK then has the HTTP status for a code and the whole document for a message.
    """
    if not message.lstrip().startswith("<"):
        return code, message
    named, said = (_XML_PART[part].search(message) for part in ("Code", "Message"))
    return (named[1] if named else code), (html.unescape(said[1]) if said else message)


def kind_of(code: str) -> ErrorKind:
    """The kind of error that a code stands for; OTHER for one that is not known."""
    # Some services answer "DBInstanceNotFound", others "DBInstanceNotFoundFault".
    return _KIND_OF_CODE.get(code) or _KIND_OF_CODE.get(code.removesuffix("Fault"), ErrorKind.OTHER)


_SERVICE_FAILED = (
    "The service itself failed. Wait a moment and try again; if it goes on, look at "
    "https://health.aws.amazon.com."
)
_KMS_PERMISSIONS = (
    "The data is encrypted with a KMS key: these credentials need kms:Decrypt (to read) and "
    "kms:GenerateDataKey (to write) for that key."
)
_KMS_STATE = "The KMS key that encrypts the data cannot be used: see its state in the KMS console."
_NO_TABLE = (
    "The table was deleted, or it is in another region: press r on the list of tables, or R to "
    "choose another region."
)

_NOT_IMPLEMENTED = "This server does not have this function; the others are not affected."
_NAME_OF_MINIO = (
    'MinIO keeps a key as a path: it takes none with "//", with "." or ".." between slashes, or '
    "with more than 255 bytes between two slashes. AWS does. Choose another name."
)

_HINTS = {
    "BadDigest": "What arrived was not what was sent, and nothing was stored: try again. If it "
    "goes on, something on the way to the service changes the bytes.",
    "RequestTimeTooSkewed": "The clock of this machine and that of the service are more than 15 "
    "minutes apart: set it right, then try again.",
    "NotImplemented": _NOT_IMPLEMENTED,
    "InternalError": _SERVICE_FAILED,
    "InternalFailure": _SERVICE_FAILED,
    "InternalServerError": _SERVICE_FAILED,
    "ServiceUnavailable": _SERVICE_FAILED,
    "500": _SERVICE_FAILED,
    "502": _SERVICE_FAILED,
    "503": _SERVICE_FAILED,
    "504": _SERVICE_FAILED,
    "ItemCollectionSizeLimitExceededException": "A local index allows 10 GB for one partition key. "
    "Delete items of this partition key, or use another one.",
    "KMS.AccessDeniedException": _KMS_PERMISSIONS,
    "KMSAccessDenied": _KMS_PERMISSIONS,
    "KMSAccessDeniedException": _KMS_PERMISSIONS,
    "KMS.DisabledException": _KMS_STATE,
    "KMS.KMSInvalidStateException": _KMS_STATE,
    "KMS.NotFoundException": _KMS_STATE,
    "KMSInvalidStateException": _KMS_STATE,
    "KMSNotFoundException": _KMS_STATE,
    "NoSuchBucket": "The bucket was deleted, or the name is mistyped: press r on the list of "
    "buckets.",
    "NoSuchKey": "The object was deleted: press r to see what is there now.",
    "ResourceNotFoundException": _NO_TABLE,
    "XMinioInvalidObjectName": _NAME_OF_MINIO,
    "XMinioInvalidResourceName": _NAME_OF_MINIO,
    "TransactionConflictException": "Another transaction is changing the item; try again.",
    "TransactionInProgressException": "The same transaction is still under way; look at the item "
    "in a moment.",
}
"""Next steps by code, where the kind alone does not give one."""

_REASONS = {
    "AccessDenied": "These credentials may not change all items of the transaction.",
    "ConditionalCheckFailed": "An item is not any more what was read: read it again.",
    "DuplicateItem": "An item with this key exists already.",
    "ItemCollectionSizeLimitExceeded": _HINTS["ItemCollectionSizeLimitExceededException"],
    "ProvisionedThroughputExceeded": "The table's capacity is used up; wait and try again.",
    "ThrottlingError": "The service asks for fewer requests; wait a moment and try again.",
    "TransactionConflict": _HINTS["TransactionConflictException"],
    "ValidationError": "DynamoDB refuses one of the items; the reason above says why.",
}
"""What to do about each reason for which DynamoDB cancels a transaction.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

_XML_PART = {part: re.compile(f"<{part}>([^<]*)</{part}>") for part in ("Code", "Message")}
_PERMISSION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


def hint_of(code: str) -> str:
    """The next step that belongs to this code; empty if there is none."""
    return _HINTS.get(code, "")


def missing_permission(message: str) -> str:
    """The permission that AWS names in its refusal ("kms:Decrypt"); empty if it names none."""
    found = _PERMISSION.search(message)
    return found[1] if found else ""


def cancellation(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Why a transaction was cancelled, and what to do next; empty if the answer does not say."""
    reasons = [
        (str(reason["Code"]), str(reason.get("Message") or ""))
        for reason in answer.get("CancellationReasons") or ()
        if reason.get("Code") not in {None, "None"}
    ]
    said = "; ".join(f"{code}: {message}".rstrip(": ") for code, message in reasons)
    hints = dict.fromkeys(_REASONS[code] for code, _ in reasons if code in _REASONS)
    return said, " ".join(hints)
