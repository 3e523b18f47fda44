"""Definitions of real projects are accepted, as they were by a real server, and come back as they were sent."""

import json
import os
from pathlib import Path

import httpx
import pytest

from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport

SHARED = Path(os.environ.get("KUBECRD_SHARED", Path(__file__).parents[3] / "shared"))
DEFINITIONS = SHARED / "crds" / "real-world.jsonl"
PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definitions():
    if not DEFINITIONS.exists():
        reason = f"{DEFINITIONS} is absent: these definitions belong to their projects and are not part of this one"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="absent")]
    lines = [json.loads(line) for line in DEFINITIONS.read_text().splitlines()]
    return [pytest.param(line["crd"], id=line["crd"]["metadata"]["name"]) for line in lines]


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
@pytest.mark.parametrize("definition", definitions())
async def test_a_definition_of_a_real_project_is_accepted_and_comes_back_the_same(definition):
    async with (
        ApiServer() as server,
        httpx.AsyncClient(transport=InProcessTransport(server), base_url="http://server") as http,
    ):
        created = await http.post(PATH, json=definition)
        read = await http.get(f"{PATH}/{definition['metadata']['name']}")

    assert created.status_code == 201, created.text
    assert without_defaults(read.json()["spec"]) == without_defaults(definition["spec"])
