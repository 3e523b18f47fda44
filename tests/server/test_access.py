"""Who asks, whom they are taken for, and what they may do."""

from __future__ import annotations

from typing import Any

import pytest

from kubecrd.server.access import Attributes
from kubecrd.server.request import Request
from kubecrd.server.users import User, impersonated
from tests.server.helpers import GROUP, Things

pytestmark = pytest.mark.anyio

RBAC = "/apis/rbac.authorization.k8s.io/v1"
JANE = {"Impersonate-User": "jane"}


async def grant(things: Things, *rules: dict[str, Any], subject: dict[str, Any], cluster: bool = False) -> None:
    """Bind a new role to somebody, in the default namespace or everywhere."""
    kind = "ClusterRole" if cluster else "Role"
    base = RBAC if cluster else f"{RBAC}/namespaces/default"
    role = {"metadata": {"name": "r"}, "rules": list(rules)}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": "r"}
    binding = {"metadata": {"name": "rb"}, "roleRef": reference, "subjects": [subject]}
    assert (await things.client.post(f"{base}/{kind.lower()}s", json=role)).status_code == 201
    assert (await things.client.post(f"{base}/{kind.lower()}bindings", json=binding)).status_code == 201


async def token_of(things: Things, name: str, **spec: Any) -> str:
    """A token for a new service account."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    await things.client.post(accounts, json={"metadata": {"name": name}})
    answer = await things.client.post(f"{accounts}/{name}/token", json={"spec": spec})
    assert answer.status_code == 201, answer.text
    return answer.json()["status"]["token"]


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/apis/g/v1/namespaces/n/things/a/status", Attributes("get", "g", "things", "status", "n", "a")),
        ("GET", "/apis/g/v1/things", Attributes("list", "g", "things")),
        ("GET", "/apis/g/v1/watch/things", Attributes("watch", "g", "things")),
        ("DELETE", "/api/v1/namespaces/n/pods", Attributes("deletecollection", "", "pods", namespace="n")),
        ("PUT", "/api/v1/namespaces/n", Attributes("update", "", "namespaces", namespace="n", name="n")),
        ("PUT", "/api/v1/namespaces/n/finalize", Attributes("update", "", "namespaces", "finalize", "n", "n")),
        ("GET", "/apis/g/v1", Attributes("get", path="/apis/g/v1")),
        ("POST", "/healthz", Attributes("post", path="/healthz")),
    ],
    ids=["subresource", "list", "watch", "collection", "namespace", "finalize", "discovery", "path"],
)
def test_a_path_says_what_is_wanted(method, path, wanted):
    assert Attributes.of(Request(method, path)) == wanted


def test_a_selector_for_one_name_names_it():
    query = [("fieldSelector", "metadata.name=a"), ("watch", "1")]

    assert Attributes.of(Request("GET", "/api/v1/pods", query)) == Attributes("watch", "", "pods", name="a")


def test_impersonation_takes_groups_uid_and_extra():
    headers = {
        "impersonate-user": ("jane",),
        "impersonate-group": ("a", "b"),
        "impersonate-uid": ("u",),
        "impersonate-extra-some%2fkey": ("x", "y"),
    }

    assert impersonated(headers) == User("jane", "u", ("a", "b", "system:authenticated"), {"some/key": ("x", "y")})


def test_a_service_account_is_in_the_groups_of_service_accounts():
    user = impersonated({"impersonate-user": ("system:serviceaccount:n:bot",)})

    assert user is not None
    assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated")


async def test_who_has_no_role_may_only_look_around(things: Things):
    answer = await things.client.get(f"{things.path}/a", headers=JANE)

    assert answer.status_code == 403
    assert answer.json()["message"] == (
        f'things.{GROUP} "a" is forbidden: User "jane" cannot get resource "things" in API group "{GROUP}" '
        'in the namespace "default"'
    )
    assert (await things.client.get("/apis", headers=JANE)).status_code == 200
    refused = (await things.client.get("/metrics", headers=JANE)).json()
    assert refused["message"] == 'forbidden: User "jane" cannot get path "/metrics"'


async def test_a_role_gives_rights_in_its_namespace(things: Things):
    rule = {"apiGroups": [GROUP], "resources": ["things"], "verbs": ["list", "patch"]}
    await grant(things, rule, subject={"kind": "User", "name": "jane"})

    everywhere = f"/apis/{GROUP}/v1/things"
    assert (await things.client.get(things.path, headers=JANE)).status_code == 200
    assert (await things.client.get(everywhere, headers=JANE)).status_code == 403
    assert (await things.client.get(f"{things.path}/a", headers=JANE)).status_code == 403


async def test_an_apply_that_creates_needs_the_right_to_create(things: Things):
    rule = {"apiGroups": [GROUP], "resources": ["things"], "verbs": ["patch"]}
    await grant(things, rule, subject={"kind": "User", "name": "jane"})
    headers = {**JANE, "Content-Type": "application/apply-patch+yaml"}

    async def apply() -> int:
        path, body = f"{things.path}/a?fieldManager=m", things.document("a", {"size": 1})
        return (await things.client.patch(path, json=body, headers=headers)).status_code

    assert await apply() == 403
    await things.create("a")
    assert await apply() == 200


async def test_a_token_makes_who_shows_it_a_service_account(things: Things):
    token = await token_of(things, "bot")
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["one"]}
    await grant(things, rule, subject={"kind": "ServiceAccount", "name": "bot", "namespace": "default"}, cluster=True)
    headers = {"Authorization": f"Bearer {token}"}

    who = await things.client.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", json={}, headers=headers)
    assert who.json()["status"]["userInfo"]["username"] == "system:serviceaccount:default:bot"
    pods = "/api/v1/namespaces/default/pods"
    assert (await things.client.get(f"{pods}/one", headers=headers)).status_code == 404
    assert (await things.client.get(f"{pods}/two", headers=headers)).status_code == 403


async def test_a_token_is_good_for_no_longer_than_its_account(things: Things):
    token = await token_of(things, "bot")
    await things.client.delete("/api/v1/namespaces/default/serviceaccounts/bot")

    review = {"spec": {"token": token}}
    answer = await things.client.post("/apis/authentication.k8s.io/v1/tokenreviews", json=review)

    assert answer.json()["status"] == {"user": {}, "error": "invalid bearer token"}


@pytest.mark.parametrize("token", ["nonsense", ".", "a.b.c", "a.b.ü", "ü.b.c"])
async def test_what_the_server_did_not_sign_is_no_token(things: Things, token: str):
    review = {"spec": {"token": token}}
    answer = await things.client.post("/apis/authentication.k8s.io/v1/tokenreviews", json=review)

    assert answer.status_code == 201
    assert answer.json()["status"] == {"user": {}, "error": "invalid bearer token"}


async def test_only_who_may_can_be_taken_for_another(things: Things):
    headers = {"Authorization": f"Bearer {await token_of(things, 'bot')}", **JANE}

    answer = await things.client.get("/apis", headers=headers)

    assert answer.json()["message"] == (
        'users "jane" is forbidden: User "system:serviceaccount:default:bot" cannot impersonate resource "users" '
        'in API group "" at the cluster scope'
    )


async def test_one_can_ask_what_somebody_may_do(things: Things):
    rule = {"apiGroups": [GROUP], "resources": ["things/status"], "verbs": ["update"]}
    await grant(things, rule, subject={"kind": "Group", "name": "devs"})
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

    async def ask(**wanted: str) -> dict[str, Any]:
        attributes = {"group": GROUP, "resource": "things", "namespace": "default", "verb": "update", **wanted}
        spec = {"user": "jane", "groups": ["devs"], "resourceAttributes": attributes}
        return (await things.client.post(path, json={"spec": spec})).json()["status"]

    assert await ask(subresource="status") == {
        "allowed": True,
        "reason": 'RBAC: allowed by RoleBinding "rb/default" of Role "r" to Group "devs"',
    }
    assert await ask() == {"allowed": False}


async def test_rules_are_listed_for_who_asks(things: Things):
    rule = {"apiGroups": [GROUP], "resources": ["things"], "verbs": ["get"]}
    await grant(things, rule, subject={"kind": "User", "name": "jane"})
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"

    answer = await things.client.post(path, json={"spec": {"namespace": "default"}}, headers=JANE)

    assert rule in answer.json()["status"]["resourceRules"]
    refused = await things.client.post(path, json={"spec": {}}, headers=JANE)
    assert refused.json()["message"] == "no namespace on request"


def test_a_request_shows_no_secrets():
    """It may stand in a traceback or a log."""
    request = Request(
        "POST", "/a", headers={"authorization": "s3cret"}, body=b"s3cret", header_values={"x": ("s3cret",)}
    )

    assert "s3cret" not in repr(request)
