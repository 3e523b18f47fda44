"""What the server fills into built-in objects, what it refuses, and events that two groups share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.helpers import until_gone, watching

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

CORE = "/api/v1/namespaces/default"
CONTAINER = {"name": "c", "image": "busybox"}
TEMPLATE = {"spec": {"containers": [CONTAINER], "restartPolicy": "Never"}}


async def created(client: httpx.AsyncClient, path: str, document: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(client: httpx.AsyncClient, path: str, document: dict[str, Any]) -> str:
    answer = await client.post(path, json=document)
    assert answer.status_code >= 400, answer.text
    return answer.json()["message"]


async def test_a_job_selects_its_pods_by_its_uid(client):
    job = await created(
        client, "/apis/batch/v1/namespaces/default/jobs", {"metadata": {"name": "j"}, "spec": {"template": TEMPLATE}}
    )

    uid = job["metadata"]["uid"]
    assert job["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    labels = job["spec"]["template"]["metadata"]["labels"]
    assert labels["job-name"] == "j"
    assert labels.items() <= job["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}, "Burstable"),
    ],
    ids=["nothing", "some", "all", "less than the limit"],
)
async def test_a_pod_is_served_as_well_as_it_asks_for(client, resources, quality):
    pod = await created(
        client,
        f"{CORE}/pods",
        {"metadata": {"name": "p"}, "spec": {"containers": [{**CONTAINER, "resources": resources}]}},
    )

    assert pod["status"] == {"phase": "Pending", "qosClass": quality}
    assert pod["spec"]["serviceAccountName"] == pod["spec"]["serviceAccount"] == "default"
    assert [each["key"] for each in pod["spec"]["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]


async def test_a_pod_needs_the_account_it_names(client):
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [CONTAINER], "serviceAccountName": "bot"}}

    assert await refused(client, f"{CORE}/pods", pod) == (
        'pods "p" is forbidden: error looking up service account default/bot: serviceaccount "bot" not found'
    )
    await created(client, f"{CORE}/serviceaccounts", {"metadata": {"name": "bot"}})
    await created(client, f"{CORE}/pods", pod)


async def test_amounts_are_written_in_one_way(client):
    limits = {"cpu": 0.5, "memory": "1024Mi"}
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{**CONTAINER, "resources": {"limits": limits}}]}}

    made = await created(client, f"{CORE}/pods", pod)

    assert made["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "500m", "memory": "1Gi"}
    pod["spec"]["containers"][0]["resources"]["limits"] = {"cpu": "1x"}
    assert "quantities must match the regular expression" in await refused(client, f"{CORE}/pods", pod)


async def test_a_service_is_filled_in(client):
    service = await created(
        client, f"{CORE}/services", {"metadata": {"name": "s"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}
    )

    assert service["spec"] == {
        "clusterIP": "None",
        "clusterIPs": ["None"],
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"leaseDurationSeconds": 0}, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"),
        ({"leaseTransitions": -1}, "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"),
        (
            {"renewTime": "2020-01-01T00:00:00Z"},
            'parsing time "2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
        ),
        (
            {"renewTime": "yesterday"},
            'parsing time "yesterday" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "yesterday" as "2006"',
        ),
    ],
    ids=["duration", "transitions", "fraction", "no time"],
)
async def test_a_lease_that_makes_no_sense_is_refused(client, spec, why):
    path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"

    assert (await refused(client, path, {"metadata": {"name": "l"}, "spec": spec})).endswith(why)


async def test_times_become_utc(client):
    path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    lease = await created(
        client, path, {"metadata": {"name": "l"}, "spec": {"renewTime": "2020-01-01T02:00:00.500000+02:00"}}
    )

    assert lease["spec"]["renewTime"] == "2020-01-01T00:00:00.500000Z"


async def test_a_cron_job_needs_a_time_zone_that_exists(client):
    spec = {"schedule": "@hourly", "timeZone": "Mars/City", "jobTemplate": {"spec": {"template": TEMPLATE}}}
    path = "/apis/batch/v1/namespaces/default/cronjobs"

    message = await refused(client, path, {"metadata": {"name": "c"}, "spec": spec})

    assert message.endswith('spec.timeZone: Invalid value: "Mars/City": unknown time zone Mars/City')


NEW_EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"
NEW_EVENT = {
    "metadata": {"name": "e"},
    "eventTime": "2020-01-01T00:00:00.000000Z",
    "reportingController": "example.com/op",
    "reportingInstance": "op-1",
    "action": "Making",
    "reason": "Made",
    "type": "Normal",
    "note": "It was made",
    "regarding": {"kind": "Thing", "name": "a", "namespace": "default"},
}


async def test_an_event_is_seen_in_both_groups(client):
    await created(client, NEW_EVENTS, NEW_EVENT)

    old = (await client.get(f"{CORE}/events/e")).json()

    assert old["message"] == "It was made"
    assert old["involvedObject"] == NEW_EVENT["regarding"]
    assert old["reportingComponent"] == "example.com/op"
    assert (old["apiVersion"], old["source"], old["firstTimestamp"]) == ("v1", {}, None)
    listed = (await client.get(NEW_EVENTS)).json()["items"]
    assert [each["note"] for each in listed] == ["It was made"]


async def test_changes_of_an_event_are_watched_in_both_groups(client):
    old = {"metadata": {"name": "e"}, "involvedObject": {"namespace": "default"}, "message": "m"}
    async with watching(client, NEW_EVENTS) as events:
        await created(client, f"{CORE}/events", old)

        seen = (await events.next())["object"]

    assert (seen["apiVersion"], seen["note"]) == ("events.k8s.io/v1", "m")


async def test_an_event_of_the_new_group_does_not_change(client):
    await created(client, NEW_EVENTS, NEW_EVENT)

    headers = {"Content-Type": "application/merge-patch+json"}
    answer = await client.patch(f"{NEW_EVENTS}/e", json={"note": "other"}, headers=headers)

    assert answer.json()["message"] == 'Event "e" is invalid: message: Invalid value: "other": field is immutable'


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"eventTime": None}, "eventTime", "Required value"),
        ({"action": ""}, "action", "Required value"),
        ({"type": "Odd"}, "type", 'Invalid value: "": has invalid value: Odd'),
        ({"note": "n" * 1025}, "message", 'Invalid value: "": can have at most 1024 characters'),
        ({"series": {"count": 1}}, "series.count", 'Invalid value: "": should be at least 2'),
        ({"deprecatedCount": 3}, "count", 'Invalid value: "": needs to be unset'),
    ],
    ids=["time", "action", "type", "note", "series", "count"],
)
async def test_an_event_of_the_new_group_is_whole(client, change, field, message):
    answer = await client.post(NEW_EVENTS, json={**NEW_EVENT, **change})

    assert [(each["field"], each["message"]) for each in answer.json()["details"]["causes"]] == [(field, message)]


async def test_a_daemon_set_counts_its_templates(client):
    path = "/apis/apps/v1/namespaces/default/daemonsets"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    made = await created(client, path, {"metadata": {"name": "d"}, "spec": spec})
    headers = {"Content-Type": "application/merge-patch+json"}
    counted = [made["metadata"]["annotations"]]

    for change in ({"minReadySeconds": 1}, {"template": {"metadata": {"labels": {"c": "d"}}}}):
        answer = await client.patch(f"{path}/d", json={"spec": change}, headers=headers)
        counted.append(answer.json()["metadata"]["annotations"])

    assert counted == [{"deprecated.daemonset.template.generation": count} for count in ("1", "1", "2")]


async def test_a_node_takes_no_pods_before_it_is_ready(client):
    node = await created(client, "/api/v1/nodes", {"metadata": {"name": "n"}})
    status = {"status": {"capacity": {"cpu": "4"}}}
    headers = {"Content-Type": "application/merge-patch+json"}
    patched = await client.patch("/api/v1/nodes/n/status", json=status, headers=headers)

    assert node["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
    assert node["status"]["daemonEndpoints"] == {"kubeletEndpoint": {"Port": 0}}
    assert patched.json()["status"]["allocatable"] == {"cpu": "4"}


async def test_a_claim_waits_for_the_pods_that_use_it(client):
    request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = await created(client, f"{CORE}/persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": request})
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}
    await created(
        client, f"{CORE}/pods", {"metadata": {"name": "p"}, "spec": {"containers": [CONTAINER], "volumes": [volume]}}
    )

    await client.delete(f"{CORE}/persistentvolumeclaims/c")
    orphan = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "u"}
    await created(client, f"{CORE}/configmaps", {"metadata": {"name": "o", "ownerReferences": [orphan]}})
    await until_gone(client, f"{CORE}/configmaps", "o")  # whoever lets claims go has looked around
    assert (await client.get(f"{CORE}/persistentvolumeclaims/c")).status_code == 200
    await client.delete(f"{CORE}/pods/p")
    await until_gone(client, f"{CORE}/persistentvolumeclaims", "c")

    assert claim["spec"]["volumeMode"] == "Filesystem"
    assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({}, "spec.ports: Required value"),
        ({"ports": [{"port": 0}]}, "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"),
        (
            {"ports": [{"port": 1, "name": "a"}, {"port": 2, "name": "a"}]},
            'spec.ports[1].name: Duplicate value: "a"',
        ),
        ({"ports": [{"port": 1}, {"port": 2, "name": "a"}]}, "spec.ports[0].name: Required value"),
        (
            {"ports": [{"port": 1, "protocol": "tcp"}]},
            'spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
        ),
        (
            {"ports": [{"port": 1}], "type": "Odd"},
            'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        ),
    ],
    ids=["no ports", "port", "name twice", "no name", "protocol", "type"],
)
async def test_the_ports_of_a_service_are_checked(client, spec, error):
    document = {"metadata": {"name": "s"}, "spec": spec}

    assert await refused(client, f"{CORE}/services", document) == f'Service "s" is invalid: {error}'


async def test_an_empty_list_is_no_empty_map(client):
    body = {"metadata": {"name": "a"}, "data": []}

    answer = await client.post("/api/v1/namespaces/default/configmaps", json=body)

    why = "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string"
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        f'ConfigMap in version "v1" cannot be handled as a ConfigMap: {why}',
    )


async def test_a_body_that_leaves_out_its_version_has_that_of_the_path(client):
    body = {"metadata": {"name": "a"}, "bogus": 1}

    answer = await client.post("/api/v1/namespaces/default/configmaps?fieldValidation=Strict", json=body)

    why = 'strict decoding error: unknown field "bogus"'
    assert answer.json()["message"] == f'ConfigMap in version "v1" cannot be handled as a ConfigMap: {why}'
