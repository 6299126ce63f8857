"""What stands between a bucket and its deletion, read part by part."""

from __future__ import annotations

import pytest

from tests.local_server import Answer, Request
from tests.services.s3.scripted import error, scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import BucketProtection, ObjectLock, PolicyDenies, Unknown, Versioning


def part_of(request: Request) -> str:
    """ "versioning", "object-lock" or "policy"."""
    return request.path.partition("?")[2].split("&")[0].rstrip("=")


async def read(**answers: Answer) -> BucketProtection:
    """What is read where every part that is not given is not configured."""
    nothing = {
        "versioning": Answer(200, "<VersioningConfiguration></VersioningConfiguration>"),
        "object_lock": error(404, "ObjectLockConfigurationNotFoundError"),
        "policy": error(404, "NoSuchBucketPolicy"),
    }
    given = nothing | answers
    with scripted(*(given[name] for name in ("versioning", "object_lock", "policy"))) as (
        s3,
        script,
    ):
        found = await s3.bucket_protection("b", at=s3.account.connection)
    assert [part_of(each) for each in script.requests] == ["versioning", "object-lock", "policy"]
    return found


async def test_a_bucket_without_any_configuration_is_not_protected() -> None:
    assert await read() == BucketProtection(
        Versioning.NEVER, False, ObjectLock(enabled=False), PolicyDenies()
    )


async def test_every_part_is_read() -> None:
    body = "<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
    retention = "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention>"
    lock = f"<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>{retention}</Rule>"
    denied = (
        '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", '
        '"Resource": "arn:aws:s3:::b"}]}'
    )
    found = await read(
        versioning=Answer(200, f"<VersioningConfiguration>{body}</VersioningConfiguration>"),
        object_lock=Answer(200, f"<ObjectLockConfiguration>{lock}</ObjectLockConfiguration>"),
        policy=Answer(200, denied),
    )

    assert found == BucketProtection(
        Versioning.ENABLED,
        mfa_delete=True,
        object_lock=ObjectLock(enabled=True, default_retention="GOVERNANCE 30 days"),
        denies=PolicyDenies(bucket=True),
    )


@pytest.mark.parametrize("part", ["versioning", "object_lock", "policy"])
async def test_a_part_that_is_denied_is_unknown_and_hides_no_other(part: str) -> None:
    found = await read(**{part: error(403, "AccessDenied")})

    parts = {
        "versioning": found.versioning,
        "object_lock": found.object_lock,
        "policy": found.denies,
    }
    assert [name for name, each in parts.items() if isinstance(each, Unknown)] == [part]


async def test_a_bucket_that_is_gone_is_an_error() -> None:
    with scripted(error(404, "NoSuchBucket")) as (s3, _), pytest.raises(ServiceError) as caught:
        await s3.bucket_protection("b", at=s3.account.connection)

    assert caught.value.kind is ErrorKind.NOT_FOUND
