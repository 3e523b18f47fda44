"""The classes of the built-in kinds say what the server's OpenAPI documents say, and hold what servers and kubectl write."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import kubecrd
from kubecrd import ObjectMeta, Resource, custom_resource, kube_schema
from kubecrd.codegen.builtin import SHIPPED_VERSION, builtin_files, shipped_documents
from kubecrd.k8s.apps.v1 import Deployment
from kubecrd.k8s.authentication.v1 import (
    TokenRequest,
    TokenRequestSpec,
    TokenRequestStatus,
    TokenReview,
    TokenReviewSpec,
)
from kubecrd.k8s.coordination.v1 import Lease, LeaseSpec
from kubecrd.k8s.core.v1 import Container, ContainerPort, PodSpec, PodTemplate, PodTemplateSpec, Secret
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.derivation import Derivation
from kubecrd.server.process import running_server, write_kubeconfig

SCHEMAS: dict[str, dict[str, Any]] = {}
for _document in shipped_documents():
    SCHEMAS |= _document["components"]["schemas"]

NAME = re.compile(r"^io\.k8s\..*\.(?P<group>[a-z]+)\.(?P<version>v\d+)\.(?P<name>\w+)$")
META = {"apiVersion", "kind", "metadata"}
WHOLE = {"ObjectMeta", "ListMeta"}
"""Inside a template only a part of the metadata is a template's to set."""
NOT_OUR_KEYS = {
    "ServiceAccount.secrets",
    "FlowSchemaStatus.conditions",
    "PriorityLevelConfigurationStatus.conditions",
    "ResourceClaimStatus.devices",
}
"""Lists of built-in kinds whose keys may be absent, which no definition may have; the server takes the absent for empty."""


def classes() -> list[Any]:
    found = []
    for name in sorted(SCHEMAS):
        match = NAME.match(name)
        if match is None or match["group"] == "apiextensions":
            continue
        module = importlib.import_module(f"kubecrd.k8s.{match['group']}.{match['version']}")
        cls = getattr(module, match["name"], None)
        if cls is not None and cls.__module__ == module.__name__:
            found.append(pytest.param(cls, SCHEMAS[name], id=f"{match['group']}.{match['version']}.{match['name']}"))
    return found


