"""Creating, reading, updating and deleting custom objects."""

from __future__ import annotations

import pytest

from tests.server.helpers import GROUP, Things, definition, establish

pytestmark = pytest.mark.anyio


async def test_a_created_object_has_what_only_the_server_gives(things: Things):
    """uid, time, generation and resourceVersion are the server's; defaults come from the schema."""
    made = await things.create("a", {"size": 3})

    metadata = made["metadata"]
    assert made["spec"] == {"size": 3, "crust": "thin"}
    assert metadata["namespace"] == "default"
    assert metadata["generation"] == 1
    assert metadata["resourceVersion"].isdigit()
    assert len(metadata["uid"]) == 36
    assert metadata["creationTimestamp"].endswith("Z")


async def test_what_was_created_is_read_back(things: Things):
    made = await things.create("a", {"size": 3})

    assert (await things.get("a")).json() == made


async def test_the_status_of_a_new_object_is_dropped(things: Things):
    document = things.document("a") | {"status": {"phase": "Ready"}}

    answer = await things.client.post(things.path, json=document)

    assert "status" not in answer.json()


async def test_an_unknown_field_is_pruned_with_a_warning(things: Things):
    answer = await things.client.post(things.path, json=things.document("a", {"bogus": 1}))

    assert answer.status_code == 201
    assert "bogus" not in answer.json()["spec"]
    assert answer.headers.get_list("warning") == ['299 - "unknown field \\"spec.bogus\\""']


async def test_strict_validation_refuses_an_unknown_field(things: Things):
    answer = await things.client.post(
        things.path, json=things.document("a", {"bogus": 1}), params={"fieldValidation": "Strict"}
    )

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        'Thing in version "v1" cannot be handled as a Thing: strict decoding error: unknown field "spec.bogus"'
    )


async def test_ignored_validation_says_nothing(things: Things):
    answer = await things.client.post(
        things.path, json=things.document("a", {"bogus": 1}), params={"fieldValidation": "Ignore"}
    )

    assert answer.status_code == 201
    assert "warning" not in answer.headers


async def test_a_repeated_key_is_warned_of(things: Things):
    body = f'{{"apiVersion":"{GROUP}/v1","kind":"Thing","metadata":{{"name":"a"}},"spec":{{"size":1,"size":2}}}}'

    answer = await things.client.post(things.path, content=body, headers={"Content-Type": "application/json"})

    assert answer.json()["spec"]["size"] == 2
    assert answer.headers.get_list("warning") == ['299 - "duplicate field \\"spec.size\\""']


async def test_an_invalid_object_is_refused_with_its_causes(things: Things):
    answer = await things.client.post(things.path, json=things.document("a", {"size": 0}))

    assert answer.status_code == 422
    status = answer.json()
    text = "Invalid value: 0: spec.size in body should be greater than or equal to 1"
    assert status["message"] == f'Thing.{GROUP} "a" is invalid: spec.size: {text}'
    assert status["details"]["causes"] == [{"reason": "FieldValueInvalid", "message": text, "field": "spec.size"}]


async def test_a_taken_name_is_a_conflict(things: Things):
    await things.create("a")

    answer = await things.client.post(things.path, json=things.document("a"))

    assert answer.status_code == 409
    assert answer.json()["reason"] == "AlreadyExists"
    assert answer.json()["message"] == f'things.{GROUP} "a" already exists'


async def test_a_generated_name_begins_with_what_was_given(things: Things):
    document = things.document("") | {"metadata": {"generateName": "pie-"}}

    made = (await things.client.post(things.path, json=document)).json()

    assert made["metadata"]["name"].startswith("pie-")
    assert len(made["metadata"]["name"]) == len("pie-") + 5


async def test_a_dry_run_answers_but_keeps_nothing(things: Things):
    answer = await things.client.post(things.path, json=things.document("a"), params={"dryRun": "All"})

    assert answer.status_code == 201
    assert "resourceVersion" not in answer.json()["metadata"]
    assert (await things.get("a")).status_code == 404


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"dryRun": "Some"}, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'),
        (
            {"fieldValidation": "Lax"},
            'fieldValidation: Unsupported value: "Lax": supported values: "", "Ignore", "Strict", "Warn"',
        ),
        ({"fieldManager": "x" * 129}, "fieldManager: Too long: may not be more than 128 bytes"),
        ({"fieldManager": "a\nb"}, 'fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)'),
    ],
)
async def test_options_that_are_not_valid_are_named(things: Things, query, message):
    answer = await things.client.post(things.path, json=things.document("a"), params=query)

    assert answer.status_code == 422
    assert answer.json()["message"] == f'CreateOptions.meta.k8s.io "" is invalid: {message}'


