"""The settings of a bucket as JSON: read, checked and put back whole.

Each setting is a document of the API's own shape, as the AWS CLI takes and prints it. Blocking;
every function raises ServiceError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.setting_rules import Setting, setting_problems
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


HOW_TO_LOOK = "Open the settings again, after a minute, and see what is set."


@dataclass(frozen=True)
class _Way:
    """How a setting is read and written."""

    get: str
    put: str
    """Empty if it is only read."""
    delete: str
    """Empty if it cannot be taken away."""
    absent: frozenset[str]
    """Codes of a refusal that says that it is not set."""
    argument: str
    """The parameter that takes the document."""
    kept: tuple[str, ...]
    """The fields of the answer that are the document."""
    empty: str
    """What to begin with where it is not set."""
    beside: tuple[str, ...] = ()
    """What the answer says beside the document; not sent again, S3 would set it back."""


_WAYS = {
    Setting.VERSIONING: _Way(
        "get_bucket_versioning",
        "put_bucket_versioning",
        "",
        frozenset(),
        "VersioningConfiguration",
        ("Status",),
        '{\n  "Status": "Enabled"\n}',
    ),
    Setting.POLICY: _Way(
        "get_bucket_policy",
        "put_bucket_policy",
        "delete_bucket_policy",
        frozenset({"NoSuchBucketPolicy"}),
        "Policy",
        ("Policy",),
        # AWS refuses the account, which is the one of its documentation: it has to be replaced.
        '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
        '      "Principal": {"AWS": "arn:aws:iam::111122223333:root"},\n'
        '      "Action": ["s3:GetObject"],\n'
        '      "Resource": "arn:aws:s3:::BUCKET/*"\n    }\n  ]\n}',
    ),
    Setting.CORS: _Way(
        "get_bucket_cors",
        "put_bucket_cors",
        "delete_bucket_cors",
        frozenset({"NoSuchCORSConfiguration"}),
        "CORSConfiguration",
        ("CORSRules",),
        '{\n  "CORSRules": [\n    {\n      "AllowedOrigins": ["https://example.com"],\n'
        '      "AllowedMethods": ["GET"]\n    }\n  ]\n}',
    ),
    Setting.LIFECYCLE: _Way(
        "get_bucket_lifecycle_configuration",
        "put_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        frozenset({"NoSuchLifecycleConfiguration"}),
        "LifecycleConfiguration",
        ("Rules",),
        '{\n  "Rules": [\n    {\n      "ID": "end unfinished uploads",\n'
        '      "Status": "Enabled",\n'
        '      "Filter": {"Prefix": ""},\n'
        '      "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}\n    }\n  ]\n}',
        ("TransitionDefaultMinimumObjectSize",),
    ),
    Setting.ENCRYPTION: _Way(
        "get_bucket_encryption",
        "put_bucket_encryption",
        "delete_bucket_encryption",
        frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
        "ServerSideEncryptionConfiguration",
        ("ServerSideEncryptionConfiguration",),
        '{\n  "Rules": [\n    {\n'
        '      "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}\n    }\n  ]\n}',
    ),
    Setting.TAGS: _Way(
        "get_bucket_tagging",
        "put_bucket_tagging",
        "delete_bucket_tagging",
        frozenset({"NoSuchTagSet", "NoSuchTagSetError"}),
        "Tagging",
        ("TagSet",),
        '{\n  "TagSet": [\n    {"Key": "team", "Value": "data"}\n  ]\n}',
    ),
    Setting.ACL: _Way(
        "get_bucket_acl", "", "", frozenset(), "AccessControlPolicy", ("Owner", "Grants"), "{}"
    ),
}


_HINTS_ELSEWHERE = {
    Setting.LIFECYCLE: "This server may know fewer rules than AWS: MinIO takes Expiration, "
    "NoncurrentVersionExpiration and transitions to its own tiers. AbortIncompleteMultipartUpload "
    "it drops, or refuses if a rule has nothing else: it removes unfinished uploads by itself.",
}
"""What to do about a refusal of a server that is not AWS."""


def can_write(setting: Setting) -> bool:
    """Whether Tristore changes it; ACLs are read only, because AWS advises to turn them off."""
    return bool(_WAYS[setting].put)


def can_remove(setting: Setting) -> bool:
    """Whether it can be taken away; versioning can only be suspended."""
    return bool(_WAYS[setting].delete)


def beginning(setting: Setting, bucket: str) -> str:
    """A document to begin with where nothing is set for a bucket."""
    return _WAYS[setting].empty.replace("BUCKET", bucket)


def _answer(s3: S3Calls, bucket: str, setting: Setting) -> Mapping[str, Any]:
    """What S3 says of a setting; nothing if it is not set."""
    way = _WAYS[setting]
    answer: Mapping[str, Any] | None = s3.configuration(
        way.absent, f"read the {setting.value} of {bucket}", _method(way.get), Bucket=bucket
    )
    return answer or {}


def _document(setting: Setting, answer: Mapping[str, Any]) -> str | None:
    """The document as indented JSON; None if it is not set."""
    if not answer:
        return None
    way = _WAYS[setting]
    if setting is Setting.POLICY:
        try:
            return _indented(json.loads(answer["Policy"]))
        except ValueError as error:
            raise ServiceError(
                "The policy that the server gave is not JSON.",
                cause=str(error),
                kind=ErrorKind.OTHER,
            ) from error
    document = {name: answer[name] for name in way.kept if name in answer}
    if setting is Setting.ENCRYPTION:
        document = document.get("ServerSideEncryptionConfiguration", {})
    return _indented(document) if document else None


def read_settings(
    s3: S3Calls, bucket: str, *, at: Connection | None = None
) -> dict[Setting, str | Unknown | None]:
    """Every setting, each for itself: what is denied hides no other."""
    s3 = s3.on(at)
    found: dict[Setting, str | Unknown | None] = {}
    for setting in Setting:
        try:
            found[setting] = _document(setting, _answer(s3, bucket, setting))
        except ServiceError as error:
            if error.code == "NoSuchBucket" or error.kind in _HOPELESS:
                raise
            found[setting] = Unknown(error)
    return found


_HOPELESS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}


def write_setting(
    s3: S3Calls,
    bucket: str,
    setting: Setting,
    text: str,
    *,
    before: str | None,
    at: Connection | None = None,
) -> tuple[str, ...]:
    """Put a document in the place of `before`, which was read; blank text takes it away. Gives the
    fields that the server did not keep: MinIO drops parts of lifecycle rules without a word.

    Raises CONFLICT if it is not `before` any more.
    """
    problems = [] if not text.strip() else setting_problems(setting, text)
    if problems:
        raise ServiceError(problems[0], kind=ErrorKind.INVALID)
    s3 = s3.on(at)
    answer = _answer(s3, bucket, setting)
    if _document(setting, answer) != before:
        raise ServiceError(
            f"The {setting.value} of {bucket} was changed by somebody else meanwhile.",
            hint="Copy your text, leave the editor, and open it again to see what is there now.",
            kind=ErrorKind.CONFLICT,
        )
    way = _WAYS[setting]
    if not text.strip():
        if not way.delete:
            raise ServiceError(
                f"The {setting.value} of a bucket cannot be taken away.", kind=ErrorKind.INVALID
            )
        action = f"remove the {setting.value} of {bucket}"
        _change(s3, action, way.delete, setting, None, {"Bucket": bucket})
        return ()
    document: object = json.loads(text)
    if setting is Setting.POLICY:
        document = json.dumps(document, ensure_ascii=False)
    beside = {name: answer[name] for name in way.beside if answer.get(name)}
    parameters: dict[str, Any] = {"Bucket": bucket, way.argument: document, **beside}
    action = f"set the {setting.value} of {bucket}"
    _change(s3, action, way.put, setting, json.loads(text), parameters)
    if setting is not Setting.LIFECYCLE or s3.connection.endpoint is None:
        return ()
    try:
        now = _document(setting, _answer(s3, bucket, setting))
    except ServiceError:
        return ()  # it was set; what became of it may not be read
    return _dropped(json.loads(text), json.loads(now or "{}"))


def _dropped(wanted: Mapping[str, Any], kept: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of rules that no rule of the stored document has."""
    known = {name for rule in kept.get("Rules", ()) for name in rule}
    asked = [name for rule in wanted["Rules"] if isinstance(rule, dict) for name in rule]
    # These a server may write in another way.
    known |= {"ID", "Filter", "Prefix"}
    return tuple(dict.fromkeys(name for name in asked if name not in known))


def _change(
    s3: S3Calls,
    action: str,
    method: str,
    setting: Setting,
    wanted: object,
    parameters: Mapping[str, Any],
) -> None:
    """Send a change. If the answer was lost, it was made if the setting is `wanted` now."""

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        now = _document(setting, _answer(s3, parameters["Bucket"], setting))
        # Settings are consistent only after a while: the old one proves nothing.
        same = now is None if wanted is None else now is not None and json.loads(now) == wanted
        return Done(None) if same else Look.UNCLEAR

    try:
        s3.change(action, _method(method), lambda _: None, look, **parameters)
    except ServiceError as error:
        if error.kind is not ErrorKind.UNKNOWN:
            if s3.connection.endpoint is not None and error.kind is ErrorKind.INVALID:
                error.hint = error.hint or _HINTS_ELSEWHERE.get(setting, "")
            raise
        raise ServiceError(
            error.message, cause=error.cause, hint=HOW_TO_LOOK, code=error.code, kind=error.kind
        ) from error


def _method(name: str) -> Callable[[S3Client], Callable[..., Any]]:
    """Which operation it is is known only when it runs, so the stubs cannot check it."""
    return lambda client: getattr(client, name)


def _indented(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
