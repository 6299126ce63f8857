"""The emulated AWS: moto's WSGI application on a loopback port, all services on one endpoint."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from tui.sandbox.emulated_s3 import PagedBucketList
from tui.sandbox.models import ACCESS_KEY, REGION
from tui.sandbox.postgres import HOST

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Emulator:
    """Serves every request on a thread of its own. The import takes a second or two."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server
        from werkzeug.test import Client

        class QuietHandler(MotoRequestHandler):
            """Logs no request: keys and queries in its lines are the user's."""

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                pass

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        application = PagedBucketList(DomainDispatcherApplication(create_backend_app))
        self._client = Client(application)
        self._server: Any = make_server(
            HOST, 0, application, threaded=True, request_handler=QuietHandler
        )
        self.port: int = self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Take requests from now on."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def warm_up(self) -> None:
        """Load what an application asks for first: who it is."""
        version = {"sts": "2011-06-15", "iam": "2010-05-08"}
        self.action("sts", "GetCallerIdentity", version["sts"])
        self.action("iam", "ListAccountAliases", version["iam"])

    def action(self, service: str, action: str, version: str, **parameters: str) -> Any:
        """Call one action of a service with the query protocol (rds, sts, iam, ec2)."""
        form = {"Action": action, "Version": version, **parameters}
        return self.request(service, "POST", headers=_FORM, data=form)

    def request(
        self,
        service: str,
        method: str,
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Any:
        """Send one request straight to the application; raises RuntimeError unless it succeeds."""
        scope = f"{ACCESS_KEY}/20260101/{REGION}/{service}/aws4_request"
        signed = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        }
        answer = self._client.open(
            path, method=method, headers=signed | dict(headers or {}), data=data
        )
        if answer.status_code >= 300:
            raise RuntimeError(f"{service} {method} {path}: {answer.status}: {answer.text}")
        return answer

    def reset(self) -> None:
        """Forget everything in every service."""
        self.request("s3", "POST", "/moto-api/reset")
