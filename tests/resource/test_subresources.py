"""Requests to subresources: path, query and body as the server expects them."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kubecrd import ApiResource
from kubecrd.errors import RequestError
from kubecrd.resource.params import DeleteParams, WriteParams
from kubecrd.resource.subresources import (
    ExecParams,
    LogParams,
    attach,
    cordon,
    evict,
    exec_,
    log,
    port_forward,
    restart,
    service_account_token,
)

NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 5, tzinfo=dt.UTC)
DEPLOYMENT = ApiResource("apps", "v1", "Deployment", "deployments")
POD = "/api/v1/namespaces/team/pods/web"


@pytest.mark.parametrize(
    ("built", "method", "target"),
    [
        pytest.param(log("web", namespace="team"), "GET", f"{POD}/log", marks=pytest.mark.kube_rs("K60")),
        (
            log("web", namespace="team", params=LogParams(container="a", follow=True, previous=True, timestamps=True)),
            "GET",
            f"{POD}/log?container=a&follow=true&previous=true&timestamps=true",
        ),
        (
            log("web", namespace="team", params=LogParams(since=dt.timedelta(minutes=1))),
            "GET",
            f"{POD}/log?sinceSeconds=60",
        ),
        (log("web", namespace="team", params=LogParams(since=dt.timedelta(0))), "GET", f"{POD}/log?sinceSeconds=1"),
        (
            log("web", namespace="team", params=LogParams(since=NOON)),
            "GET",
            f"{POD}/log?sinceTime=2026-01-02T12%3A00%3A00Z",
        ),
        (
            log("web", namespace="team", params=LogParams(tail_lines=0, limit_bytes=9)),
            "GET",
            f"{POD}/log?limitBytes=9&tailLines=0",
        ),
        pytest.param(
            exec_("web", ["sh", "-c", "a b"], namespace="team"),
            "GET",
            f"{POD}/exec?command=sh&command=-c&command=a%20b&stdout=true&stderr=true",
            marks=pytest.mark.kube_rs("K63"),
        ),
        pytest.param(
            attach("web", namespace="team", params=ExecParams.interactive("a")),
            "GET",
            f"{POD}/attach?container=a&stdin=true&stdout=true&tty=true",
            marks=pytest.mark.kube_rs("K62"),
        ),
        pytest.param(
            port_forward("web", [80, 443], namespace="team"),
            "GET",
            f"{POD}/portforward?ports=80%2C443",
            marks=pytest.mark.kube_rs("K64"),
        ),
    ],
)
def test_the_streams_of_a_pod_are_asked_for(built, method, target):
    assert (built.method, built.target) == (method, target)


@pytest.mark.kube_rs("K61")
def test_an_eviction_says_how_to_delete():
    built = evict("web", namespace="team", options=DeleteParams(grace_period=0), params=WriteParams(dry_run=True))

    assert built.target == f"{POD}/eviction?dryRun=All"
    assert json.loads(built.body) == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "web", "namespace": "team"},
        "deleteOptions": {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0},
    }


def test_a_plain_eviction_has_no_options():
    assert "deleteOptions" not in json.loads(evict("web", namespace="team").body)


@pytest.mark.kube_rs("K68")
def test_a_token_is_asked_for():
    built = service_account_token("bot", {"expirationSeconds": 600}, namespace="team")

    assert built.target == "/api/v1/namespaces/team/serviceaccounts/bot/token"
    assert json.loads(built.body) == {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 600},
    }


@pytest.mark.kube_rs("K53")
def test_a_restart_is_the_one_of_kubectl():
    built = restart(DEPLOYMENT, "web", namespace="team", now=NOON)
    annotations = json.loads(built.body)["spec"]["template"]["metadata"]["annotations"]

    assert built.target == "/apis/apps/v1/namespaces/team/deployments/web"
    assert annotations == {"kubectl.kubernetes.io/restartedAt": "2026-01-02T12:00:00Z"}


@pytest.mark.kube_rs("K54")
@pytest.mark.parametrize(("on", "value"), [(True, True), (False, None)])
def test_a_node_is_closed_and_opened_to_new_pods(on, value):
    built = cordon("n1", on=on)

    assert built.target == "/api/v1/nodes/n1"
    assert built.headers["Content-Type"] == "application/strategic-merge-patch+json"
    assert json.loads(built.body) == {"spec": {"unschedulable": value}}


@pytest.mark.kube_rs("K41")
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: log("", namespace="team"), "Pod: the name is empty; an object is found by its name"),
        (lambda: evict("", namespace="team"), "Pod: the name is empty; an object is found by its name"),
        (lambda: attach("", namespace="team"), "Pod: the name is empty; an object is found by its name"),
        (lambda: log("a", namespace=""), "Pod is namespaced; say which namespace to read or write one object in"),
        (lambda: LogParams(tail_lines=-1), "tail_lines is -1; give 0 or more lines"),
        (lambda: LogParams(limit_bytes=0), "limit_bytes is 0; give 1 byte or more"),
        (lambda: exec_("a", [], namespace="b"), 'a command is a list of its words, such as ["sh", "-c", "date"]'),
        (lambda: exec_("a", "ls", namespace="b"), 'a command is a list of its words, such as ["sh", "-c", "date"]'),
        (
            lambda: ExecParams(stdout=False, stderr=False),
            "no stream is asked for; set one of stdin, stdout and stderr",
        ),
        (
            lambda: ExecParams(tty=True),
            "a terminal has no stderr of its own; set stderr=False, or ExecParams.interactive()",
        ),
        (lambda: port_forward("a", [], namespace="b"), "0 ports; forward 1 to 128 at once"),
        (lambda: port_forward("a", [0], namespace="b"), "0 is no port; ports are 1 to 65535"),
        (lambda: port_forward("a", [80, 80], namespace="b"), "80 is there twice; name each port once"),
        (
            lambda: restart(ApiResource("", "v1", "Pod", "pods"), "a", namespace="b", now=NOON),
            "Pod: only DaemonSet, Deployment, ReplicaSet, StatefulSet of apps are restarted",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_it_is_sent(build, message):
    with pytest.raises(RequestError) as raised:
        build()

    assert str(raised.value) == message
