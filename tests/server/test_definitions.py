"""CustomResourceDefinitions: established, changed, in conflict, and cleaned up after."""

from __future__ import annotations

import copy

import httpx
import pytest

from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport
from tests.server.helpers import (
    DEFINITIONS,
    GROUP,
    SCHEMA,
    Things,
    definition,
    establish,
    until_condition,
    until_gone,
    watching,
)

pytestmark = pytest.mark.anyio


def conditions(crd: dict) -> dict[str, tuple[str, str, str]]:
    return {each["type"]: (each["status"], each["reason"], each["message"]) for each in crd["status"]["conditions"]}


async def test_a_new_definition_has_no_conditions_yet(client):
    answer = await client.post(DEFINITIONS, json=definition())

    assert answer.json()["status"] == {
        "conditions": None,
        "acceptedNames": {"kind": "", "plural": ""},
        "storedVersions": ["v1"],
    }


async def test_an_established_definition_says_so(client):
    await client.post(DEFINITIONS, json=definition())

    crd = await until_condition(client, f"things.{GROUP}", "Established", "True")

    assert conditions(crd) == {
        "NamesAccepted": ("True", "NoConflicts", "no conflicts found"),
        "Established": ("True", "InitialNamesAccepted", "the initial names have been accepted"),
    }
    assert crd["status"]["acceptedNames"] == {
        "plural": "things",
        "singular": "thing",
        "kind": "Thing",
        "listKind": "ThingList",
    }


async def test_an_invalid_definition_is_refused(client):
    crd = definition()
    crd["spec"]["scope"] = "Planet"

    answer = await client.post(DEFINITIONS, json=crd)

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        f'CustomResourceDefinition.apiextensions.k8s.io "things.{GROUP}" is invalid: spec.scope: Unsupported value: '
        '"Planet": supported values: "Cluster", "Namespaced"'
    )


async def test_an_unknown_format_is_warned_of(client):
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["spec"]["properties"]["crust"]["format"] = "ip"

    answer = await client.post(DEFINITIONS, json=definition(schema={"openAPIV3Schema": schema}))

    assert answer.headers.get_list("warning") == ['299 - "unrecognized format \\"ip\\""']


async def test_a_changed_schema_is_in_force_at_once(things: Things):
    await things.create("a", {"size": 3})
    crd = (await things.client.get(f"{DEFINITIONS}/things.{GROUP}")).json()
    properties = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    properties["sauce"] = {"type": "string", "default": "red"}
    del properties["size"]
    await things.client.put(f"{DEFINITIONS}/things.{GROUP}", json=crd)

    read = (await things.get("a")).json()

    assert read["spec"] == {"crust": "thin", "sauce": "red"}


async def test_names_that_are_taken_are_not_accepted(client):
    await establish(client, definition("things"))
    other = definition("others")
    other["spec"]["names"]["kind"] = "Thing"
    await client.post(DEFINITIONS, json=other)

    crd = await until_condition(client, f"others.{GROUP}", "NamesAccepted", "False")

    assert conditions(crd) == {
        "NamesAccepted": ("False", "ListKindConflict", '"ThingList" is already in use'),
        "Established": ("False", "NotAccepted", "not all names are accepted"),
    }
    assert (await client.get(f"/apis/{GROUP}/v1/others")).text == "404 page not found\n"


async def test_names_that_become_free_are_accepted(client):
    await establish(client, definition("things"))
    other = definition("others")
    other["spec"]["names"]["kind"] = "Thing"
    await client.post(DEFINITIONS, json=other)
    await until_condition(client, f"others.{GROUP}", "NamesAccepted", "False")

    await client.delete(f"{DEFINITIONS}/things.{GROUP}")

    await until_condition(client, f"others.{GROUP}", "Established", "True")


