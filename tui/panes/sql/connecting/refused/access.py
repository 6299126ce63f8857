"""Causes that the server itself names: who may log in, to what, and how many at a time."""

from __future__ import annotations

import re

from tui.panes.sql.connecting.refused.conclusion import Cause, Conclusion, Fix
from tui.panes.sql.connecting.refused.facts import Facts
from tui.services.sql import Auth, Refusal

_DATABASE = re.compile(r'database "(.*)" does not exist', re.DOTALL)
PAM_FAILED = "PAM authentication failed"
"""How RDS refuses whoever must log in with a token."""


def _user(facts: Facts) -> str:
    return f"the user {facts.target.user}" if facts.target.user else "this user"


def of_login(facts: Facts) -> Conclusion | None:
    """The password or the token was not taken."""
    if facts.refusal is Refusal.WRONG_PASSWORD:
        return _of_password(facts)
    if facts.refusal in {Refusal.IAM_NOT_GRANTED, Refusal.IAM_TOKEN_EXPIRED}:
        return _of_token(facts)
    return None


def _of_password(facts: Facts) -> Conclusion:
    instance = facts.instance
    if PAM_FAILED in facts.error.cause:
        tokens = () if instance is not None and instance.iam_auth is False else (Fix.TOKEN,)
        return Conclusion(
            Cause.TOKEN_WANTED,
            f"The server takes only an IAM token of {_user(facts)}: it is granted rds_iam.",
            tokens,
        )
    token = (Fix.TOKEN,) if instance is not None and instance.iam_auth else ()
    return Conclusion(
        Cause.WRONG_PASSWORD,
        f"The password of {_user(facts)} is wrong, or there is no such user: a server does not say "
        "which.",
        (Fix.PASSWORD, *token),
    )


def _of_token(facts: Facts) -> Conclusion:
    instance = facts.instance
    if instance is not None and instance.iam_auth is False:
        return Conclusion(
            Cause.IAM_OFF,
            f"IAM login is off for {instance.identifier}, so no token is taken.",
            (Fix.IAM_ON, Fix.PASSWORD),
        )
    if facts.refusal is Refusal.IAM_TOKEN_EXPIRED:
        fix = Fix.RETRY if facts.target.auth is Auth.IAM else Fix.TOKEN
        return Conclusion(Cause.IAM_NOT_GRANTED, facts.error.message, (fix,), facts.error.hint)
    return Conclusion(
        Cause.IAM_NOT_GRANTED,
        f"The token was not taken: {_user(facts)} is not granted rds_iam, or these credentials may "
        "not use rds-db:connect for it.",
        (Fix.GRANT, Fix.PASSWORD),
    )


def of_database(facts: Facts) -> Conclusion | None:
    """The server let us in, but not to what was asked for, or not now."""
    if facts.refusal is Refusal.NO_SUCH_DATABASE:
        named = _DATABASE.search(facts.error.cause)
        database = named[1] if named else facts.target.parameters.get("dbname", "of that name")
        return Conclusion(
            Cause.NO_SUCH_DATABASE,
            f"There is no database {database} on {facts.place}.",
            (Fix.DATABASES,),
        )
    if facts.refusal is Refusal.TOO_MANY_CONNECTIONS:
        return Conclusion(
            Cause.TOO_MANY_CONNECTIONS,
            f"Every connection that {facts.place} allows {_user(facts)} is in use.",
            (Fix.HOLDERS, Fix.RETRY) if facts.has_session else (Fix.RETRY,),
            advice="Close others, or raise max_connections; whoever is in sees who holds them: "
            "SELECT * FROM pg_stat_activity.",
        )
    if facts.refusal is Refusal.NOT_ACCEPTING:
        wait = (Fix.WAIT,) if facts.instance is not None and not facts.instance.available else ()
        return Conclusion(
            Cause.NOT_READY, f"The server at {facts.place} is starting or stopping.", wait
        )
    return None


def of_the_rest(facts: Facts) -> Conclusion:
    """What the server said is all that is known."""
    password = (Fix.PASSWORD,) if facts.target.auth is not Auth.IAM else ()
    fixes = password if facts.refusal is Refusal.NO_PASSWORD else ()
    return Conclusion(Cause.AS_SAID, facts.error.message, fixes, advice=facts.error.hint)
