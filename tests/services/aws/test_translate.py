"""What the SDK raises becomes a sentence, its cause, and the next step."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from tui.services.aws import translate, translating
from tui.services.errors import ErrorKind, ServiceError


def answered(
    code: str,
    *,
    headers: dict[str, str] | None = None,
    operation: str = "ListObjectsV2",
    message: str = "the service's words",
) -> sdk.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "REQ1", "HTTPHeaders": headers or {}},
    }
    return sdk.ClientError(response, operation)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", ErrorKind.DENIED),
        ("ExpiredToken", ErrorKind.CREDENTIALS),
        ("NoSuchBucket", ErrorKind.NOT_FOUND),
        ("DBInstanceNotFoundFault", ErrorKind.NOT_FOUND),
        ("DBInstanceNotFound", ErrorKind.NOT_FOUND),
        ("PreconditionFailed", ErrorKind.CHANGED),
        ("BucketAlreadyExists", ErrorKind.EXISTS),
        ("SlowDown", ErrorKind.THROTTLED),
        ("SomethingNew", ErrorKind.OTHER),
    ],
)
def test_codes_have_kinds(code: str, kind: ErrorKind) -> None:
    assert translate(answered(code), "list it").kind is kind


def test_the_cause_keeps_the_service_s_words_and_the_request_id() -> None:
    error = translate(answered("AccessDenied"), "list the bucket")
    assert error.message == "Could not list the bucket."
    assert error.cause == "AccessDenied: the service's words (request REQ1)"


def test_an_xml_answer_to_a_json_service_is_told_in_words() -> None:
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>BadRequest</Code>'
        "<Message>An unsupported API call at &#39;/&#39;</Message><Resource>/</Resource></Error>"
    )
    error = translate(answered("400", operation="ListTables", message=document), "list the tables")
    assert error.cause == "BadRequest: An unsupported API call at '/' (request REQ1)"


@pytest.mark.parametrize(
    ("operation", "message", "needed"),
    [
        ("ListObjectsV2", "no", "the permission s3:ListBucket"),
        ("HeadObject", "no", "the permission s3:GetObject"),
        ("GetPublicAccessBlock", "no", "the permission s3:GetBucketPublicAccessBlock"),
        ("DescribeTable", "no", "the permission dynamodb:DescribeTable"),
        # The service knows best, and nobody knows of a transaction which step it was.
        (
            "DeleteObjects",
            "User x is not authorized to perform: s3:DeleteObjectVersion on resource y",
            "the permission s3:DeleteObjectVersion",
        ),
        ("TransactWriteItems", "no", "permission for TransactWriteItems"),
        ("SomethingNew", "no", "permission for SomethingNew"),
    ],
)
def test_a_missing_permission_is_named_as_policies_name_it(
    operation: str, message: str, needed: str
) -> None:
    error = answered("AccessDenied", operation=operation, message=message)
    assert translate(error, "do it").hint == f"These credentials need {needed}."


def test_a_redirect_names_the_region() -> None:
    error = translate(
        answered("PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-1"}), "list it"
    )
    assert "eu-west-1" in error.hint


def test_a_callers_hint_wins() -> None:
    error = translate(answered("AccessDenied"), "read the tags", hint="needs s3:GetObjectTagging")
    assert error.hint == "needs s3:GetObjectTagging"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sdk.NoCredentialsError(), ErrorKind.CREDENTIALS),
        (sdk.UnauthorizedSSOTokenError(), ErrorKind.CREDENTIALS),
        (sdk.ProfileNotFound(profile="x"), ErrorKind.CREDENTIALS),
        (sdk.EndpointConnectionError(endpoint_url="http://x"), ErrorKind.NETWORK),
        (sdk.ConnectTimeoutError(endpoint_url="http://x"), ErrorKind.NETWORK),
        (sdk.ReadTimeoutError(endpoint_url="http://x"), ErrorKind.NETWORK),
        (sdk.ParamValidationError(report="bad"), ErrorKind.INVALID),
        (sdk.NoRegionError(), ErrorKind.INVALID),
        (ResponseParserError("not well-formed: <html>"), ErrorKind.OTHER),
    ],
)
def test_errors_of_the_sdk_itself(error: Exception, kind: ErrorKind) -> None:
    assert translate(error, "do it").kind is kind


def test_a_page_in_place_of_an_answer_is_an_error_that_names_the_endpoint() -> None:
    with pytest.raises(ServiceError) as caught, translating("list the versions"):
        raise ResponseParserError("invalid XML received: <!doctype html>" + "x" * 10_000)
    assert "Check the endpoint" in caught.value.hint
    assert "doctype" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        ("ResourceNotFoundException", ErrorKind.NOT_FOUND, "The table was deleted"),
        ("KMS.DisabledException", ErrorKind.CONFLICT, "KMS console"),
        ("KMSAccessDeniedException", ErrorKind.DENIED, "kms:GenerateDataKey"),
        ("TransactionConflictException", ErrorKind.CONFLICT, "try again"),
        ("InternalServerError", ErrorKind.OTHER, "try again"),
        ("InternalError", ErrorKind.OTHER, "try again"),
        ("ServiceUnavailable", ErrorKind.OTHER, "try again"),
        ("503", ErrorKind.OTHER, "try again"),
        ("XMinioInvalidObjectName", ErrorKind.OTHER, "Choose another name"),
        ("BadDigest", ErrorKind.OTHER, "not what was sent"),
        ("RequestTimeTooSkewed", ErrorKind.OTHER, "The clock of this machine"),
    ],
)
def test_every_code_that_people_meet_has_a_next_step(code: str, kind: ErrorKind, hint: str) -> None:
    error = translate(answered(code), "store it")
    assert error.kind is kind
    assert hint in error.hint


def test_a_refusal_by_the_key_names_the_permission_for_the_key() -> None:
    refused = answered("AccessDenied")
    refused.response["Error"]["Message"] = (
        "User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on resource: y"
    )
    assert "the permission kms:Decrypt for the KMS key" in translate(refused, "read it").hint


def test_a_cancelled_transaction_says_each_reason_and_what_to_do() -> None:
    cancelled = answered("TransactionCanceledException")
    reasons: Any = [
        {"Code": "None"},
        {"Code": "ProvisionedThroughputExceeded", "Message": "too much"},
        {"Code": "TransactionConflict", "Message": "busy"},
    ]
    cancelled.response["CancellationReasons"] = reasons
    error = translate(cancelled, "move it")
    assert "ProvisionedThroughputExceeded: too much; TransactionConflict: busy" in error.cause
    assert "capacity is used up" in error.hint
    assert "Another transaction" in error.hint
