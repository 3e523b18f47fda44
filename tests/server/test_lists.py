"""Lists: order, selection, pages, and which state they show."""

from __future__ import annotations

import pytest

from tests.server.helpers import GROUP, Things

pytestmark = pytest.mark.anyio


def names(answer) -> list[str]:
    return [item["metadata"]["name"] for item in answer.json()["items"]]


@pytest.fixture
async def five(things: Things) -> Things:
    for number, name in enumerate(["a", "a-b", "a.b", "a0", "b"]):
        await things.create(name, {"size": number + 1}, labels={"n": str(number), "app": "x" if number % 2 else "y"})
    return things


async def test_a_list_is_in_the_order_of_keys(five: Things):
    answer = await five.client.get(five.path)

    assert names(answer) == ["a", "a-b", "a.b", "a0", "b"]
    assert answer.json()["kind"] == "ThingList"
    assert answer.json()["metadata"]["continue"] == ""


async def test_namespaces_sort_by_the_whole_key(things: Things):
    """A dash sorts before the slash that ends a namespace's name."""
    for name in ("a", "a-b", "a0"):
        await things.client.post("/api/v1/namespaces", json={"metadata": {"name": name}})
        await things.client.post(things.path.replace("default", name), json=things.document("x"))

    answer = await things.client.get(f"/apis/{GROUP}/v1/things")

    assert [item["metadata"]["namespace"] for item in answer.json()["items"]] == ["a-b", "a", "a0"]


async def test_a_list_of_nothing_is_empty(things: Things):
    answer = await things.client.get(things.path.replace("default", "nowhere"))

    assert answer.status_code == 200
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("app=x", ["a-b", "a0"]),
        ("app!=x", ["a", "a.b", "b"]),
        ("app in (x,z)", ["a-b", "a0"]),
        ("nope notin (x)", ["a", "a-b", "a.b", "a0", "b"]),
        ("!app", []),
        ("n>2", ["a0", "b"]),
        ("n<1,app", ["a"]),
        ("", ["a", "a-b", "a.b", "a0", "b"]),
    ],
)
async def test_labels_select(five: Things, selector, selected):
    answer = await five.client.get(five.path, params={"labelSelector": selector})

    assert names(answer) == selected


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("app=x,", "found '', expected: identifier after ','"),
        ("app=x y", "found 'y', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("app in x", "unable to parse requirement: found 'x' expected: '('"),
        ("app in (x", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("(", "found '(', expected: !, identifier, or 'end of string'"),
        (
            "n>a",
            (
                "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, "
                "the value must be an integer"
            ),
        ),
    ],
)
async def test_a_malformed_label_selector_is_told(things: Things, selector, message):
    answer = await things.client.get(things.path, params={"labelSelector": selector})

    assert answer.status_code == 400
    assert answer.json()["message"] == message


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("spec.size=1", "field label not supported: spec.size"),
        ("metadata.name=a=b", "invalid field selector: unescaped character in value: 61"),
        ("metadata.name=a\\x", "invalid field selector: invalid escape sequence: \\x"),
    ],
)
async def test_a_field_selector_that_cannot_be_used_is_told(things: Things, selector, message):
    answer = await things.client.get(things.path, params={"fieldSelector": selector})

    assert answer.status_code == 400
    assert answer.json()["message"] == message


async def test_selectable_fields_select(client):
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    things = await Things.define(
        client, schema={"openAPIV3Schema": schema}, selectableFields=[{"jsonPath": ".spec.size"}]
    )
    await things.create("a", {"size": 1})
    await things.create("b", {"size": 2})

    answer = await client.get(things.path, params={"fieldSelector": "spec.size=2"})

    assert names(answer) == ["b"]


async def test_pages_show_the_state_of_the_first(five: Things):
    first = await five.client.get(five.path, params={"limit": "2"})
    await five.client.delete(f"{five.path}/a.b")
    await five.create("c")
    token = first.json()["metadata"]["continue"]
    second = await five.client.get(five.path, params={"limit": "2", "continue": token})
    rest = await five.client.get(five.path, params={"continue": second.json()["metadata"]["continue"]})

    assert names(first) == ["a", "a-b"]
    assert first.json()["metadata"]["remainingItemCount"] == 3
    assert names(second) == ["a.b", "a0"]
    assert names(rest) == ["b"]
    assert rest.json()["metadata"]["continue"] == ""
    assert "remainingItemCount" not in rest.json()["metadata"]
    assert rest.json()["metadata"]["resourceVersion"] == first.json()["metadata"]["resourceVersion"]


async def test_a_past_state_is_listed_exactly(things: Things):
    made = await things.create("a")
    await things.create("b")
    query = {"resourceVersion": made["metadata"]["resourceVersion"], "resourceVersionMatch": "Exact"}

    answer = await things.client.get(things.path, params=query)

    assert names(answer) == ["a"]


async def test_a_forgotten_state_is_expired(things: Things):
    answer = await things.client.get(things.path, params={"resourceVersion": "1", "resourceVersionMatch": "Exact"})

    assert answer.status_code == 410
    assert answer.json()["reason"] == "Expired"
    assert answer.json()["message"] == "The resourceVersion for the provided list is too old."


async def test_an_expired_token_comes_with_a_fresh_one(five: Things, server):
    first = await five.client.get(five.path, params={"limit": "2"})
    await five.create("c")
    server.store.compact()

    expired = await five.client.get(five.path, params={"continue": first.json()["metadata"]["continue"]})
    fresh = await five.client.get(five.path, params={"continue": expired.json()["metadata"]["continue"]})

    assert expired.status_code == 410
    assert names(fresh) == ["a.b", "a0", "b", "c"]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ({"limit": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        (
            {"resourceVersion": "x"},
            400,
            (
                'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": '
                "invalid syntax"
            ),
        ),
        (
            {"resourceVersionMatch": "Exact"},
            422,
            (
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden '
                "unless resourceVersion is provided"
            ),
        ),
        (
            {"sendInitialEvents": "true"},
            422,
            (
                'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for '
                "list"
            ),
        ),
        (
            {"continue": "!!!"},
            400,
            "invalid continue token: continue key is not valid: illegal base64 data at input byte 0",
        ),
    ],
)
async def test_parameters_that_cannot_be_used_are_told(things: Things, query, code, message):
    answer = await things.client.get(things.path, params=query)

    assert answer.status_code == code
    assert answer.json()["message"] == message
