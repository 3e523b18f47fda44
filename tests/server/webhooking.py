"""A webhook server over HTTPS, and the configurations that lead to it."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tests.server.helpers import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1"
SERVICE_HOST = "hook.default.svc"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and for a Service, which is its own authority, and its key."""
    made, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=hook",
    ]
    names = ["-addext", f"subjectAltName=IP:127.0.0.1,DNS:{SERVICE_HOST}"]
    usage = ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run([*command, *names, *usage, *files], check=True, capture_output=True)
    return made, key


@define
class Hooks:
    """Answers reviews: what a path does with one, and what it has been sent."""

    url: str = ""
    ca: str = ""
    answers: dict[str, Callable[[dict[str, Any]], Any]] = field(factory=dict)
    seen: list[tuple[str, dict[str, Any]]] = field(factory=list)

    def client_config(self, path: str) -> dict[str, Any]:
        return {"url": f"{self.url}{path}", "caBundle": self.ca}

    def requests(self, path: str) -> list[dict[str, Any]]:
        return [review["request"] for where, review in self.seen if where == path]

    def answer(self, path: str, review: dict[str, Any]) -> tuple[int, bytes]:
        self.seen.append((path, review))
        said = self.answers[path](review["request"])
        if isinstance(said, tuple):
            status, body = said
            return status, body
        response = {"uid": review["request"]["uid"], **said}
        return 200, json.dumps({**review, "request": None, "response": response}).encode()


@contextmanager
def serving(made: Path, key: Path) -> Iterator[Hooks]:
    """Run a webhook server."""
    hooks = Hooks(ca=base64.b64encode(made.read_bytes()).decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = hooks.answer(self.path.split("?")[0], review)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: Any) -> None:
            """A caller that gives up is what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    hooks.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def allow(_request: dict[str, Any]) -> dict[str, Any]:
    return {"allowed": True}


def deny(message: str, **status: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda _request: {"allowed": False, "status": {"message": message, **status}}


def patching(*steps: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    patch = base64.b64encode(json.dumps(steps).encode()).decode()
    return lambda _request: {"allowed": True, "patchType": "JSONPatch", "patch": patch}


def slow(seconds: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def answer(_request: dict[str, Any]) -> dict[str, Any]:
        time.sleep(seconds)
        return {"allowed": True}

    return answer


def webhook(hooks: Hooks, path: str, **parts: Any) -> dict[str, Any]:
    """A webhook for all writes of the tests' kinds."""
    rule = {"operations": ["*"], "apiGroups": [GROUP], "apiVersions": ["*"], "resources": ["*/*"]}
    return {
        "name": f"{path.strip('/')}.example.com",
        "clientConfig": hooks.client_config(path),
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **parts,
    }


async def configure(client: httpx.AsyncClient, *webhooks: dict[str, Any], mutating: bool = False) -> dict[str, Any]:
    """Create a configuration; it is in force at once."""
    kind = "Mutating" if mutating else "Validating"
    document = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": f"{kind}WebhookConfiguration",
        "metadata": {"name": f"{kind.lower()}.example.com"},
        "webhooks": list(webhooks),
    }
    answer = await client.post(f"{CONFIGURATIONS}/{kind.lower()}webhookconfigurations", json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()