async def test_an_update_replaces_and_counts_the_generation(things: Things):
    made = await things.create("a", {"size": 3})
    made["spec"]["size"] = 4

    answer = await things.client.put(f"{things.path}/a", json=made)

    assert answer.status_code == 200
    assert answer.json()["spec"]["size"] == 4
    assert answer.json()["metadata"]["generation"] == 2
    assert answer.json()["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]


async def test_an_update_that_changes_nothing_writes_nothing(things: Things):
    made = await things.create("a", {"size": 3})

    answer = await things.client.put(f"{things.path}/a", json=made)

    assert answer.json() == made


async def test_a_stale_update_is_a_conflict(things: Things):
    made = await things.create("a", {"size": 3})
    await things.client.put(f"{things.path}/a", json=made | {"spec": {"size": 4}})

    answer = await things.client.put(f"{things.path}/a", json=made | {"spec": {"size": 5}})

    assert answer.status_code == 409
    assert answer.json()["message"] == (
        f'Operation cannot be fulfilled on things.{GROUP} "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


async def test_an_update_without_resource_version_is_refused(things: Things):
    await things.create("a")

    answer = await things.client.put(f"{things.path}/a", json=things.document("a"))

    assert answer.status_code == 422
    assert answer.json()["message"] == (
        f'things.{GROUP} "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update'
    )


async def test_a_malformed_resource_version_is_the_servers_failure(things: Things):
    made = await things.create("a")
    made["metadata"]["resourceVersion"] = "abc"

    answer = await things.client.put(f"{things.path}/a", json=made)

    assert answer.status_code == 500
    assert answer.json()["message"] == 'strconv.ParseUint: parsing "abc": invalid syntax'
    assert "reason" not in answer.json()


async def test_another_name_in_the_body_is_refused(things: Things):
    made = await things.create("a")

    answer = await things.client.put(f"{things.path}/b", json=made)

    assert answer.status_code == 400
    assert answer.json()["message"] == "the name of the object (a) does not match the name on the URL (b)"


async def test_another_namespace_in_the_body_is_refused(things: Things):
    answer = await things.client.post(things.path, json=things.document("a", namespace="other"))

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "the namespace of the provided object does not match the namespace sent on the request"
    )


async def test_the_main_path_leaves_the_status_alone(things: Things):
    made = await things.create("a")
    await things.client.put(f"{things.path}/a/status", json=made | {"status": {"phase": "Ready"}})

    answer = await things.get("a")
    again = await things.client.put(f"{things.path}/a", json=answer.json() | {"status": {"phase": "Lost"}})

    assert answer.json()["status"] == {"phase": "Ready"}
    assert again.json()["status"] == {"phase": "Ready"}


async def test_the_status_path_leaves_the_rest_alone(things: Things):
    made = await things.create("a", {"size": 3})
    changed = made | {"status": {"phase": "Ready"}, "spec": {"size": 9}}

    answer = await things.client.put(f"{things.path}/a/status", json=changed)

    assert answer.json()["spec"] == made["spec"]
    assert answer.json()["metadata"]["generation"] == 1


async def test_a_namespace_that_is_not_there_is_said_before_the_object_is_judged(things: Things):
    path = things.path.replace("default", "nowhere")

    answer = await things.client.post(path, json=things.document("a", {"size": 0}))

    assert answer.status_code == 404
    assert answer.json()["message"] == 'namespaces "nowhere" not found'


async def test_a_cluster_scoped_object_forgets_its_namespace(client):
    await establish(client, definition("worlds", namespaced=False))
    body = {"apiVersion": f"{GROUP}/v1", "kind": "World", "metadata": {"name": "a", "namespace": "default"}}

    answer = await client.post(f"/apis/{GROUP}/v1/worlds", json=body)

    assert answer.status_code == 201
    assert "namespace" not in answer.json()["metadata"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/apis/nope.example.com/v1/things", 404),
        ("GET", f"/apis/{GROUP}/v2/namespaces/default/things", 404),
        ("GET", f"/apis/{GROUP}/v1/namespaces/default/Things", 404),
        ("POST", f"/apis/{GROUP}/v1/things", 404),
        ("GET", f"/apis/{GROUP}/v1//things", 404),
        ("GET", "/apis//v1", 404),
        ("GET", "/foo/bar", 404),
    ],
)
async def test_an_unknown_path_is_no_status(things: Things, method, path, status):
    answer = await things.client.request(method, path)

    assert answer.status_code == status
    assert answer.text == "404 page not found\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "suffix", "code", "message"),
    [
        ("PUT", "", 400, "name must be provided"),
        ("OPTIONS", "", 405, f' is not supported on resources of kind "things.{GROUP}"'),
        ("GET", "/a/other", 404, f'things.{GROUP} "a" not found'),
        ("GET", "/a/scale", 404, f'things.{GROUP} "a" not found'),
        ("POST", "/a/status", 405, f'create is not supported on resources of kind "things.{GROUP}"'),
        ("DELETE", "/a/status", 405, f'delete is not supported on resources of kind "things.{GROUP}"'),
    ],
)
async def test_a_method_that_a_path_has_not_is_a_status(things: Things, method, suffix, code, message):
    answer = await things.client.request(method, things.path + suffix)

    assert answer.status_code == code
    assert answer.json()["message"] == message


