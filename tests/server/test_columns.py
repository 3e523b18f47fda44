from __future__ import annotations

from typing import Any

import pytest

from kubecrd.server.builtins import builtin_kinds
from kubecrd.server.columns import builtin_columns
from kubecrd.server.tables import as_table

META = {"name": "a", "creationTimestamp": "2020-01-01T00:00:00Z"}


def cells_of(plural: str, obj: dict[str, Any]) -> dict[str, Any]:
    return {column.name: column.cell({"metadata": META, **obj}) for column in builtin_columns(plural)}


@pytest.mark.parametrize(
    ("plural", "obj", "shown"),
    [
        ("configmaps", {"data": {"a": "1"}, "binaryData": {"b": "AA=="}}, {"Data": 2}),
        (
            "services",
            {"spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]}},
            {"Cluster-IP": "<none>", "External-IP": "<none>", "Port(s)": "80:30080/TCP", "Selector": "<none>"},
        ),
        ("services", {"spec": {"type": "LoadBalancer"}}, {"External-IP": "<pending>"}),
        (
            "pods",
            {
                "spec": {"containers": [{"name": "c"}, {"name": "d"}]},
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {"ready": True, "restartCount": 1},
                        {"restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
                    ],
                },
            },
            {"Ready": "1/2", "Status": "CrashLoopBackOff", "Restarts": "3", "Node": "<none>"},
        ),
        (
            "deployments",
            {
                "spec": {
                    "replicas": 2,
                    "selector": {
                        "matchLabels": {"app": "x"},
                        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["b", "a"]}],
                    },
                    "template": {"spec": {"containers": [{"name": "c", "image": "nginx"}]}},
                },
                "status": {"readyReplicas": 1},
            },
            {"Ready": "1/2", "Containers": "c", "Images": "nginx", "Selector": "app=x,tier in (a,b)"},
        ),
        ("daemonsets", {"spec": {}, "status": {}}, {"Desired": 0, "Node Selector": "<none>"}),
        ("jobs", {"spec": {"parallelism": 3}, "status": {"succeeded": 1}}, {"Completions": "1/1 of 3", "Duration": ""}),
        (
            "jobs",
            {
                "spec": {"completions": 1},
                "status": {"startTime": "2020-01-01T00:00:00Z", "completionTime": "2020-01-01T00:00:42Z"},
            },
            {"Completions": "0/1", "Duration": "42s"},
        ),
        (
            "ingresses",
            {"spec": {"rules": [{"host": f"{letter}.x"} for letter in "abcd"], "tls": [{}]}},
            {"Class": "<none>", "Hosts": "a.x,b.x,c.x + 1 more...", "Ports": "80, 443"},
        ),
        (
            "persistentvolumes",
            {
                "spec": {
                    "capacity": {"storage": "1Gi"},
                    "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
                    "claimRef": {"namespace": "ns", "name": "c"},
                }
            },
            {"Capacity": "1Gi", "Access Modes": "RWO,RWX", "Claim": "ns/c", "VolumeMode": "<unset>"},
        ),
        ("poddisruptionbudgets", {"spec": {"minAvailable": "50%"}}, {"Min Available": "50%", "Max Unavailable": "N/A"}),
        (
            "horizontalpodautoscalers",
            {
                "spec": {
                    "scaleTargetRef": {"kind": "Deployment", "name": "web"},
                    "maxReplicas": 5,
                    "metrics": [
                        {
                            "type": "Resource",
                            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
                        }
                    ],
                }
            },
            {"Reference": "Deployment/web", "Targets": "cpu: <unknown>/50%", "MinPods": "<unset>", "MaxPods": 5},
        ),
        (
            "rolebindings",
            {
                "roleRef": {"kind": "ClusterRole", "name": "view"},
                "subjects": [
                    {"kind": "ServiceAccount", "namespace": "ns", "name": "bot"},
                    {"kind": "User", "name": "u"},
                ],
            },
            {"Role": "ClusterRole/view", "Users": "u", "Groups": "", "ServiceAccounts": "ns/bot"},
        ),
        ("nodes", {"spec": {"unschedulable": True}}, {"Status": "Unknown,SchedulingDisabled", "Internal-IP": "<none>"}),
        ("validatingwebhookconfigurations", {"webhooks": [{}, {}]}, {"Webhooks": 2}),
    ],
)
def test_the_cells_of_a_built_in_kind_are_those_of_a_real_server(
    plural: str, obj: dict[str, Any], shown: dict[str, Any]
) -> None:
    cells = cells_of(plural, obj)
    assert {name: cells[name] for name in shown} == shown


@pytest.mark.parametrize("kind", list(builtin_kinds()), ids=lambda kind: f"{kind.api_version}/{kind.plural}")
def test_every_built_in_kind_prints_an_object_of_which_only_the_name_is_known(kind: Any) -> None:
    obj = {"metadata": META, "roleRef": {}, "spec": {}, "status": {}}
    table = as_table(obj, kind, is_list=False)
    assert len(table["rows"][0]["cells"]) == len(table["columnDefinitions"])
    names = [column["description"] for column in table["columnDefinitions"] if column["name"] == "Name"]
    assert names[0].startswith("Name must be unique within a namespace.")


def test_the_description_of_a_column_is_that_of_its_field_without_the_list_of_values() -> None:
    services = next(kind for kind in builtin_kinds() if kind.plural == "services")
    columns = as_table({"items": []}, services, is_list=True)["columnDefinitions"]
    assert columns[1]["description"].startswith("type determines how the Service is exposed.")
    assert "Possible enum values" not in columns[1]["description"]


@pytest.mark.parametrize(("plural", "rows"), [("roles", None), ("configmaps", [])])
def test_a_table_of_nothing_has_no_rows_or_null_where_the_kind_has_no_printer(plural: str, rows: object) -> None:
    kind = next(kind for kind in builtin_kinds() if kind.plural == plural)
    assert as_table({"items": []}, kind, is_list=True)["rows"] == rows
