"""A real kubectl against the embedded server, command by command, as on a cluster."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from examples.webapp.models import WebApp
from kubecrd.schema.manifests import dump
from kubecrd.server.process import running_server, write_kubeconfig

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the path")

EXAMPLES = Path(__file__).parents[2] / "examples" / "webapp"


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory):
    """Runs kubectl against a server of its own, in which the WebApp definition is installed."""
    folder = tmp_path_factory.mktemp("kubectl")
    with running_server() as url:
        write_kubeconfig(folder / "kubeconfig", url)
        (folder / "crd.yaml").write_text(dump(WebApp.crd().to_dict()))

        def run(*arguments, stdin=None, code=0):
            command = ["kubectl", "--kubeconfig", folder / "kubeconfig", "--cache-dir", folder / "cache", *arguments]
            done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == code, done.stderr
            return done.stdout + done.stderr

        run("apply", "-f", folder / "crd.yaml")
        run("wait", "--for=condition=Established", "crd/webapps.apps.example.com", "--timeout=10s")
        yield run


@pytest.fixture
def shop(kubectl):
    """The example shop, there for one test."""
    kubectl("apply", "-f", EXAMPLES / "shop.yaml")
    yield "shop"
    kubectl("delete", "webapp", "shop", "--ignore-not-found")


def test_get_lists_the_namespaces_of_a_new_cluster(kubectl):
    listed = kubectl("get", "ns")

    assert listed.splitlines()[0].split() == ["NAME", "STATUS", "AGE"]
    assert {line.split()[0] for line in listed.splitlines()[1:]} >= {"default", "kube-system", "kube-public"}


def test_apply_creates_and_then_leaves_unchanged(kubectl, shop):
    assert kubectl("apply", "-f", EXAMPLES / "shop.yaml") == "webapp.apps.example.com/shop unchanged\n"


def test_get_wide_shows_the_columns_of_the_definition(kubectl, shop):
    head, row = kubectl("get", "webapps", "-o", "wide").splitlines()

    assert head.split() == ["NAME", "IMAGE", "REPLICAS", "READY", "URL", "AGE"]
    assert row.split()[:3] == ["shop", "registry.example.com/shop:1.4.2", "3"]


def test_get_hides_columns_of_low_priority(kubectl, shop):
    assert "IMAGE" not in kubectl("get", "wa")


def test_explain_shows_the_descriptions_of_the_class(kubectl):
    explained = kubectl("explain", "webapps.spec")

    assert "FIELD: spec <Object>" in explained
    assert "How many instances run." in explained


def test_explain_goes_into_lists(kubectl):
    assert "Where the application listens." in kubectl("explain", "webapps.spec.ports.port")


def test_apply_tells_what_the_schema_refuses(kubectl):
    told = kubectl("apply", "-f", EXAMPLES / "refused-by-schema.yaml", code=1)

    assert 'The WebApp "misspelt" is invalid' in told
    assert "spec.tenant: Required value" in told


def test_apply_tells_what_a_rule_refuses(kubectl):
    told = kubectl("apply", "-f", EXAMPLES / "refused-by-rule.yaml", code=1)

    assert "replicas must lie within the bounds of autoscaling" in told
    assert "minReplicas is 20, above maxReplicas, which is 10" in told


def test_apply_refuses_a_field_the_schema_does_not_know(kubectl):
    document = json.loads(kubectl("create", "--dry-run=client", "-o", "json", "-f", EXAMPLES / "worker.yaml"))
    document["spec"]["replica"] = 3

    told = kubectl("apply", "-f", "-", stdin=json.dumps(document), code=1)

    assert 'unknown field "spec.replica"' in told


def test_server_side_apply_tells_who_owns_a_field(kubectl, shop):
    document = {
        "apiVersion": "apps.example.com/v1",
        "kind": "WebApp",
        "metadata": {"name": "shop", "namespace": "default"},
        "spec": {"replicas": 4},
    }

    told = kubectl("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=json.dumps(document), code=1)

    assert 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply"' in told
    assert ".spec.replicas" in told


def test_server_side_apply_takes_over_when_forced(kubectl, shop):
    manifest = (EXAMPLES / "shop.yaml").read_text().replace("replicas: 3", "replicas: 4")

    told = kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=manifest)

    assert told == "webapp.apps.example.com/shop serverside-applied\n"


def test_wait_returns_when_a_condition_is_true(kubectl, shop):
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Tested",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    patch = json.dumps({"status": {"conditions": [condition]}})
    kubectl("patch", "webapp", "shop", "--subresource=status", "--type=merge", "-p", patch)

    told = kubectl("wait", "--for=condition=Ready", "webapp/shop", "--timeout=10s")

    assert told == "webapp.apps.example.com/shop condition met\n"


def test_wait_gives_up_when_time_is_up(kubectl, shop):
    assert "timed out waiting" in kubectl("wait", "--for=condition=Never", "webapp/shop", "--timeout=1s", code=1)


def test_scale_sets_the_replicas(kubectl, shop):
    kubectl("scale", "webapp/shop", "--replicas=5")

    assert kubectl("get", "webapp", "shop", "-o", "jsonpath={.spec.replicas}") == "5"


@pytest.mark.parametrize(("verb", "field"), [("label", "labels"), ("annotate", "annotations")])
def test_labels_and_annotations_are_set(kubectl, shop, verb, field):
    kubectl(verb, "webapp", "shop", "team=a")

    assert kubectl("get", "webapp", "shop", "-o", f"jsonpath={{.metadata.{field}.team}}") == "a"


def test_replace_guards_against_lost_updates(kubectl, shop):
    document = json.loads(kubectl("get", "webapp", "shop", "-o", "json"))
    document["metadata"]["resourceVersion"] = "1"

    told = kubectl("replace", "-f", "-", stdin=json.dumps(document), code=1)

    assert "the object has been modified; please apply your changes to the latest version" in told


def test_delete_waits_until_the_object_is_gone(kubectl, shop):
    kubectl("delete", "webapp", "shop")

    assert 'webapps.apps.example.com "shop" not found' in kubectl("get", "webapp", "shop", code=1)


def test_api_resources_lists_the_kind_with_its_short_name(kubectl):
    rows = [line.split() for line in kubectl("api-resources").splitlines()]

    assert ["webapps", "wa", "apps.example.com/v1", "true", "WebApp"] in rows


def test_get_all_includes_kinds_of_that_category(kubectl, shop):
    assert "webapp.apps.example.com/shop" in kubectl("get", "all")


def test_built_in_kinds_are_stored(kubectl):
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"},
        "data": {"a": "1", "b": "2"},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    assert kubectl("get", "configmap", "settings").splitlines()[1].split()[:2] == ["settings", "2"]


def test_a_namespace_goes_with_what_is_in_it(kubectl):
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "short-lived"}}
    kubectl("apply", "-f", "-", stdin=json.dumps(namespace))
    manifest = (EXAMPLES / "worker.yaml").read_text().replace("namespace: default", "namespace: short-lived")
    kubectl("apply", "-f", "-", stdin=manifest)

    kubectl("delete", "namespace", "short-lived")

    assert "No resources found" in kubectl("get", "webapps", "-n", "short-lived")


def test_version_tells_the_server(kubectl):
    assert "Server Version: v1.36" in kubectl("version")


CREATED = {
    "deployment": "--image=a:1 --image=b --replicas=0",
    "job": "--image=a -- sleep 5",
    "cronjob": "--image=a --schedule=@daily",
    "ingress": "--rule=a.example/x*=svc:http,tls=t --annotation=a=b",
    "service clusterip": "--tcp=80:8080",
    "service nodeport": "--tcp=80:http --node-port=30000",
    "service externalname": "--external-name=a.example",
    "secret docker-registry": "--docker-username=a --docker-password=b",
    "role": "--verb=get,list --resource=pods,deployments.apps",
    "clusterrole": "--verb=get --non-resource-url=/logs/*",
    "rolebinding": "--clusterrole=view --user=joe --serviceaccount=default:ann",
    "clusterrolebinding": "--clusterrole=view --group=dev",
    "quota": "--hard=cpu=1500m,memory=1Gi,pods=2 --scopes=NotTerminating",
    "poddisruptionbudget": "--selector=app=a --min-available=50%",
    "priorityclass": "--value=-1 --description=low",
    "configmap": "--from-literal=a=b",
    "namespace": "",
}


def by_kind(listed):
    """Give what was made of each kind, without what is another one's each time an object is made."""
    found = {}
    for document in json.loads(listed)["items"]:
        for name in ("uid", "resourceVersion", "creationTimestamp"):
            del document["metadata"][name]
        kind = document["kind"], document["spec"].get("type") if document["kind"] == "Service" else ""
        found[kind] = json.loads(re.sub(r'"[0-9a-f-]{36}"', '"uid"', json.dumps(document)))
    return found


def test_create_sends_protobuf_that_means_what_its_yaml_says(kubectl):
    """kubectl sends built-in kinds in protobuf, and prints them as YAML when it is not to send them."""
    names, printed = [], []
    for number, (what, said) in enumerate(CREATED.items()):
        options, _, command = said.partition(" -- ")
        names.append(f"{what.split()[0]}/made-{number}")
        arguments = ["create", *what.split(), f"made-{number}", *options.split()]
        command = ["--", *command.split()] if command else []
        kubectl(*arguments, *command)
        printed.append(kubectl(*arguments, "--dry-run=client", "-o", "yaml", *command))

    sent = by_kind(kubectl("get", *names, "-o", "json"))
    kubectl("delete", *names)
    kubectl("create", "-f", "-", stdin="---\n".join(printed))

    assert by_kind(kubectl("get", *names, "-o", "json")) == sent
    assert len(sent) == len(CREATED)
