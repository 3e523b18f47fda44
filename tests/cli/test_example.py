"""The definition of the example stands in the repository as the command writes it."""

from pathlib import Path

import httpx
import pytest
import yaml

from kubecrd.cli.__main__ import main
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport

CRDS = Path(__file__).parents[2] / "examples" / "webapp" / "crds"


def test_the_definition_in_the_repository_is_what_the_classes_say(capsys):
    """To renew it: ``kubecrd export examples.webapp.models --out examples/webapp/crds``."""
    code = main(["export", "examples.webapp.models", "--out", str(CRDS), "--check"])

    assert code == 0, capsys.readouterr().out


@pytest.mark.anyio
async def test_the_embedded_server_takes_it():
    document = yaml.safe_load((CRDS / "webapps.apps.example.com.yaml").read_text())
    async with (
        ApiServer() as server,
        httpx.AsyncClient(transport=InProcessTransport(server), base_url="http://server") as http,
    ):
        answer = await http.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=document)

    assert answer.status_code == 201