async def test_a_body_that_is_too_large_is_refused(things: Things):
    body = b'{"a":"' + b"x" * (3 * 1024 * 1024) + b'"}'

    answer = await things.client.post(things.path, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.json()["message"] == "Request entity too large: limit is 3145728"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"),
        (b'{"a":1', 'couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a":1)'),
        (
            b"x",
            "couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value (78)",
        ),
        (b"{}", "Object 'Kind' is missing in '{}' ({})"),
    ],
)
async def test_a_body_that_cannot_be_read_is_shown(things: Things, body, why):
    answer = await things.client.post(things.path, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["message"] == f"the object provided is unrecognized (must be of type Thing): {why}"


async def test_another_media_type_is_refused(things: Things):
    answer = await things.client.post(things.path, content=b"x", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415
    assert answer.json()["reason"] == "UnsupportedMediaType"


async def test_yaml_is_read(things: Things):
    body = f"apiVersion: {GROUP}/v1\nkind: Thing\nmetadata:\n  name: a\nspec:\n  size: 0x10\n"

    answer = await things.client.post(things.path, content=body, headers={"Content-Type": "application/yaml"})

    assert answer.json()["spec"]["size"] == 16


async def test_an_object_beyond_the_storage_is_refused(things: Things):
    document = things.document("a", {"toppings": ["x" * 1000] * 1700})

    answer = await things.client.post(things.path, json=document)

    assert answer.status_code == 500
    assert answer.json()["message"] == "etcdserver: request is too large"


async def test_a_new_built_in_object_has_no_revision(client):
    body = {"metadata": {"name": "a", "resourceVersion": "7"}}

    answer = await client.post("/api/v1/namespaces/default/configmaps", json=body)

    assert answer.status_code == 500
    assert answer.json()["message"] == "resourceVersion should not be set on objects to be created"


async def test_the_revision_of_a_new_custom_object_is_ignored(things: Things):
    made = await things.create("a", resourceVersion="7")

    assert made["metadata"]["resourceVersion"] != "7"


@pytest.mark.parametrize("name", [".", ".."])
async def test_a_name_that_leads_elsewhere_is_refused(things: Things, name):
    answer = await things.client.get(f"{things.path}/{name.replace('.', '%2E')}")

    assert answer.status_code == 400
    assert answer.json()["message"] == f"Name parameter invalid: \"{name}\": may not be '{name}'"


async def test_head_is_get_without_a_body(things: Things):
    await things.create("a")

    there = await things.client.head(f"{things.path}/a")
    missing = await things.client.head(f"{things.path}/b")

    assert (there.status_code, there.content) == (200, b"")
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize(
    ("method", "path", "code", "reason"),
    [
        ("GET", "/api/v1/nothings", 404, "NotFound"),
        ("GET", "/apis/apps/v1/nothings", 404, "NotFound"),
        ("DELETE", "/api/v1/namespaces", 405, "MethodNotAllowed"),
        ("PUT", "/api/v1/namespaces/default/configmaps", 405, "MethodNotAllowed"),
        ("POST", "/api/v1/namespaces/default/configmaps/a", 405, "MethodNotAllowed"),
        ("GET", "/api/v1/namespaces/default/configmaps/a/other", 404, "NotFound"),
    ],
)
async def test_built_in_paths_fail_in_their_own_words(client, method, path, code, reason):
    answer = await client.request(method, path)

    assert answer.status_code == code
    assert answer.json()["reason"] == reason
    assert answer.json()["details"] == {}
