"""Fetching RDS's root certificates from a server on this machine."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.certificates import Authority
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting import bundle
from tui.services.sql.connecting.bundle import bundle_file, fetch_bundle


class Site:
    """An HTTPS server whose answers are in `answers`: a content, a status, or a place to go on."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, bytes | int | str] = {}
        self.clear = ""
        """The address of the same answers without TLS."""


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = site.answers[self.path]
            if isinstance(answer, int):
                self.send_error(answer)
                return
            self.send_response(302 if isinstance(answer, str) else 200)
            if isinstance(answer, str):
                self.send_header("Location", answer)
            self.end_headers()
            if isinstance(answer, bytes):
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("the site's own")


@pytest.fixture(scope="module")
def site(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    files = tmp_path_factory.mktemp("site")
    certificate, key = authority.sign("localhost")
    (files / "server.pem").write_bytes(certificate + key)
    (files / "root.pem").write_bytes(authority.pem)
    site = Site("")
    secured, clear = (HTTPServer(("127.0.0.1", 0), handler_of(site)) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "server.pem")
    secured.socket = context.wrap_socket(
        secured.socket, server_side=True, do_handshake_on_connect=False
    )
    site.address = f"https://localhost:{secured.server_port}"
    site.clear = f"http://localhost:{clear.server_port}"
    for server in (secured, clear):
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(files / "root.pem"))
        patch.setenv("NO_PROXY", "localhost")
        yield site
    for server in (secured, clear):
        server.shutdown()
        server.server_close()


def pems(count: int) -> bytes:
    return b"".join(Authority(f"root {number}").pem for number in range(count))


def test_the_bundle_is_put_in_its_place_and_counted(site: Site) -> None:
    site.answers["/bundle"] = content = b"# comment\n" + pems(3)
    assert not bundle_file().exists()
    fetched = fetch_bundle(f"{site.address}/bundle")
    assert fetched.file == bundle_file()
    assert bundle_file().read_bytes() == content
    assert bundle_file().stat().st_mode & 0o777 == 0o644
    assert fetched.certificates == 3
    assert fetched.sha256 == hashlib.sha256(content).hexdigest()
    site.answers["/new"], site.answers["/moved"] = pems(1), f"{site.address}/new"
    assert fetch_bundle(f"{site.address}/moved").certificates == 1


GOOD = pems(1)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (404, "Not Found"),
        (b"", "no bundle"),
        (b"<html>sign in</html>", "no bundle"),
        (GOOD[:-40], "no bundle"),
        (GOOD + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no bundle"),
        (GOOD.replace(b"\nMI", b"\nAA", 1), "cannot be read"),
        (b"x" * 2000, "larger"),
        ("/", "unknown url type: http"),
    ],
)
def test_anything_else_leaves_the_file_as_it_was(
    site: Site, answer: bytes | int | str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LARGEST", 1500)
    site.answers["/bundle"] = site.clear if answer == "/" else answer
    bundle_file().parent.mkdir(parents=True)
    bundle_file().write_bytes(b"as it was")
    with pytest.raises(ServiceError) as caught:
        fetch_bundle(f"{site.address}/bundle")
    assert said in caught.value.cause
    assert f"{site.address}/bundle" in caught.value.hint
    assert str(bundle_file()) in caught.value.hint
    assert bundle_file().read_bytes() == b"as it was"
    assert list(bundle_file().parent.iterdir()) == [bundle_file()]


@pytest.mark.parametrize("way", ["clear", "stranger", "nobody", "slow"])
def test_only_a_verified_site_that_answers_is_taken(
    site: Site, way: str, monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    site.answers["/bundle"] = pems(1)
    url = f"{site.address}/bundle"
    if way == "clear":
        url = f"{site.clear}/bundle"
    elif way == "stranger":
        (private_home / "root.pem").write_bytes(pems(1))
        monkeypatch.setenv("SSL_CERT_FILE", str(private_home / "root.pem"))
    elif way == "nobody":
        url = "https://127.0.0.1:1/bundle"
    else:
        monkeypatch.setattr(bundle, "LONGEST", -1.0)
    with pytest.raises(ServiceError) as caught:
        fetch_bundle(url)
    assert caught.value.kind is ErrorKind.NETWORK
    assert not bundle_file().exists()


def test_a_folder_that_cannot_be_written_to_is_said(site: Site) -> None:
    site.answers["/bundle"] = pems(1)
    bundle_file().parent.parent.mkdir(parents=True)
    bundle_file().parent.write_text("a file in the place of the folder")
    with pytest.raises(ServiceError) as caught:
        fetch_bundle(f"{site.address}/bundle")
    assert str(bundle_file()) in caught.value.hint
