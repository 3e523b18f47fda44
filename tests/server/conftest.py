"""A server in this event loop, a client that reaches it, and definitions to work with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest

from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport
from tests.server import webhooking
from tests.server.helpers import Things

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer() as running:
        yield running


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    transport = InProcessTransport(server)
    headers = {"User-Agent": "tests/1.0"}
    async with httpx.AsyncClient(transport=transport, base_url="http://server", headers=headers) as connected:
        yield connected


@pytest.fixture
async def things(client: httpx.AsyncClient) -> Things:
    """A namespaced kind with a status and a few fields, established."""
    return await Things.define(client)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("certificates are made by openssl, which is not installed")
    return webhooking.certificate(tmp_path_factory.mktemp("webhook"))


@pytest.fixture
def hooks(certificate: tuple[Path, Path]) -> Iterator[webhooking.Hooks]:
    """A webhook server, which a test teaches what to answer."""
    with webhooking.serving(*certificate) as running:
        yield running
