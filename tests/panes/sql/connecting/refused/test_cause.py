"""Which cause facts come to, and what is offered about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.connecting.refused.cause import conclude
from tui.panes.sql.connecting.refused.conclusion import LABELS, Cause, Conclusion, Fix
from tui.panes.sql.connecting.refused.facts import Aspect, Facts, LookedAt, Verdict
from tui.services.rds import InboundRule
from tui.services.rds.reachability import Admission, SubnetRoute
from tui.services.sql import Auth, ConnectError, DatabaseTarget, Refusal
from tui.services.sql.connecting.diagnosis.certificate import Certificate, Trust
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import PortAnswer, Reach, Spoken, TlsAnswer
from tui.services.sql.connecting.diagnosis.resolving import Resolved
from tui.services.sql.connecting.diagnosis.x509 import CertificateText

HOST = "demo.rds.example"
SILENT = PortAnswer(Reach.SILENT, "54.1.2.3", "no answer within 4 s")
OPEN = PortAnswer(Reach.OPEN, "54.1.2.3")
MINE = "198.51.100.4"


def facts(refusal: Refusal, *, cause: str = "", auth: Auth = Auth.PASSWORD, **known: Any) -> Facts:
    parameters = {"host": HOST, "user": "anna", "dbname": "shop"}
    target = DatabaseTarget(f"postgres://{HOST}/shop", parameters, auth)
    found = Facts(target, ConnectError("It failed.", refusal, cause=cause), Endpoint(HOST, 5432))
    for name, value in known.items():
        setattr(found, name, value)
    return found


def reached(found: Conclusion) -> tuple[Cause, tuple[Fix, ...]]:
    return found.cause, found.fixes


def rule(source: str, description: str = "") -> InboundRule:
    return InboundRule("sg-1", "tcp", 5432, 5432, source, description)


def admitted(*others: str, former: str = "", address: str = MINE) -> Admission:
    before = (rule(former),) if former else ()
    return Admission(address, (), before, tuple(map(rule, others)))


PUBLIC = instance(PubliclyAccessible=True)
PRIVATE = instance(PubliclyAccessible=False)
LET_IN = Admission(MINE, (rule("0.0.0.0/0"),), (), ())
WITH_GATEWAY = (SubnetRoute("subnet-1", "rtb-1", "igw-1"),)
WITHOUT = (SubnetRoute("subnet-1", "rtb-1", ""), SubnetRoute("subnet-2", "rtb-1", "nat-1"))


@pytest.mark.parametrize(
    ("known", "cause", "fixes", "words"),
    [
        ({"instance": PRIVATE}, Cause.NOT_PUBLIC, (Fix.TUNNEL, Fix.PUBLIC), "no public access"),
        (
            {"instance": PRIVATE, "admission": admitted()},
            Cause.NOT_PUBLIC,
            (Fix.TUNNEL, Fix.PUBLIC),
            "and no rule lets you in either",
        ),
        (
            {"instance": PUBLIC, "admission": admitted()},
            Cause.NO_RULE,
            (Fix.RULE,),
            f"lets {MINE} in to port 5432",
        ),
        (
            {"instance": PUBLIC, "admission": admitted(address="")},
            Cause.NO_RULE,
            (Fix.RULE,),
            "lets anybody in",
        ),
        (
            {"instance": PUBLIC, "admission": admitted(former="203.0.113.7/32")},
            Cause.ADDRESS_CHANGED,
            (Fix.RULE,),
            f"Your address is {MINE}, and sg-0123456789abcdef0 lets in 203.0.113.7",
        ),
        (
            {"instance": PUBLIC, "admission": LET_IN, "routes": WITHOUT},
            Cause.NO_ROUTE,
            (),
            "does not lead to an internet gateway (route table rtb-1)",
        ),
        (
            {"instance": PUBLIC, "admission": admitted("pl-1"), "routes": WITH_GATEWAY},
            Cause.NO_ANSWER,
            (),
            "Nothing answers at",
        ),
        (
            {"instance": PUBLIC, "admission": LET_IN, "acl_refusal": "Rule 50 of acl-1 does not."},
            Cause.NETWORK_ACL,
            (),
            "Rule 50 of acl-1",
        ),
        ({}, Cause.NO_ANSWER, (), "a firewall between here and there"),
        (
            {"port": PortAnswer(Reach.SILENT, "10.0.1.5")},
            Cause.PRIVATE_ADDRESS,
            (Fix.TUNNEL,),
            "the private address 10.0.1.5",
        ),
        (
            {"port": PortAnswer(Reach.NO_ROUTE, "54.1.2.3", "Network is unreachable")},
            Cause.NO_ROUTE,
            (),
            "knows no way to 54.1.2.3",
        ),
        ({"port": OPEN}, Cause.OVER, (Fix.RETRY,), "does now"),
    ],
)
def test_silence_has_the_first_cause_on_the_way(
    known: dict[str, Any], cause: Cause, fixes: tuple[Fix, ...], words: str
) -> None:
    found = conclude(facts(Refusal.NO_ANSWER, **{"port": SILENT, **known}))
    assert reached(found) == (cause, fixes)
    assert words in found.sentence


def test_a_former_address_stays_open_and_that_is_said() -> None:
    former = admitted(former="203.0.113.7/32")
    found = conclude(facts(Refusal.NO_ANSWER, port=SILENT, instance=PUBLIC, admission=former))
    assert "The rule for 203.0.113.7 stays until it is removed" in found.advice


def test_what_was_denied_is_said_and_a_rule_can_be_added_unseen() -> None:
    blind = LookedAt(Aspect.RULES, Verdict.UNKNOWN, "needs ec2:DescribeSecurityGroups")
    known = facts(Refusal.NO_ANSWER, port=SILENT, instance=PUBLIC, looked={Aspect.RULES: blind})
    found = conclude(known)
    assert reached(found) == (Cause.NO_ANSWER, (Fix.RULE,))
    assert found.sentence.endswith("Not known: inbound rules.")


@pytest.mark.parametrize(
    ("status", "cause", "fixes", "words"),
    [
        ("stopped", Cause.STOPPED, (Fix.START,), "demo is stopped"),
        ("stopping", Cause.STOPPED, (), "being stopped"),
        ("creating", Cause.NOT_READY, (Fix.WAIT,), "still being created"),
        ("starting", Cause.NOT_READY, (Fix.WAIT,), "is starting"),
        ("upgrading", Cause.NOT_READY, (Fix.WAIT,), "its status is upgrading"),
        ("deleting", Cause.WILL_NOT_SERVE, (), "deleted"),
        ("storage-full", Cause.WILL_NOT_SERVE, (), "storage-full"),
    ],
)
@pytest.mark.parametrize(
    "refusal", [Refusal.NO_ANSWER, Refusal.PORT_CLOSED, Refusal.NO_SUCH_HOST, Refusal.OTHER]
)
def test_an_instance_that_takes_no_connections_comes_before_the_network(
    refusal: Refusal, status: str, cause: Cause, fixes: tuple[Fix, ...], words: str
) -> None:
    known = instance("demo", status, PubliclyAccessible=False)
    found = conclude(facts(refusal, port=SILENT, instance=known))
    assert reached(found) == (cause, fixes)
    assert words in found.sentence


@pytest.mark.parametrize(
    ("known", "cause", "words"),
    [
        ({"resolved": Resolved(problem="x", absent=True)}, Cause.NO_SUCH_HOST, "There is no host"),
        (
            {"resolved": Resolved(problem="x", absent=True), "no_instance": True},
            Cause.NO_SUCH_HOST,
            "deleted or renamed",
        ),
        ({"resolved": Resolved(problem="try again")}, Cause.NAME_SERVICE, "try again"),
        ({"resolved": Resolved(("54.1.2.3",))}, Cause.OVER, "is now"),
    ],
)
def test_a_name_that_is_absent_is_told_from_a_name_service_that_is(
    known: dict[str, Any], cause: Cause, words: str
) -> None:
    found = conclude(facts(Refusal.NO_SUCH_HOST, **known))
    assert found.cause is cause
    assert words in found.sentence


def test_a_closed_port_is_told_from_an_instance_that_has_another() -> None:
    closed = PortAnswer(Reach.CLOSED, "54.1.2.3", "Connection refused")
    assert conclude(facts(Refusal.PORT_CLOSED, port=closed)).cause is Cause.PORT_CLOSED
    other = replace(PUBLIC, port=6543)
    found = conclude(facts(Refusal.PORT_CLOSED, port=closed, instance=other))
    assert found.cause is Cause.OTHER_PORT
    assert "6543" in found.sentence


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (TlsAnswer(Spoken.OTHER, "SSH-2.0-OpenSSH\r\n"), "it said “SSH-2.0-OpenSSH”"),
        (TlsAnswer(Spoken.NOTHING), "says nothing"),
        (TlsAnswer(Spoken.HUNG_UP), "ends them at once"),
    ],
)
@pytest.mark.parametrize("refusal", [Refusal.OTHER, Refusal.TLS_REFUSED])
def test_what_is_no_postgresql_is_told_by_what_it_does(
    refusal: Refusal, tls: TlsAnswer, words: str
) -> None:
    found = conclude(facts(refusal, port=OPEN, tls=tls))
    assert reached(found) == (Cause.NOT_POSTGRES, (Fix.EDIT,))
    assert words in found.sentence


def shown(trust: Trust, **more: Any) -> Certificate:
    now = datetime.now(UTC)
    text = CertificateText(("db.example",), "Some Root", now, now - timedelta(days=3))
    return Certificate(trust, text, **more)


TLS = TlsAnswer(Spoken.TLS)


@pytest.mark.parametrize(
    ("refusal", "known", "cause", "fixes", "words"),
    [
        (Refusal.TLS_REQUIRED, {"tls": TLS}, Cause.TLS_REQUIRED, (Fix.TLS,), "sslmode=prefer"),
        (
            Refusal.TLS_REFUSED,
            {"tls": TlsAnswer(Spoken.PLAIN)},
            Cause.TLS_REFUSED,
            (Fix.PLAIN,),
            "does not encrypt",
        ),
        (
            Refusal.TLS_REFUSED,
            {"tls": TLS, "certificate": Certificate(Trust.NO_TLS, said="WRONG_VERSION")},
            Cause.TLS_REFUSED,
            (),
            "WRONG_VERSION",
        ),
        (
            Refusal.HOST_NAME_MISMATCH,
            {"tls": TLS, "certificate": shown(Trust.OTHER_NAME)},
            Cause.OTHER_NAME,
            (Fix.EDIT,),
            f"not for {HOST}. It is for db.example",
        ),
        (
            Refusal.CERTIFICATE_NOT_VERIFIED,
            {"tls": TLS, "certificate": shown(Trust.EXPIRED)},
            Cause.CERTIFICATE_EXPIRED,
            (),
            "ended on",
        ),
        (
            Refusal.CERTIFICATE_NOT_VERIFIED,
            {"tls": TLS, "certificate": shown(Trust.UNKNOWN_ROOT, roots="/roots.pem")},
            Cause.CERTIFICATE,
            (),
            "signed by Some Root, which the root certificates /roots.pem do not vouch for",
        ),
        (Refusal.NO_ROOT_CERTIFICATE, {}, Cause.NO_ROOTS, (), "no root certificates"),
        (Refusal.CLIENT_KEY_LOCKED, {}, Cause.KEY_LOCKED, (Fix.PASSPHRASE,), "encrypted"),
    ],
)
def test_encryption_and_certificates(
    monkeypatch: pytest.MonkeyPatch,
    refusal: Refusal,
    known: dict[str, Any],
    cause: Cause,
    fixes: tuple[Fix, ...],
    words: str,
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    found = conclude(facts(refusal, port=OPEN, **known))
    assert reached(found) == (cause, fixes)
    assert words in found.sentence


WITH_IAM = instance(IAMDatabaseAuthenticationEnabled=True)
WITHOUT_IAM = instance(IAMDatabaseAuthenticationEnabled=False)


@pytest.mark.parametrize(
    ("refusal", "known", "cause", "fixes"),
    [
        (Refusal.WRONG_PASSWORD, {}, Cause.WRONG_PASSWORD, (Fix.PASSWORD,)),
        (
            Refusal.WRONG_PASSWORD,
            {"instance": WITH_IAM},
            Cause.WRONG_PASSWORD,
            (Fix.PASSWORD, Fix.TOKEN),
        ),
        (
            Refusal.WRONG_PASSWORD,
            {"cause": 'FATAL:  PAM authentication failed for user "anna"', "instance": WITH_IAM},
            Cause.TOKEN_WANTED,
            (Fix.TOKEN,),
        ),
        (
            Refusal.IAM_NOT_GRANTED,
            {"instance": WITHOUT_IAM, "auth": Auth.IAM},
            Cause.IAM_OFF,
            (Fix.IAM_ON, Fix.PASSWORD),
        ),
        (
            Refusal.IAM_NOT_GRANTED,
            {"instance": WITH_IAM, "auth": Auth.IAM},
            Cause.IAM_NOT_GRANTED,
            (Fix.GRANT, Fix.PASSWORD),
        ),
        (Refusal.NO_SUCH_DATABASE, {}, Cause.NO_SUCH_DATABASE, (Fix.DATABASES,)),
        (Refusal.TOO_MANY_CONNECTIONS, {}, Cause.TOO_MANY_CONNECTIONS, (Fix.RETRY,)),
        (
            Refusal.TOO_MANY_CONNECTIONS,
            {"has_session": True},
            Cause.TOO_MANY_CONNECTIONS,
            (Fix.HOLDERS, Fix.RETRY),
        ),
        (Refusal.NOT_ACCEPTING, {}, Cause.NOT_READY, ()),
        (Refusal.NO_HBA_ENTRY, {}, Cause.AS_SAID, ()),
        (Refusal.OTHER, {"tls": TLS}, Cause.AS_SAID, ()),
    ],
)
def test_what_the_server_itself_refuses(
    refusal: Refusal, known: dict[str, Any], cause: Cause, fixes: tuple[Fix, ...]
) -> None:
    assert reached(conclude(facts(refusal, **known))) == (cause, fixes)


def test_a_database_is_named_as_the_server_names_it() -> None:
    said = 'FATAL:  database "[/]\x1b" does not exist'
    found = conclude(facts(Refusal.NO_SUCH_DATABASE, cause=said))
    assert found.sentence == f"There is no database [/]\x1b on {HOST}:5432."


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_a_cause_and_a_way_on(refusal: Refusal) -> None:
    found = conclude(facts(refusal))
    assert found.sentence
    assert found.offered[-2:] == (Fix.RETRY, Fix.EDIT) or Fix.RETRY in found.offered
    assert len({each.value for each in found.offered}) == len(found.offered)


def test_every_fix_has_a_key_of_its_own_and_a_label() -> None:
    assert len({each.value for each in Fix}) == len(Fix) == len(LABELS)
    # y copies the whole explanation.
    assert "y" not in {each.value for each in Fix}