def resolved(node: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    for part in node.get("allOf") or ():
        node = {**node, **part}
    if "$ref" not in node:
        return "", node
    name = node["$ref"].rpartition("/")[2]
    return name.rpartition(".")[2], {**SCHEMAS[name], **node}


def differences(document: dict[str, Any], derived: dict[str, Any], path: str = ""):
    """Yield where a derived schema says something else than the document, beside descriptions and defaults."""
    name, node = resolved(document)
    match name:
        case "Quantity" | "IntOrString":
            if not derived.get("x-kubernetes-int-or-string"):
                yield path, name, derived
        case "RawExtension" | "FieldsV1":
            if not derived.get("x-kubernetes-preserve-unknown-fields"):
                yield path, name, derived
        case _ if name not in WHOLE:
            yield from differences_of_node(node, derived, path, is_ours=name == "Condition")


def differences_of_node(node: dict[str, Any], derived: dict[str, Any], path: str, *, is_ours: bool):
    for word in ("type", "format", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"):
        is_bytes = word == "x-kubernetes-list-type" and node["type"] == "string"
        if derived.get(word) != node.get(word) and not is_bytes:
            yield path, word, node.get(word), derived.get(word)
    properties, found = node.get("properties") or {}, derived.get("properties") or {}
    skipped = META if set(properties) >= META and not path else set()
    if set(found) != set(properties) - skipped:
        yield path, "properties", set(found) ^ (set(properties) - skipped)
    if set(derived.get("required") or ()) != set(node.get("required") or ()) - skipped:
        yield path, "required", node.get("required"), derived.get("required")
    for name in set(properties) & set(found):
        if not (is_ours and name == "status"):  # ours says which values there are
            yield from differences(properties[name], found[name], f"{path}.{name}")
    for word in ("items", "additionalProperties"):
        if isinstance(node.get(word), dict):
            yield from differences(node[word], derived.get(word, {}), f"{path}[]")


@pytest.mark.parametrize(("cls", "document"), classes())
def test_a_class_says_what_the_document_says(cls, document):
    derivation = Derivation()
    derived = derivation.of_class(cls)

    assert list(differences(document, derived)) == []
    assert [problem for problem in derivation.problems if problem.where not in NOT_OUR_KEYS] == []


def test_the_package_is_what_the_documents_give():
    files = builtin_files(shipped_documents(), package="kubecrd.k8s", version=SHIPPED_VERSION)
    root = Path(kubecrd.__file__).parent / "k8s"

    assert {path: (root / path).read_text(encoding="utf-8") for path in files} == files


def test_a_module_does_not_import_those_it_refers_to():
    code = "import sys, kubecrd.k8s.apps.v1; print('kubecrd.k8s.core.v1' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_value_that_a_newer_server_knows_is_read():
    container = {"name": "web", "imagePullPolicy": "Sometimes"}
    document = {"apiVersion": "v1", "kind": "PodTemplate", "template": {"spec": {"containers": [container]}}}
    template = PodTemplate.from_dict(document)

    assert template.template is not None
    assert template.template.spec is not None
    assert template.template.spec.containers[0].image_pull_policy == "Sometimes"


@pytest.mark.kube_rs("K28")
def test_a_time_of_a_lease_has_six_digits():
    lease = Lease(spec=LeaseSpec(renew_time=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)))

    assert lease.to_dict()["spec"] == {"renewTime": "2026-01-02T03:04:05.000000Z"}


def test_what_is_not_set_is_not_shown():
    assert repr(ContainerPort(container_port=80)) == "ContainerPort(container_port=80)"


def test_equal_objects_are_equal_and_others_are_not():
    assert Container(name="a") == Container(name="a")
    assert Container(name="a") != Container(name="b")
    assert Container(name="a") != "a"


def test_a_pod_template_is_inlined_into_a_definition():
    @kube_schema
    class CacheSpec:
        template: PodTemplateSpec

    @custom_resource(group="shop.example.com", version="v1")
    class Cache(Resource):
        spec: CacheSpec

    crd = Cache.crd().to_dict()
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    pod = spec["properties"]["template"]["properties"]["spec"]

    assert check_crd(prepare_crd(crd)) == []
    assert pod["properties"]["containers"]["x-kubernetes-list-map-keys"] == ["name"]
    made = Cache(spec=CacheSpec(template=PodTemplateSpec(spec=PodSpec(containers=[Container(name="a", image="b")]))))
    assert made.to_dict()["spec"] == {"template": {"spec": {"containers": [{"image": "b", "name": "a"}]}}}


CREATED = {
    "clusterrole": "a --verb=get --resource=pods",
    "clusterrolebinding": "a --clusterrole=b --user=c",
    "configmap": "a --from-literal=b=c",
    "cronjob": "a --image=b --schedule=1_*_*_*_* -- sleep 5",
    "deployment": "a --image=b --port=80 --replicas=2",
    "ingress": "a --rule=x.example.com/*=web:80,tls=cert",
    "job": "a --image=b",
    "namespace": "a",
    "poddisruptionbudget": "a --selector=b=c --min-available=50%",
    "priorityclass": "a --value=1000",
    "quota": "a --hard=cpu=1,memory=1Gi,pods=2",
    "role": "a --verb=get --resource=pods,deployments.apps",
    "rolebinding": "a --role=b --serviceaccount=c:d",
    "secret docker-registry": "a --docker-server=b.example.com --docker-username=c --docker-password=d",
    "secret generic": "a --from-literal=b=c",
    "service clusterip": "a --tcp=80:8080",
    "service externalname": "a --external-name=example.com",
    "service loadbalancer": "a --tcp=80:web",
    "service nodeport": "a --tcp=80 --node-port=30000",
    "serviceaccount": "a",
}


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory):
    """A server, which kubectl asks what the names of resources are."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    path = tmp_path_factory.mktemp("kubectl") / "config"
    with running_server() as url:
        write_kubeconfig(path, url)
        yield path


def class_of(document: dict[str, Any]) -> type[Resource]:
    for param in classes():
        cls = param.values[0]
        if issubclass(cls, Resource) and (cls.api_version, cls.kind) == (document["apiVersion"], document["kind"]):
            return cls
    raise LookupError(document["kind"])


def without_empty(value: Any) -> Any:
    """Leave out nulls: kubectl prints Go's zero times."""
    if isinstance(value, dict):
        return {name: without_empty(member) for name, member in value.items() if member is not None}
    return [without_empty(member) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize("what", CREATED)
def test_what_kubectl_makes_is_read_and_written_without_loss(what, kubeconfig):
    options = [part.replace("_", " ") for part in CREATED[what].split()]
    command = ["kubectl", f"--kubeconfig={kubeconfig}", "create", *what.split(), "--dry-run=client", "-oyaml"]
    at = options.index("--") if "--" in options else len(options)
    made = subprocess.run([*command, *options[:at], *options[at:]], capture_output=True, text=True, check=True)
    document = yaml.safe_load(made.stdout)

    assert class_of(document).from_dict(document).to_dict() == without_empty(document)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes a certificate, is not installed")
def test_a_certificate_that_kubectl_packs_is_read_and_written_without_loss(kubeconfig, tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    making = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=a",
        "-keyout",
        key,
        "-out",
        cert,
    ]
    subprocess.run(making, check=True, capture_output=True)
    command = [
        "kubectl",
        f"--kubeconfig={kubeconfig}",
        "create",
        "secret",
        "tls",
        "a",
        f"--cert={cert}",
        f"--key={key}",
    ]
    made = subprocess.run([*command, "--dry-run=client", "-oyaml"], capture_output=True, text=True, check=True)
    document = yaml.safe_load(made.stdout)

    assert document["type"] == "kubernetes.io/tls"
    assert class_of(document).from_dict(document).to_dict() == without_empty(document)


@pytest.mark.kube_rs("K9")
def test_deployments_have_the_identity_of_deployments():
    assert Deployment.api_resource.api_version == "apps/v1"
    assert Deployment.api_resource.plural == "deployments"
    assert Deployment.api_resource.namespaced


@pytest.mark.parametrize(
    "obj",
    [
        Secret(metadata=ObjectMeta(name="a"), data={"password": b"opensesame"}, string_data={"user": "opensesame"}),
        TokenRequest(spec=TokenRequestSpec(audiences=[]), status=TokenRequestStatus(token="opensesame")),
        TokenReview(spec=TokenReviewSpec(token="opensesame")),
    ],
    ids=["Secret", "TokenRequest", "TokenReview"],
)
def test_no_secret_is_in_a_repr(obj):
    assert "opensesame" not in repr(obj)
    assert "opensesame" in str(obj.to_dict())
