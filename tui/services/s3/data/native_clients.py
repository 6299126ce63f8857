"""How the native client reaches an endpoint, and one client for each SDK client. Blocking."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from tui.services.audit import AuditLog
from tui.services.s3.data.native import Address, NativeClient, Pays, Where
from tui.services.s3.data.signing import HeaderSigner
from tui.services.s3.data.small_requests import SmallRequests

if TYPE_CHECKING:
    import ssl

    from types_boto3_s3 import S3Client

THROUGHPUT_GBPS = 5.0
"""What the client sizes its number of connections for."""


class NativeClients:
    """One native client beside each SDK client, made when it is first asked for. Blocking."""

    def __init__(self, audit: AuditLog | None) -> None:
        self._audit = audit
        self._made: WeakKeyDictionary[S3Client, NativeClient | None] = WeakKeyDictionary()
        self._making = threading.Lock()

    def beside(
        self, client: S3Client, *, read_only: bool, account_id: str | None, pays: Pays
    ) -> NativeClient | None:
        """The native client beside an SDK client; None where it cannot be used."""
        with self._making:
            if client not in self._made:
                self._made[client] = native_client(
                    client,
                    read_only=read_only,
                    audit=self._audit,
                    account_id=account_id,
                    pays=pays,
                )
            return self._made[client]


def native_client(
    client: S3Client,
    *,
    read_only: bool,
    audit: AuditLog | None,
    account_id: str | None,
    pays: Pays = lambda bucket: False,
) -> NativeClient | None:
    """The native client that stands beside an SDK client; None where it cannot. Blocking."""
    endpoint = urlsplit(client.meta.endpoint_url)
    config: Any = client.meta.config
    options = config.s3 or {}
    path_style = options.get("addressing_style") == "path"
    # boto3's own native transfers do so, too.
    credentials = client._get_credentials()  # type: ignore[attr-defined]  # noqa: SLF001
    plain = set(options) <= {"addressing_style", "payload_signing_enabled"}
    if credentials is None or not plain or _goes_another_way(endpoint.hostname or ""):
        return None
    if not path_style and not (endpoint.hostname or "").endswith("amazonaws.com"):
        return None
    region = client.meta.region_name
    try:
        inner = _inner(credentials, region, tls=endpoint.scheme == "https")
        tls = _trusting() if endpoint.scheme == "https" else None
    except (ImportError, OSError):
        return None
    return NativeClient(
        inner,
        SmallRequests(HeaderSigner(credentials, region), tls),
        Address(endpoint.netloc, path_style),
        read_only=read_only,
        audit=audit,
        where=Where(account_id, region, client.meta.endpoint_url if path_style else None),
        pays=pays,
    )


def _goes_another_way(host: str) -> bool:
    """Whether a proxy or certificates of one's own are set, of which only the SDK knows."""
    if host in {"127.0.0.1", "localhost", "::1"}:
        return False
    from urllib.request import getproxies

    own = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    return bool(getproxies()) or any(os.environ.get(name) for name in own)


def provider_of(credentials: Any) -> Any:
    """What gives the native client the SDK's credentials as they are at each request: the SDK
    renews some, and what the user has read anew takes the place of others."""
    from awscrt.auth import AwsCredentials, AwsCredentialsProvider

    def current() -> Any:
        # The SDK renews them when they are about to expire.
        now = credentials.get_frozen_credentials()
        return AwsCredentials(now.access_key, now.secret_key, now.token)

    return AwsCredentialsProvider.new_delegate(current)


def _trusting() -> ssl.SSLContext:
    """Trusts whom the SDK trusts."""
    import ssl

    from botocore.httpsession import get_cert_path

    return ssl.create_default_context(cafile=get_cert_path(True))


def _inner(credentials: Any, region: str, *, tls: bool) -> Any:
    from awscrt.io import ClientBootstrap, DefaultHostResolver, EventLoopGroup
    from awscrt.s3 import S3Client, S3RequestTlsMode, create_default_s3_signing_config

    loops = EventLoopGroup(1)
    return S3Client(
        bootstrap=ClientBootstrap(loops, DefaultHostResolver(loops)),
        region=region,
        signing_config=create_default_s3_signing_config(
            region=region, credential_provider=provider_of(credentials)
        ),
        tls_mode=S3RequestTlsMode.ENABLED if tls else S3RequestTlsMode.DISABLED,
        throughput_target_gbps=THROUGHPUT_GBPS,
    )
