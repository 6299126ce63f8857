"""The certificate of a server, and what is found wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.certificates import DAY, Authority
from tests.listeners import HOST, answering
from tests.tls_front import TlsFront, tls_front
from tui.sandbox import SandboxInfo
from tui.services.blocking import BlockingPool
from tui.services.sql.connecting.diagnosis import x509
from tui.services.sql.connecting.diagnosis.certificate import Trust, certificate_of
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import Spoken, TlsAnswer, ask_for_tls


@pytest.fixture
def front(sandbox: SandboxInfo, tmp_path: Path) -> Iterator[TlsFront]:
    behind = urlsplit(sandbox.postgres).port or 0
    with tls_front(behind, Authority(), tmp_path) as front:
        yield front


@pytest.fixture
def roots(front: TlsFront, tmp_path: Path) -> str:
    path = tmp_path / "roots.pem"
    path.write_bytes(front.authority.pem)
    return str(path)


@pytest.fixture
def pool() -> Iterator[BlockingPool]:
    pool = BlockingPool("diagnosis-test", 2)
    yield pool
    pool.close()


def endpoint(front: TlsFront, host: str = HOST) -> Endpoint:
    return Endpoint(host, front.port)


async def test_a_server_with_tls_says_so(front: TlsFront) -> None:
    assert await ask_for_tls(HOST, endpoint(front), 5) == TlsAnswer(Spoken.TLS)


async def test_a_good_certificate_is_verified_and_read(
    front: TlsFront, roots: str, pool: BlockingPool
) -> None:
    found = await certificate_of(pool, HOST, endpoint(front, "localhost"), roots, patience=5)
    assert found.trust is Trust.VERIFIED
    assert found.protocol.startswith("TLSv1")
    assert found.text is not None
    assert found.text.names == ("localhost", HOST)
    assert found.text.issuer == "Test Root"
    assert found.text.begins < datetime.now(UTC) < found.text.ends


async def test_a_certificate_for_another_host_is_told(
    front: TlsFront, roots: str, pool: BlockingPool
) -> None:
    other = endpoint(front, "db.example")
    found = await certificate_of(pool, HOST, other, roots, patience=5)
    assert found.trust is Trust.OTHER_NAME
    assert found.text is not None
    assert "localhost" in found.text.names
    any_name = await certificate_of(pool, HOST, other, roots, any_name=True, patience=5)
    assert any_name.trust is Trust.VERIFIED


async def test_an_unknown_root_is_told_and_the_certificate_still_read(
    front: TlsFront, tmp_path: Path, pool: BlockingPool
) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority("Stranger").pem)
    found = await certificate_of(pool, HOST, endpoint(front), str(stranger), patience=5)
    assert found.trust is Trust.UNKNOWN_ROOT
    assert found.text is not None
    assert found.text.issuer == "Test Root"


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
async def test_root_certificates_that_cannot_be_read_are_not_the_servers_fault(
    front: TlsFront, tmp_path: Path, pool: BlockingPool, content: bytes | None
) -> None:
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    found = await certificate_of(pool, HOST, endpoint(front), str(path), patience=5)
    assert found.trust is Trust.NO_ROOTS
    assert found.said
    assert found.text is not None


async def test_an_expired_certificate_is_told_with_its_date(
    front: TlsFront, roots: str, pool: BlockingPool
) -> None:
    front.show(front.authority.sign(HOST, begins=-9 * DAY, ends=-2 * DAY))
    found = await certificate_of(pool, HOST, endpoint(front), roots, patience=5)
    assert found.trust is Trust.EXPIRED
    assert "expired" in found.said
    assert found.text is not None
    assert found.text.ends < datetime.now(UTC)


async def test_a_server_that_breaks_off_the_handshake_has_no_tls(pool: BlockingPool) -> None:
    with answering(b"S", waits=False) as port:
        found = await certificate_of(pool, HOST, Endpoint(HOST, port), "", patience=0.5)
    assert found.trust is Trust.NO_TLS
    assert found.said
    with answering(b"N") as port:
        found = await certificate_of(pool, HOST, Endpoint(HOST, port), "", patience=0.5)
    assert found.trust is Trust.NO_TLS


async def test_a_server_that_never_finishes_the_handshake_is_given_up(pool: BlockingPool) -> None:
    with answering(b"S") as port:
        found = await certificate_of(pool, HOST, Endpoint(HOST, port), "", patience=0.2)
    assert found.trust is Trust.NO_TLS


def test_a_certificate_without_alternative_names_is_for_its_common_name() -> None:
    import ssl

    pem, _ = Authority().sign(common_name="étoile.example")
    text = x509.read(ssl.PEM_cert_to_DER_cert(pem.decode()))
    assert text is not None
    assert text.names == ("étoile.example",)


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 40, 200])
def test_a_broken_certificate_is_read_as_none(cut: int) -> None:
    import ssl

    pem, _ = Authority().sign("a")
    assert x509.read(ssl.PEM_cert_to_DER_cert(pem.decode())[:cut]) is None
    assert x509.read(b"\x30\xff" * 40) is None
