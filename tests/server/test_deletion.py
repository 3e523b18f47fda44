"""DELETE: removed at once, marked until finalizers are gone, and what owners mean."""

from __future__ import annotations

import pytest

from tests.server.helpers import GROUP, Things, until_gone, watching

pytestmark = pytest.mark.anyio


async def test_a_deleted_object_is_gone_and_the_answer_is_a_status(things: Things):
    made = await things.create("a")

    answer = await things.client.delete(f"{things.path}/a")

    assert answer.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "a", "group": GROUP, "kind": "things", "uid": made["metadata"]["uid"]},
    }
    assert (await things.get("a")).status_code == 404


async def test_a_finalizer_keeps_an_object_until_it_is_taken_off(things: Things):
    await things.create("a", finalizers=["shop.example.com/clean"])

    marked = (await things.client.delete(f"{things.path}/a")).json()
    again = (await things.client.delete(f"{things.path}/a")).json()
    metadata = {**marked["metadata"]}
    metadata.pop("finalizers")
    released = await things.client.put(f"{things.path}/a", json=marked | {"metadata": metadata})

    assert marked["metadata"]["deletionTimestamp"]
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 0
    assert marked["metadata"]["generation"] == 2
    assert again == marked
    assert released.status_code == 200
    assert (await things.get("a")).status_code == 404


async def test_no_finalizer_comes_to_an_object_that_is_going(things: Things):
    await things.create("a", finalizers=["shop.example.com/clean"])
    marked = (await things.client.delete(f"{things.path}/a")).json()
    marked["metadata"]["finalizers"].append("shop.example.com/more")

    answer = await things.client.put(f"{things.path}/a", json=marked)

    assert answer.status_code == 422
    assert answer.json()["details"]["causes"][0]["message"] == (
        "Forbidden: no new finalizers can be added if the object is being deleted, "
        'found new finalizers []string{"shop.example.com/more"}'
    )


async def test_a_dry_run_removes_nothing(things: Things):
    await things.create("a")

    answer = await things.client.delete(f"{things.path}/a", params={"dryRun": "All"})

    assert answer.json()["status"] == "Success"
    assert (await things.get("a")).status_code == 200


async def test_a_body_makes_the_parameters_void(things: Things):
    """The real server reads the options from the body alone if there is any."""
    await things.create("a")

    await things.client.request("DELETE", f"{things.path}/a", params={"dryRun": "All"}, json={})

    assert (await things.get("a")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"kind": "Pod", "apiVersion": "v1"},
            400,
            (
                'no kind "Pod" is registered for version "v1" in scheme '
                '"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"'
            ),
        ),
        (
            {"dryRun": "All"},
            400,
            "json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string",
        ),
        (
            {"dryRun": ["All", 1]},
            400,
            "json: cannot unmarshal number into Go struct field DeleteOptions.dryRun of type string",
        ),
        (
            {"kind": ["DeleteOptions"]},
            400,
            (
                "couldn't get version/kind; json parse error: "
                "json: cannot unmarshal array into Go struct field .kind of type string"
            ),
        ),
        (
            {"propagationPolicy": "Odd"},
            422,
            (
                'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Odd": '
                'supported values: "Foreground", "Background", "Orphan", "nil"'
            ),
        ),
        (
            {"propagationPolicy": "Orphan", "orphanDependents": True},
            422,
            (
                'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": '
                "orphanDependents and deletionPropagation cannot be both set"
            ),
        ),
    ],
)
async def test_options_that_cannot_be_used_are_refused(things: Things, body, code, message):
    await things.create("a")

    answer = await things.client.request("DELETE", f"{things.path}/a", json=body)

    assert answer.status_code == code
    assert answer.json()["message"] == message


async def test_another_uid_is_a_conflict_that_names_the_kind(things: Things):
    made = await things.create("a")

    answer = await things.client.request("DELETE", f"{things.path}/a", json={"preconditions": {"uid": "other"}})

    assert answer.status_code == 409
    assert answer.json()["details"]["kind"] == "Thing"
    assert answer.json()["message"] == (
        f'Operation cannot be fulfilled on Thing.{GROUP} "a": the UID in the precondition (other) does not match '
        f"the UID in record ({made['metadata']['uid']}). The object might have been deleted and then recreated"
    )


async def test_a_collection_is_deleted_and_shown_as_it_was(things: Things):
    await things.create("a", labels={"app": "x"})
    await things.create("b", labels={"app": "y"})

    answer = await things.client.delete(things.path, params={"labelSelector": "app=x"})

    assert [item["metadata"]["name"] for item in answer.json()["items"]] == ["a"]
    left = (await things.client.get(things.path)).json()["items"]
    assert [item["metadata"]["name"] for item in left] == ["b"]


def owned_by(owner: dict, **more) -> list[dict]:
    return [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            **more,
        }
    ]


async def test_dependents_go_after_their_owner(things: Things):
    owner = await things.create("owner")
    await things.create("dependent", ownerReferences=owned_by(owner))

    await things.client.delete(f"{things.path}/owner")

    await until_gone(things.client, things.path, "dependent")


async def test_a_dependent_stays_while_one_owner_is_left(things: Things):
    first, second = await things.create("first"), await things.create("second")
    references = owned_by(first) + owned_by(second)
    await things.create("dependent", ownerReferences=references)

    async with watching(things.client, things.path, {"fieldSelector": "metadata.name=dependent"}) as events:
        await events.next()
        await things.client.delete(f"{things.path}/first")
        changed = await events.next()

    assert changed["type"] == "MODIFIED"
    assert changed["object"]["metadata"]["ownerReferences"] == owned_by(second)


async def test_an_owner_in_the_foreground_goes_after_its_dependents(things: Things):
    owner = await things.create("owner")
    await things.create("dependent", ownerReferences=owned_by(owner, blockOwnerDeletion=True))

    async with watching(
        things.client, things.path, {"resourceVersion": owner["metadata"]["resourceVersion"]}
    ) as events:
        await things.client.delete(f"{things.path}/owner", params={"propagationPolicy": "Foreground"})
        gone = []
        while len(gone) < 2:
            event = await events.next()
            if event["type"] == "DELETED":
                gone.append(event["object"]["metadata"]["name"])

    assert gone == ["dependent", "owner"]


async def test_orphans_forget_their_owner(things: Things):
    owner = await things.create("owner")
    await things.create("dependent", ownerReferences=owned_by(owner))

    await things.client.delete(f"{things.path}/owner", params={"propagationPolicy": "Orphan"})
    await until_gone(things.client, things.path, "owner")

    dependent = (await things.get("dependent")).json()
    assert "ownerReferences" not in dependent["metadata"]
