from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kubecrd.server.builtins import builtin_kinds, openapi_document

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

CORE = "/api/v1/namespaces/default"
POD = {"containers": [{"name": "c", "image": "nginx"}]}
LABELLED = {"metadata": {"labels": {"app": "x"}}, "spec": POD}


def obj(**parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a"}, **parts}


async def create(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    return (await client.post(path, json=body)).json()


@pytest.mark.parametrize("kind", list(builtin_kinds()), ids=lambda kind: f"{kind.api_version}/{kind.plural}")
async def test_every_built_in_kind_has_merge_types_of_the_shipped_documents(kind: Any) -> None:
    assert openapi_document(kind.group, kind.version) is not None
    assert kind.make_type_schema is None or kind.make_type_schema() is not None


async def test_a_deployment_is_filled_in_down_to_its_containers(client: httpx.AsyncClient) -> None:
    body = obj(spec={"selector": {"matchLabels": {"app": "x"}}, "template": LABELLED})
    made = await create(client, "/apis/apps/v1/namespaces/default/deployments", body)
    spec = made["spec"]
    assert (spec["replicas"], spec["progressDeadlineSeconds"], spec["revisionHistoryLimit"]) == (1, 600, 10)
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    assert spec["template"]["spec"]["containers"] == [
        {
            "name": "c",
            "image": "nginx",
            "imagePullPolicy": "Always",
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
    ]


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("host:5000/nginx", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("nginx@sha256:abc", "IfNotPresent"),
    ],
)
async def test_an_image_that_may_change_under_its_name_is_pulled_each_time(
    client: httpx.AsyncClient, image: str, policy: str
) -> None:
    made = await create(client, f"{CORE}/pods", obj(spec={"containers": [{"name": "c", "image": image}]}))
    assert made["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("path", "parts", "message"),
    [
        (f"{CORE}/pods", {"spec": {}}, 'Pod "a" is invalid: spec.containers: Required value'),
        (
            f"{CORE}/pods",
            {"spec": {"containers": [{"name": "c", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/"}]}]}},
            'Pod "a" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"',
        ),
        (
            "/apis/apps/v1/namespaces/default/deployments",
            {"spec": {"template": LABELLED}},
            (
                'Deployment.apps "a" is invalid: [spec.selector: Required value, spec.template.metadata.labels: '
                'Invalid value: {"app":"x"}: `selector` does not match template `labels`]'
            ),
        ),
        (
            "/apis/batch/v1/namespaces/default/jobs",
            {"spec": {"template": {"spec": POD}}},
            (
                'Job.batch "a" is invalid: spec.template.spec.restartPolicy: Required value: '
                'valid values: "OnFailure", "Never"'
            ),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
            {"rules": [{"apiGroups": [""], "verbs": ["get"]}]},
            (
                'Role.rbac.authorization.k8s.io "a" is invalid: rules[0].resources: Required value: '
                "resource rules must supply at least one resource"
            ),
        ),
        (
            f"{CORE}/secrets",
            {"type": "kubernetes.io/tls"},
            'Secret "a" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
        ),
        (
            f"{CORE}/events",
            {"involvedObject": {"namespace": "other"}},
            'Event "a" is invalid: involvedObject.namespace: Invalid value: "other": does not match event.namespace',
        ),
    ],
)
async def test_a_built_in_object_is_refused_in_the_servers_words(
    client: httpx.AsyncClient, path: str, parts: dict[str, Any], message: str
) -> None:
    refused = await create(client, path, obj(**parts))
    assert (refused["code"], refused["message"]) == (422, message)


@pytest.mark.parametrize(
    ("path", "parts", "message"),
    [
        (
            f"{CORE}/configmaps",
            {"data": {"k": 1}},
            "cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            f"{CORE}/pods",
            {"spec": {"containers": "c"}},
            "cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            "/apis/apps/v1/namespaces/default/deployments",
            {"spec": {"replicas": "two"}},
            "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            f"{CORE}/pods",
            {"spec": "all"},
            "cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec",
        ),
    ],
)
async def test_a_field_of_a_wrong_type_is_told_as_go_tells_it(
    client: httpx.AsyncClient, path: str, parts: dict[str, Any], message: str
) -> None:
    refused = await create(client, path, obj(**parts))
    assert refused["code"] == 400
    assert refused["message"].endswith(f"json: {message}")
