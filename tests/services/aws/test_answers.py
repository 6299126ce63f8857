"""An answer that is none is never read as an empty one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tests.services.cleanup.runs import cleanup_of
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import PartDone, PartUnknown, ResourceKind
from tui.services.dynamodb import DynamoService
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import RdsService
from tui.services.s3 import S3Location, S3Service

HOTEL = Answer(200, "<html><body>Welcome to our <b>hotel</b>.</body></html>")
NOTHING = Answer(200, "")
NOISE = Answer(200, "\x00\x01\x02")
LOGIN = Answer(302, "", {"Location": "http://127.0.0.1:9/login"})
CUT_JSON = Answer(200, '{"TableNames": ["a"], "LastEv', promised=20)
CUT_XML = Answer(200, "<ListAllMyBucketsResult><Buckets></Buckets>", promised=20)


async def _buckets(account: Account) -> object:
    return await S3Service(account).list_buckets()


async def _objects(account: Account) -> object:
    return await S3Service(account).list_page(S3Location("tristore-walkthrough", ""))


async def _tables(account: Account) -> object:
    return await DynamoService(account).list_tables()


async def _instances(account: Account) -> object:
    return [each async for each in RdsService(account).list_instances()]


async def _identity(account: Account) -> object:
    return await account.identity()


@pytest.mark.parametrize("answer", [HOTEL, LOGIN, NOTHING, NOISE, CUT_JSON, CUT_XML])
@pytest.mark.parametrize("ask", [_buckets, _objects, _tables, _instances, _identity])
async def test_what_is_no_answer_is_an_error_and_not_an_empty_list(
    sandbox: SandboxInfo,
    audit: AuditLog,
    answer: Answer,
    ask: Callable[[Account], Awaitable[object]],
) -> None:
    with behind(sandbox, lambda _: answer, audit) as account, pytest.raises(ServiceError) as caught:
        await ask(account)
    assert caught.value.kind in {ErrorKind.OTHER, ErrorKind.NETWORK}
    assert caught.value.cause


async def test_cleanup_never_takes_such_an_answer_for_nothing_left(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def intercept(request: ServiceRequest) -> Answer | None:
        return None if request.service in {"sts", "iam"} else HOTEL

    with behind(sandbox, intercept, audit) as account, cleanup_of(account) as service:
        events = [each async for each in service.inventory()]
    done = {each.kind for each in events if isinstance(each, PartDone)}
    failed = {each.kind for each in events if isinstance(each, PartUnknown)}
    # Where the buckets are unknown, their uploads are too: that is said once.
    assert failed == set(ResourceKind) - {ResourceKind.UPLOADS}
    assert done <= {ResourceKind.UPLOADS}
