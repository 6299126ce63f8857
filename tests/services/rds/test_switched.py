"""A change that waits for a thread while the user goes to another region: it is sent nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.services.aws import Account
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, NewInstance, RdsService, waiting
from tui.services.rds.lifecycle import Restore
from tui.services.rds.modification import Modification

NEW = NewInstance("switched", "anna", "correct-horse-9")
RULE = InboundRule("sg-0123456789abcdef0", "tcp", 5432, 5432, "203.0.113.7/32", "")


@pytest.fixture
def rds(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[RdsService]:
    service = RdsService(account)
    run = BlockingPool.run

    async def run_later(pool: BlockingPool, *args: Any, **kwargs: Any) -> Any:
        account.switch(region="eu-west-1")
        return await run(pool, *args, **kwargs)

    monkeypatch.setattr(BlockingPool, "run", run_later)
    yield service
    service.close()


async def wait(rds: RdsService) -> None:
    async for _ in rds.wait_for("tutorial-db", waiting.AVAILABLE):
        pass


CALLS: dict[str, Callable[[RdsService], Awaitable[object]]] = {
    "create": lambda rds: rds.create_instance(NEW),
    "start": lambda rds: rds.lifecycle.start("tutorial-db"),
    "stop": lambda rds: rds.lifecycle.stop("tutorial-db"),
    "reboot": lambda rds: rds.lifecycle.reboot("tutorial-db"),
    "modify": lambda rds: rds.lifecycle.modify(instance(), Modification(public=True)),
    "snapshot": lambda rds: rds.lifecycle.take_snapshot("tutorial-db", "kept"),
    "restore": lambda rds: rds.lifecycle.restore(Restore("kept", "copy", "db.t3.micro")),
    "open": lambda rds: rds.security_groups.open_postgres(instance(), ["203.0.113.7"]),
    "close": lambda rds: rds.security_groups.remove(RULE),
    "wait": wait,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
async def test_nothing_is_sent_to_where_the_user_went_meanwhile(
    rds: RdsService, call: Callable[[RdsService], Awaitable[object]]
) -> None:
    with pytest.raises(ServiceError) as refused:
        await call(rds)
    assert refused.value.kind is ErrorKind.CONFLICT
    assert "Nothing was sent" in refused.value.message + refused.value.cause
