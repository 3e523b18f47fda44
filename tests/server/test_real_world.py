"""Definitions of real projects are accepted, as they were by a real server, and come back as they were sent."""

import json

import httpx
import pytest

from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport
from tests.shared import each_real_world_definition

PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def without_defaults(spec):
    """Take away what the server fills in where nothing was said."""
    spec = json.loads(json.dumps(spec))
    spec.setdefault("conversion", {"strategy": "None"})
    names = spec["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    service = spec["conversion"].get("webhook", {}).get("clientConfig", {}).get("service")
    if service is not None:
        service.setdefault("port", 443)
    if spec.get("preserveUnknownFields") is False:
        del spec["preserveUnknownFields"]
    return spec


@pytest.mark.anyio
@pytest.mark.parametrize("definition", each_real_world_definition())
async def test_a_definition_of_a_real_project_is_accepted_and_comes_back_the_same(definition):
    async with (
        ApiServer() as server,
        httpx.AsyncClient(transport=InProcessTransport(server), base_url="http://server") as http,
    ):
        created = await http.post(PATH, json=definition)
        read = await http.get(f"{PATH}/{definition['metadata']['name']}")

    assert created.status_code == 201, created.text
    assert without_defaults(read.json()["spec"]) == without_defaults(definition["spec"])
