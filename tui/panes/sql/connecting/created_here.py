"""The password of an RDS instance that was created in this run, for a saved connection to it."""

from __future__ import annotations

import os

from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.errors import ServiceError
from tui.services.rds.reachability import is_endpoint_of
from tui.services.sql import NO_SECRET, Auth, DatabaseTarget, Secrets
from tui.services.sql.connecting.certificates import is_rds
from tui.services.sql.connecting.diagnosis.endpoint import endpoint_of

_OTHER_HOSTS = frozenset({"hostaddr", "service"})
_OTHER_HOSTS_BY = frozenset({"PGHOSTADDR", "PGSERVICE"})


async def with_known_password(pane: RdsPane, target: DatabaseTarget, secrets: Secrets) -> Secrets:
    """The secrets with the master password, if it is known in this run and the target leads to that
    instance as its master user, which RDS is asked. Behind an ssh host the same name may be
    another server, so that nothing is given there. Never raises."""
    asked_for = target.auth is Auth.PASSWORD and target.secret == NO_SECRET and not target.tunnel
    if not asked_for or secrets.has_password or not _goes_to_its_host(target):
        return secrets
    host = target.parameters.get("host", "")
    name = target.instance or (host.partition(".")[0] if is_rds(target) else "")
    password = pane.rds.password_of(name) if name else None
    if password is None:
        return secrets
    here = pane.services.account.connection
    try:
        instance = await pane.services.rds.describe(name, at=here)
    except ServiceError:
        return secrets
    server = endpoint_of(target, "")
    is_it = is_endpoint_of(instance, server.host, server.port)
    return (
        secrets.with_password(password)
        if is_it and target.user == instance.master_user
        else secrets
    )


def _goes_to_its_host(target: DatabaseTarget) -> bool:
    """Whether libpq connects to the one host that the target names: it tries each of a list, and an
    address or a service file may lead somewhere else."""
    if "," in target.parameters.get("host", ""):
        return False
    return not (_OTHER_HOSTS & target.parameters.keys() or _OTHER_HOSTS_BY & os.environ.keys())
