"""Vendor exceptions of the AWS SDK -> ServiceError, at the edge of `services/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tui.services.errors import ErrorKind, ServiceError

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
        "403",
    },
    ErrorKind.NOT_FOUND: {
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchVersion",
        "NoSuchUpload",
        "NotFound",
        "404",
        "DBInstanceNotFound",
        "DBSnapshotNotFound",
        "ResourceNotFoundException",
        "InvalidGroup.NotFound",
    },
    ErrorKind.EXISTS: {
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "DBInstanceAlreadyExists",
        "DBInstanceAlreadyExistsFault",
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
        "BucketNotEmpty",
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "InvalidObjectState",
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
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    },
}
_KIND_OF_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}

_CREDENTIALS_HINT = (
    "Run `aws sso login` or `aws configure`, then press Ctrl+R; P chooses another profile. "
    "For a variable such as AWS_PROFILE, start again with it set."
)
_REGION_HINT = (
    "Press R to choose one, for example us-east-1, or start again with --region or AWS_REGION."
)


@contextmanager
def translating(action: str, *, hint: str = "") -> Iterator[None]:
    """Turn what the SDK raises inside the block into a ServiceError about `action`.

    `action` completes "Could not …": "list the buckets". `hint` replaces the general hint where
    the caller knows a better next step.
    """
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ServiceError:
        raise
    except (ClientError, BotoCoreError, HTTPClientError, ResponseParserError) as error:
        raise translate(error, action, hint=hint) from error


def translate(error: Exception, action: str, *, hint: str = "") -> ServiceError:
    """The ServiceError for one exception of the SDK."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _from_answer(error, action, hint)
    return _from_sdk(error, action, hint)


def _from_answer(error: Any, action: str, hint: str) -> ServiceError:
    body = error.response.get("Error", {})
    code = str(body.get("Code", ""))
    kind = _KIND_OF_CODE.get(code, ErrorKind.OTHER)
    # Some services answer "DBInstanceNotFound", others "DBInstanceNotFoundFault".
    if kind is ErrorKind.OTHER:
        kind = _KIND_OF_CODE.get(code.removesuffix("Fault"), ErrorKind.OTHER)
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "")
    cause = f"{code}: {body.get('Message', '')}".rstrip(": ")
    if request_id:
        cause += f" (request {request_id})"
    return ServiceError(
        f"Could not {action}.",
        cause=cause,
        hint=hint or _hint(kind, error),
        code=code,
        kind=kind,
    )


def _hint(kind: ErrorKind, error: Any) -> str:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region")
    if kind is ErrorKind.CREDENTIALS:
        return "The credentials are expired or invalid. " + _CREDENTIALS_HINT
    if kind is ErrorKind.DENIED:
        return f"These credentials need permission for {error.operation_name}."
    if kind is ErrorKind.THROTTLED:
        return "The service asks for fewer requests; wait a moment and try again."
    if region and error.response["Error"].get("Code") in {
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "301",
    }:
        return f"The bucket is in {region}; press R to switch."
    return ""


def _from_sdk(error: Exception, action: str, hint: str) -> ServiceError:
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    message = f"Could not {action}."
    cause = str(error)
    name = type(error).__name__
    if isinstance(
        error,
        sdk.NoCredentialsError
        | sdk.PartialCredentialsError
        | sdk.CredentialRetrievalError
        | sdk.TokenRetrievalError
        | sdk.UnauthorizedSSOTokenError
        | sdk.SSOError
        | sdk.MetadataRetrievalError,
    ):
        return ServiceError(
            message, cause=cause, hint=_CREDENTIALS_HINT, code=name, kind=ErrorKind.CREDENTIALS
        )
    if isinstance(error, sdk.ProfileNotFound):
        return ServiceError(
            message,
            cause=cause,
            hint="Press P to choose another profile, or check ~/.aws/config.",
            code=name,
            kind=ErrorKind.CREDENTIALS,
        )
    if isinstance(error, sdk.ConfigParseError):
        return ServiceError(
            message,
            cause=cause,
            hint="Correct the file or move it away, then press Ctrl+R to try again.",
            code=name,
            kind=ErrorKind.CREDENTIALS,
        )
    if isinstance(error, sdk.NoRegionError):
        return ServiceError(
            message, cause=cause, hint=_REGION_HINT, code=name, kind=ErrorKind.INVALID
        )
    # "Could not connect to the endpoint" is not one of the HTTP client errors.
    if isinstance(error, sdk.HTTPClientError | sdk.ConnectionError):
        return ServiceError(
            message,
            cause=cause,
            hint=hint
            or "Check the network, the region and the endpoint, then press r to try again.",
            code=name,
            kind=ErrorKind.NETWORK,
        )
    if isinstance(error, ResponseParserError):
        # Its own text holds the whole page that came in place of an answer.
        return ServiceError(
            message,
            cause="The endpoint answered something that is not an answer of AWS.",
            hint=hint or "Check the endpoint; a compatible server may not know this operation.",
            code=name,
        )
    kind = ErrorKind.INVALID if isinstance(error, sdk.ParamValidationError) else ErrorKind.OTHER
    return ServiceError(message, cause=cause, hint=hint, code=name, kind=kind)
