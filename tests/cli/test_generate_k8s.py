"""The built-in kinds of other versions of Kubernetes: from a folder of documents, or from a cluster."""

from __future__ import annotations

import json

import pytest

from kubecrd.cli.loading import load_module
from kubecrd.codegen.builtin import SHIPPED_VERSION, shipped_documents
from tests.cli.servers import serving

LEASE = "/apis/coordination.k8s.io/v1/leases"


def lease_document(**info):
    """Give the document of the smallest group that refers to another."""
    document = next(each for each in shipped_documents() if LEASE in each["paths"])
    return {**document, "info": {"title": "Kubernetes", **info}}


@pytest.fixture
def folder(project):
    """A folder that holds the documents of a version of Kubernetes."""

    def write(name: str = "specs", **info):
        project.write(f"{name}/apis__coordination.k8s.io__v1_openapi.json", json.dumps(lease_document(**info)))
        project.write(f"{name}/apis_openapi.json", '{"openapi": "3.0.0", "paths": {"/apis/": {}}}')
        return name

    return write


def run(project, *arguments):
    return project.run("generate", "k8s", *arguments)


def test_a_folder_of_documents_becomes_a_package(project, folder):
    outcome = run(project, "--version", "v1.32", "--from", folder(version="unversioned"), "--out", "shop/k8s")

    assert outcome.code == 0
    assert outcome.err == "Kubernetes v1.32: 3 modules, 8 classes, 1 of them kinds, in shop/k8s\n"
    lease = load_module("shop.k8s.coordination.v1").Lease
    assert lease.api_resource.path("a", "b") == "/apis/coordination.k8s.io/v1/namespaces/a/leases/b"
    assert '"""Kubernetes coordination/v1, as of v1.32."""' in (
        project.folder / "shop/k8s/coordination/v1.py"
    ).read_text("utf-8")


def test_versions_live_side_by_side(project, folder):
    run(project, "--version", "v1.31", "--from", folder("a"), "--out", "shop/k8s_1_31")
    run(project, "--version", "v1.32", "--from", folder("b"), "--out", "shop/k8s_1_32")
    old, new = (load_module(f"shop.{name}.coordination.v1").Lease for name in ("k8s_1_31", "k8s_1_32"))
    document = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}}

    assert old is not new
    assert old.from_dict(document).to_dict() == new.from_dict(document).to_dict() == document


def test_the_version_is_what_the_documents_say(project, folder):
    outcome = run(project, "--from", folder(version="v1.33.2"), "--out", "shop/k8s")

    assert outcome.err.startswith("Kubernetes v1.33: ")


def test_files_that_are_current_pass_the_check(project, folder):
    arguments = ("--from", folder(version="1.33"), "--out", "shop/k8s")
    run(project, *arguments)
    assert run(project, *arguments, "--check").code == 0

    (project.folder / "shop/k8s/meta/v1.py").unlink()
    outcome = run(project, *arguments, "--check")

    assert outcome.code == 1
    assert outcome.out.startswith("--- /dev/null\n+++ shop/k8s/meta/v1.py\n")
    assert outcome.err == "Error: 1 of 7 files are not current; run the same command without --check\n"


def test_files_of_ones_own_are_kept(project, folder):
    project.write("shop/k8s/__init__.py", "mine = 1\n")

    outcome = run(project, "--from", folder(version="1.33"), "--out", "shop/k8s")

    assert outcome.code == 1
    assert outcome.err == (
        "Error: shop/k8s/__init__.py was not generated, and is not overwritten; choose another --out, or say --force\n"
    )


def test_the_version_of_a_cluster_is_asked_for(project):
    with serving(project):
        outcome = run(project, "--cluster", "--kubeconfig", "kc", "--out", "shop/k8s")

    *_, summary = outcome.err.splitlines()  # where the machine is busy, it is told how far the work is
    assert (outcome.code, summary.partition(":")[0]) == (0, f"Kubernetes {SHIPPED_VERSION}")
    assert load_module("shop.k8s.apps.v1").Deployment.api_version == "apps/v1"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (
            ["--version", "v1.32"],
            (
                f"what comes with kubecrd is of Kubernetes {SHIPPED_VERSION}, not v1.32; for the documents of v1.32 say --from "
                "FOLDER, one such as api/openapi-spec/v3 on Kubernetes' branch release-1.32, or --cluster where a cluster of "
                "that version is at hand"
            ),
        ),
        (["--from", "specs"], "specs: the documents do not say of which version they are; say --version"),
        (
            ["--from", "empty"],
            (
                "empty: no OpenAPI v3 documents here; it should hold what a server gives at /openapi/v3/…, one file a group and "
                "version, such as apis__apps__v1.json"
            ),
        ),
    ],
)
def test_what_is_missing_is_said_with_the_way_to_it(project, folder, arguments, fault):
    folder(version="unversioned")
    (project.folder / "empty").mkdir()

    outcome = run(project, *arguments, "--out", "shop/k8s")

    assert (outcome.code, outcome.err) == (1, f"Error: {fault}\n")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--version", "1.32"], "'1.32' is no version of Kubernetes; write it as v1.32"),
        (["--from", ".", "--cluster"], "--from and --cluster are two places to read from; say one of them"),
        (["--context", "c"], "--kubeconfig and --context choose a cluster; say --cluster too"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(project, arguments, fault):
    outcome = run(project, *arguments, "--out", "shop/k8s")

    assert outcome.code == 2
    assert fault in outcome.err


def test_a_reference_to_nowhere_is_told_with_its_path(project):
    document = lease_document(version="1.33")
    schemas = dict(document["components"]["schemas"])
    schemas["io.k8s.api.coordination.v1.LeaseSpec"] = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"$ref": "#/components/schemas/io.k8s.api.core.v1.Gone"}}},
    }
    project.write("specs/a.json", json.dumps({**document, "components": {"schemas": schemas}}))

    outcome = run(project, "--from", "specs", "--out", "shop/k8s")

    assert (outcome.code, outcome.err) == (
        1,
        (
            "Error: components.schemas[io.k8s.api.coordination.v1.LeaseSpec].properties[a]: refers to "
            "'io.k8s.api.core.v1.Gone', which is in none of the documents; give those of all groups of one server together\n"
        ),
    )
