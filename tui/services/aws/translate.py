"""Vendor exceptions of the AWS SDK -> ServiceError, at the edge of `services/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from tui.services.aws import codes
from tui.services.aws.lost_answer import LostAnswer, lost_answer_of
from tui.services.aws.network_cause import network_cause
from tui.services.aws.permissions import permission_of
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


_CREDENTIALS_HINT = (
    "Run `aws sso login` or `aws configure`, then press Ctrl+R; P chooses another profile. "
    "For a variable such as AWS_PROFILE, start again with it set."
)
_REGION_HINT = (
    "Press R to choose one, for example us-east-1, or start again with --region or AWS_REGION."
)


TRY_AGAIN = "then press r to try again"
"""How a hint ends that has no better next step."""


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
    """The ServiceError for one exception of the SDK.

    For a change whose answer was lost it is UNKNOWN, unless the answer to a later try, or a look
    at the store, has said how it ended.
    """
    from botocore.exceptions import ClientError

    translated = (
        _from_answer(error, action, hint)
        if isinstance(error, ClientError)
        else _from_sdk(error, action, hint)
    )
    lost = lost_answer_of(error)
    if lost is None or translated.kind in _DECIDED:
        return translated
    return _not_done(translated) if lost.not_done else _unknown(translated, action, lost)


_DECIDED = {ErrorKind.NOT_FOUND}
"""What a later try found is the end of it: what was to be deleted or changed is not there."""


def _unknown(error: ServiceError, action: str, lost: LostAnswer) -> ServiceError:
    return ServiceError(
        f"It is not known whether this was done: {action}. The answer of the service was lost.",
        cause=error.cause,
        hint=lost.how_to_look or "Press r and look at what is there before you do it again.",
        code=error.code,
        kind=ErrorKind.UNKNOWN,
    )


def _not_done(error: ServiceError) -> ServiceError:
    if error.kind in {ErrorKind.NETWORK, ErrorKind.OTHER, ErrorKind.THROTTLED}:
        error.hint = (
            "The answer of the service was lost, and a look just now shows that it was not done. "
            "Look once more before you try again: a request can arrive late."
        )
    return error


def _from_answer(error: ClientError, action: str, hint: str) -> ServiceError:
    body = error.response.get("Error", {})
    code, message = codes.in_words(str(body.get("Code", "")), str(body.get("Message", "")))
    kind = codes.kind_of(code)
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "")
    reasons, reasons_hint = codes.cancellation(error.response)
    cause = f"{code}: {reasons or message}".rstrip(": ")
    if request_id:
        cause += f" (request {request_id})"
    return ServiceError(
        f"Could not {action}.",
        cause=cause,
        hint=hint or reasons_hint or _hint(kind, code, message, error),
        code=code,
        kind=kind,
    )


def _hint(kind: ErrorKind, code: str, message: str, error: ClientError) -> str:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region")
    if kind is ErrorKind.CREDENTIALS:
        return "The credentials are expired or invalid. " + _CREDENTIALS_HINT
    if kind is ErrorKind.DENIED:
        permission = codes.missing_permission(message)
        if permission.startswith("kms:"):
            return f"These credentials need the permission {permission} for the KMS key."
        if codes.hint_of(code):
            return codes.hint_of(code)
        permission = permission or permission_of(error.operation_name)
        if permission:
            return f"These credentials need the permission {permission}."
        return f"These credentials need permission for {error.operation_name}."
    if kind is ErrorKind.THROTTLED:
        return "The service asks for fewer requests; wait a moment and try again."
    if region and code in {
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "301",
    }:
        return f"The bucket is in {region}; press R to switch."
    return codes.hint_of(code)


def _from_sdk(error: Exception, action: str, hint: str) -> ServiceError:
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    because = partial(
        ServiceError, f"Could not {action}.", cause=str(error), code=type(error).__name__
    )
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
        return because(hint=_CREDENTIALS_HINT, kind=ErrorKind.CREDENTIALS)
    if isinstance(error, sdk.ProfileNotFound):
        return because(
            hint="Press P to choose another profile, or check ~/.aws/config.",
            kind=ErrorKind.CREDENTIALS,
        )
    if isinstance(error, sdk.ConfigParseError):
        return because(
            hint="Correct the file or move it away, then press Ctrl+R to try again.",
            kind=ErrorKind.CREDENTIALS,
        )
    if isinstance(error, sdk.NoRegionError):
        return because(hint=_REGION_HINT, kind=ErrorKind.INVALID)
    # "Could not connect to the endpoint" is not one of the HTTP client errors.
    if isinstance(error, sdk.HTTPClientError | sdk.ConnectionError):
        return because(
            cause=network_cause(error),
            hint=hint or f"Check the network, the region and the endpoint, {TRY_AGAIN}.",
            kind=ErrorKind.NETWORK,
        )
    if isinstance(error, ResponseParserError):
        # Its own text holds the whole page that came in place of an answer.
        return because(
            cause="The endpoint answered something that is not an answer of AWS.",
            hint=hint or "Check the endpoint; a compatible server may not know this operation.",
        )
    kind = ErrorKind.INVALID if isinstance(error, sdk.ParamValidationError) else ErrorKind.OTHER
    return because(hint=hint, kind=kind)
