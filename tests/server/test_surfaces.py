"""What a server says of itself, and in which forms it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.server.helpers import Things

pytestmark = pytest.mark.anyio

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
NAMESPACES = "/api/v1/namespaces"
SERVED = "application/json, application/yaml, application/vnd.kubernetes.protobuf"


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> Any:
    answer = await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_groups_are_listed_by_priority_and_those_of_definitions_last(
    client: httpx.AsyncClient, things: Things
) -> None:
    assert things
    groups = [group["name"] for group in (await get(client, "/apis"))["groups"]]
    assert groups[:2] == ["apiregistration.k8s.io", "apps"]
    assert groups[-1] == "shop.example.com"


async def test_a_custom_kind_is_listed_with_its_subresources_in_the_servers_order_of_verbs(
    client: httpx.AsyncClient, things: Things
) -> None:
    assert things
    itself, status = (await get(client, "/apis/shop.example.com/v1"))["resources"]
    assert itself["verbs"] == ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
    assert (status["name"], status["singularName"]) == ("things/status", "")
    assert status["verbs"] == ["get", "patch", "update"]


@pytest.mark.parametrize(
    ("path", "plural", "stored"),
    [
        ("/apis/apps/v1", "deployments", "8aSe+NMegvE="),
        ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "jfWCUB31mvA="),
        ("/apis/events.k8s.io/v1", "events", "r2yiGXH7wu8="),
        ("/apis/admissionregistration.k8s.io/v1", "mutatingadmissionpolicies", "LYmCf+UMVdg="),
    ],
)
async def test_the_storage_hash_is_of_the_version_that_a_real_server_stores(
    client: httpx.AsyncClient, path: str, plural: str, stored: str
) -> None:
    resources = {each["name"]: each for each in (await get(client, path))["resources"]}
    assert resources[plural]["storageVersionHash"] == stored


async def test_aggregated_discovery_has_a_tag_and_is_not_sent_again_to_who_has_it(client: httpx.AsyncClient) -> None:
    first = await client.get("/apis", headers={"Accept": f"{AGGREGATED},application/json"})
    assert first.headers["Content-Type"] == AGGREGATED
    assert first.json()["kind"] == "APIGroupDiscoveryList"
    second = await client.get("/apis", headers={"Accept": AGGREGATED, "If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")


async def test_plain_discovery_is_given_to_who_wants_it_first(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/apis", Accept=f"application/json,{AGGREGATED}"))["kind"] == "APIGroupList"


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/healthz/ping", "/readyz/etcd"])
async def test_a_running_server_is_well(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_a_well_server_tells_what_it_has_looked_at(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz?verbose&exclude=log&exclude=odd")
    assert answer.text == (
        "[+]ping ok\n[+]log excluded: ok\n[+]etcd ok\n"
        'warn: some health checks cannot be excluded: no matches for "odd"\nreadyz check passed\n'
    )


@pytest.mark.parametrize("path", ["/api/v2", "/apis/apps/v9", "/apis/apps/v9/deployments", "/api/v1/nothings"])
async def test_what_a_known_group_lacks_is_told_in_a_status(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.json()["message"] == "the server could not find the requested resource"


async def test_the_version_is_that_of_the_server_whose_answers_these_are(client: httpx.AsyncClient) -> None:
    version = await get(client, "/version")
    assert (version["major"], version["minor"]) == ("1", "36")
    assert version["gitVersion"].startswith("v1.36.")


async def test_the_openapi_index_leads_to_a_document_that_may_be_kept(
    client: httpx.AsyncClient, things: Things
) -> None:
    assert things
    index = await get(client, "/openapi/v3")
    url = index["paths"]["apis/shop.example.com/v1"]["serverRelativeURL"]
    answer = await client.get(url)
    assert answer.headers["Cache-Control"] == "public, immutable"
    thing = answer.json()["components"]["schemas"]["com.example.shop.v1.Thing"]
    assert thing["properties"]["spec"]["properties"]["crust"] == {"type": "string", "default": "thin"}
    assert thing["x-kubernetes-group-version-kind"] == [{"group": "shop.example.com", "kind": "Thing", "version": "v1"}]


async def test_a_document_asked_for_by_another_hash_has_moved(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi/v3/apis/apps/v1?hash=OLD", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("/openapi/v3/apis/apps/v1?hash=")


async def test_the_document_of_an_unknown_group_is_empty(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi/v3/apis/nope.example.com/v1")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_table_of_custom_objects_has_name_and_age_unless_told_otherwise(
    client: httpx.AsyncClient, things: Things
) -> None:
    assert things
    path = "/apis/shop.example.com/v1/namespaces/default/things"
    created = await client.post(
        path, json={"kind": "Thing", "apiVersion": "shop.example.com/v1", "metadata": {"name": "a"}}
    )
    assert created.status_code == 201, created.text
    table = await get(client, path, Accept=TABLE)
    assert [(column["name"], column["type"]) for column in table["columnDefinitions"]] == [
        ("Name", "string"),
        ("Age", "date"),
    ]
    (row,) = table["rows"]
    assert row["cells"][0] == "a"
    assert row["object"]["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    ("include", "kind"), [("Metadata", "PartialObjectMetadata"), ("Object", "Namespace"), ("None", None)]
)
async def test_a_row_brings_as_much_of_its_object_as_is_asked_for(
    client: httpx.AsyncClient, include: str, kind: str | None
) -> None:
    table = await get(client, f"{NAMESPACES}/default?includeObject={include}", Accept=TABLE)
    brought = table["rows"][0]["object"]
    assert (brought and brought["kind"]) == kind


async def test_another_word_for_what_a_row_brings_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{NAMESPACES}?includeObject=All", headers={"Accept": TABLE})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        'Unable to convert to Table as requested: includeObject: Invalid value: "All": '
        "must be 'Metadata', 'Object', 'None', or empty"
    )


async def test_metadata_of_nothing_is_null_as_go_has_it(client: httpx.AsyncClient) -> None:
    found = await get(client, "/api/v1/namespaces/default/pods", Accept=PARTIAL)
    assert (found["kind"], found["items"]) == ("PartialObjectMetadataList", None)


@pytest.mark.parametrize(
    ("accept", "content"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json;charset=utf-8", "application/json"),
        ("application/yaml", "application/yaml"),
        ("application/json;q=0.5,application/yaml", "application/yaml"),
        ("application/vnd.kubernetes.protobuf,application/json", "application/json"),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/yaml", "application/yaml"),
    ],
)
async def test_the_first_clause_that_can_be_served_is_served(
    client: httpx.AsyncClient, accept: str, content: str
) -> None:
    answer = await client.get(NAMESPACES, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content)


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        (
            "text/html",
            (
                f"406: Not Acceptable\n\nAvailable representations: {SERVED}, application/json;stream=watch, "
                "application/vnd.kubernetes.protobuf;stream=watch"
            ),
        ),
        ("application/json;as=table;v=v1;g=meta.k8s.io", f"only the following media types are accepted: {SERVED}"),
    ],
)
async def test_a_form_that_nobody_serves_is_not_acceptable(
    client: httpx.AsyncClient, accept: str, message: str
) -> None:
    answer = await client.get(NAMESPACES, headers={"Accept": accept})
    assert answer.status_code == 406
    assert (answer.json()["reason"], answer.json()["message"]) == ("NotAcceptable", message)
