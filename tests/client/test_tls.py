"""Certificates over a real socket: whom the client trusts, by which name, and as whom it is trusted."""

import shutil
import ssl
import subprocess

import anyio
import pytest
from anyio.streams.tls import TLSListener, TLSStream

from kubecrd import Client, Config
from kubecrd.client.aiohttp_transport import AiohttpTransport
from kubecrd.client.httpx_transport import HttpxTransport
from kubecrd.client.tls import ssl_context
from kubecrd.errors import ConfigError, TransportError
from kubecrd.resource.request import Request

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
GET = Request(verb="create", method="GET", path="/healthz")  # a verb that is not tried again
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two self-signed certificates: of a server called `kube.example`, and of a client."""
    folder = tmp_path_factory.mktemp("tls")
    for name, more in (("server", ["-addext", "subjectAltName=DNS:kube.example"]), ("client", [])):
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        openssl("req", "-x509", *kind, "-subj", f"/CN={name}", *files, *more)
    openssl("ec", "-in", f"{folder}/client.key", "-out", f"{folder}/locked.key", "-aes128", "-passout", "pass:secret")
    return folder


@pytest.fixture
async def server(folder):
    """Answers `ok` to anybody whose certificate it knows; gives its URL and who has come."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "client.crt")
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    seen = []

    async def answer(stream: TLSStream):
        async with stream:
            await stream.receive()
            certificate = stream.extra(anyio.streams.tls.TLSAttribute.peer_certificate)
            seen.append(dict(pair[0] for pair in certificate["subject"])["commonName"] if certificate else None)
            await stream.send(ANSWER)

    plain = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = plain.extra(anyio.abc.SocketAttribute.local_port)
    async with TLSListener(plain, context, standard_compatible=False) as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        yield f"https://127.0.0.1:{port}", seen
        tasks.cancel_scope.cancel()


@pytest.fixture(params=[HttpxTransport, AiohttpTransport])
def ask(request):
    async def asked(url, **options):
        config = Config(server=url, **options)
        async with Client(config, transport=request.param(config), timeout=5) as client:
            return await client.send(GET)

    return asked


@pytest.mark.anyio
async def test_a_server_is_trusted_by_its_authority_and_its_name(ask, server, folder):
    url, seen = server

    assert await ask(url, ca_file=str(folder / "server.crt"), tls_server_name="kube.example") == b"ok"
    assert await ask(url, ca_pem=(folder / "server.crt").read_text(), tls_server_name="kube.example") == b"ok"
    assert seen == [None, None]


@pytest.mark.anyio
@pytest.mark.parametrize("name", [None, "other.example"])
async def test_a_server_of_another_name_is_not_trusted(ask, server, folder, name):
    with pytest.raises(TransportError, match="certificate verify failed"):
        await ask(server[0], ca_file=str(folder / "server.crt"), tls_server_name=name)


@pytest.mark.anyio
async def test_a_server_of_an_unknown_authority_is_not_trusted(ask, server):
    with pytest.raises(TransportError, match="certificate verify failed"):
        await ask(server[0], tls_server_name="kube.example")


@pytest.mark.anyio
async def test_whoever_does_not_care_may_say_so(ask, server):
    assert await ask(server[0], insecure=True) == b"ok"


@pytest.mark.anyio
async def test_a_client_shows_its_certificate(ask, server, folder):
    url, seen = server
    texts = {
        "client_cert_pem": (folder / "client.crt").read_text(),
        "client_key_pem": (folder / "client.key").read_text(),
    }
    files = {"client_cert_file": str(folder / "client.crt"), "client_key_file": str(folder / "client.key")}

    await ask(url, insecure=True, **texts)
    await ask(url, insecure=True, **files)

    assert seen == ["client", "client"]


def test_a_key_does_not_stay_on_the_disk(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    certificate, key = (folder / "client.crt").read_text(), (folder / "client.key").read_text()

    ssl_context(Config(server="https://c", client_cert_pem=certificate, client_key_pem=key))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ca_file": "/does/not/exist"}, "No such file or directory"),
        ({"ca_pem": "nonsense"}, "the certificates cannot be read"),
        (
            {"client_cert_file": "client.crt", "client_key_file": "locked.key"},
            "the client's key is encrypted; give one without a password",
        ),
        ({"client_cert_file": "client.crt", "client_key_file": "server.key"}, "the certificates cannot be read"),
    ],
)
def test_certificates_that_cannot_be_used_are_refused(folder, monkeypatch, options, message):
    monkeypatch.chdir(folder)

    with pytest.raises(ConfigError, match=message):
        ssl_context(Config(server="https://c", **options))


def test_without_tls_there_is_nothing_to_trust():
    assert ssl_context(Config(server="http://c")) is None