async def test_objects_go_before_their_definition(things: Things):
    await things.create("a", finalizers=["shop.example.com/clean"])

    answer = await things.client.delete(f"{DEFINITIONS}/things.{GROUP}")
    crd = answer.json()
    refused = await things.client.post(things.path, json=things.document("b"))
    async with watching(things.client, things.path) as events:
        marked = (await events.next())["object"]
        while not marked["metadata"].get("deletionTimestamp"):
            marked = (await events.next())["object"]
    free = {**marked, "metadata": {**marked["metadata"], "finalizers": []}}
    await things.client.put(f"{things.path}/a", json=free)
    await until_gone(things.client, DEFINITIONS, f"things.{GROUP}")

    assert crd["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert conditions(crd)["Terminating"] == (
        "True",
        "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    )
    assert refused.status_code == 403
    assert refused.json()["message"] == (
        f'things.{GROUP} "b" is forbidden: create not allowed while custom resource definition is terminating'
    )
    assert (await things.client.get(things.path)).text == "404 page not found\n"


async def test_a_deprecated_version_warns_with_every_answer(client):
    crd = definition()
    crd["spec"]["versions"].append(
        {"name": "v1beta1", "served": True, "storage": False, "deprecated": True, "schema": {"openAPIV3Schema": SCHEMA}}
    )
    await establish(client, crd)

    answer = await client.get(f"/apis/{GROUP}/v1beta1/namespaces/default/things/none")

    assert answer.status_code == 404
    assert answer.headers.get_list("warning") == [f'299 - "{GROUP}/v1beta1 Thing is deprecated; use {GROUP}/v1 Thing"']


async def test_an_object_is_read_in_every_version(client):
    crd = definition()
    crd["spec"]["versions"].append(
        {"name": "v2", "served": True, "storage": False, "schema": {"openAPIV3Schema": SCHEMA}}
    )
    await establish(client, crd)
    things = Things(client, f"/apis/{GROUP}/v1/namespaces/default/things")
    made = await things.create("a", {"size": 3})

    read = (await client.get(f"/apis/{GROUP}/v2/namespaces/default/things/a")).json()

    assert read["apiVersion"] == f"{GROUP}/v2"
    assert read["spec"] == made["spec"]
    assert read["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_a_version_that_is_not_served_is_not_there(client):
    crd = definition()
    crd["spec"]["versions"].append(
        {"name": "v2", "served": False, "storage": False, "schema": {"openAPIV3Schema": SCHEMA}}
    )
    await establish(client, crd)

    assert (await client.get(f"/apis/{GROUP}/v2/things")).text == "404 page not found\n"


async def test_scale_is_a_view_of_the_object(client):
    things = await Things.define(
        client,
        subresources={"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}},
    )
    made = await things.create("a", {"replicas": 2})

    scale = (await client.get(f"{things.path}/a/scale")).json()
    changed = await client.put(f"{things.path}/a/scale", json=scale | {"spec": {"replicas": 5}})
    read = (await things.get("a")).json()

    assert scale["kind"] == "Scale"
    assert scale["apiVersion"] == "autoscaling/v1"
    assert scale["metadata"]["uid"] == made["metadata"]["uid"]
    assert scale["spec"] == {"replicas": 2}
    assert scale["status"] == {"replicas": 0}
    assert changed.json()["spec"] == {"replicas": 5}
    assert read["spec"]["replicas"] == 5
    assert read["metadata"]["generation"] == 2


async def test_definitions_that_a_store_remembers_are_served_at_once(client, server):
    await establish(client, definition())

    async with ApiServer(server.store) as again:
        transport = InProcessTransport(again)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as other:
            answer = await other.get(f"/apis/{GROUP}/v1/things")

    assert answer.status_code == 200


async def test_a_bad_bundle_keeps_a_definition_from_being_served(client):
    crd = definition()
    crd["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {"url": "https://127.0.0.1:1/convert", "caBundle": "bm90IGEgY2VydGlmaWNhdGU="},
            "conversionReviewVersions": ["v1"],
        },
    }
    await client.post(DEFINITIONS, json=crd)
    read = await until_condition(client, f"things.{GROUP}", "Established", "False")

    answer = await client.get(f"/apis/{GROUP}/v1/things")

    assert conditions(read)["Established"][1] in {"Installing", "InvalidCABundle"}
    assert answer.status_code == 500
    assert answer.json()["message"] == "Internal error occurred: error resolving resource"


async def test_only_status_writes_reach_the_status(things: Things):
    name = f"things.{GROUP}"
    crd = (await things.client.get(f"{DEFINITIONS}/{name}")).json()

    main = await things.client.put(f"{DEFINITIONS}/{name}", json=crd | {"status": {"storedVersions": ["v9"]}})
    bad = crd["status"]["acceptedNames"] | {"plural": "Bad Name"}
    status = await things.client.put(
        f"{DEFINITIONS}/{name}/status", json=crd | {"status": crd["status"] | {"acceptedNames": bad}}
    )

    assert main.json()["status"]["storedVersions"] == ["v1"]
    assert status.status_code == 422
    assert status.json()["details"]["causes"][0]["field"] == "status.acceptedNames.plural"


@pytest.mark.parametrize(
    ("webhook", "owned"),
    [
        ({}, {".": {}, "f:strategy": {}}),
        (
            {"conversionReviewVersions": []},
            {".": {}, "f:strategy": {}, "f:webhook": {".": {}, "f:conversionReviewVersions": {}}},
        ),
    ],
    ids=["empty", "empty-list"],
)
async def test_a_webhook_that_says_nothing_is_lost_though_an_empty_list_in_it_is_owned(client, webhook, owned):
    crd = definition()
    crd["spec"]["conversion"] = {"strategy": "None", "webhook": webhook}

    answer = (await client.post(DEFINITIONS, json=crd)).json()

    assert answer["spec"]["conversion"] == {"strategy": "None"}
    (entry,) = answer["metadata"]["managedFields"]
    assert entry["fieldsV1"]["f:spec"]["f:conversion"] == owned


async def test_columns_end_before_a_path_that_does_not_parse(client):
    paths = {"A": ".spec.size", "B": ".spec.list[", "C": ".spec.crust"}
    columns = [{"name": name, "type": "string", "jsonPath": path} for name, path in paths.items()]
    things = await Things.define(client, additionalPrinterColumns=columns)
    await things.create("a", {"size": 3})

    table = (await client.get(things.path, headers={"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})).json()

    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "A"]
    assert table["rows"][0]["cells"] == ["a", "3"]
