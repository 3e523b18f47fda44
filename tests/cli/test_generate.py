"""Classes written from definitions: into a package, into one module, and compared with what is there."""

from __future__ import annotations

import pytest
import yaml

from kubecrd.client._httpx import httpx
from tests.cli.servers import serving

CRDS = "crds.yaml"
OPTIONS = ("generate", CRDS, "--out", "shop/kinds")


@pytest.fixture
def crds(project):
    """The definitions of the project's kinds, in a file."""
    project.write(CRDS, project.run("export", "shop.models").out)
    return project


def test_a_package_is_written_and_gives_the_definitions_back(crds):
    outcome = crds.run(*OPTIONS)

    assert outcome.code == 0
    assert outcome.err == (
        "Oven\tv1\toven_v1\t1\t0\t1\t0\n"
        "Pizza\tv1\tpizza_v1\t2\t2\t3\t0\n"
        "2 modules: 3 classes with 2 fields say 100.00 % of 4 schemas; overrides keep 0\n"
    )
    assert list(yaml.safe_load_all(crds.run("export", "shop.kinds").out)) == list(
        yaml.safe_load_all((crds.folder / CRDS).read_text())
    )


def test_the_conversion_of_a_definition_comes_back(crds):
    document = next(yaml.safe_load_all((crds.folder / CRDS).read_text()))
    webhook = {"clientConfig": {"url": "https://example.com/convert"}, "conversionReviewVersions": ["v1"]}
    document["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    document["metadata"] |= {"labels": {"a": "b"}, "annotations": {"c": "d"}}
    crds.write(CRDS, yaml.safe_dump(document))

    crds.run(*OPTIONS)

    assert yaml.safe_load(crds.run("export", "shop.kinds").out) == document


def test_the_same_definitions_give_the_same_bytes(crds):
    crds.run(*OPTIONS)
    before = {path: path.read_bytes() for path in (crds.folder / "shop/kinds").iterdir()}

    assert crds.run(*OPTIONS).code == 0
    assert {path: path.read_bytes() for path in (crds.folder / "shop/kinds").iterdir()} == before
    assert crds.run(*OPTIONS, "--check").code == 0


def test_a_check_shows_what_differs_and_writes_nothing(crds):
    crds.run(*OPTIONS)
    path = crds.folder / "shop/kinds/oven_v1.py"
    path.write_text(edited := path.read_text().replace("Where it is baked.", "Elsewhere."))

    outcome = crds.run(*OPTIONS, "--check")

    assert outcome.code == 1
    assert '-    """Elsewhere."""\n+    """Where it is baked."""\n' in outcome.out
    assert outcome.err == "Error: 1 of 3 files are not current; run the same command without --check\n"
    assert path.read_text() == edited


def test_files_that_were_written_by_hand_are_kept(crds):
    crds.write("shop/kinds/__init__.py", "mine = 1\n")

    outcome = crds.run(*OPTIONS)

    assert outcome.code == 1
    assert outcome.err == (
        "Error: shop/kinds/__init__.py was not generated, and is not overwritten; choose another --out, or say --force\n"
    )
    assert [path.name for path in (crds.folder / "shop/kinds").iterdir()] == ["__init__.py"]
    assert crds.run(*OPTIONS, "--force").code == 0


def test_one_module_takes_all_kinds(crds):
    assert crds.run("generate", CRDS, "--out", "shop/all.py", "--single").code == 0
    assert crds.run("export", "shop.all").out == (crds.folder / CRDS).read_text()


def test_only_the_wanted_kinds_are_written(crds):
    crds.run(*OPTIONS, "--kind", "Oven")

    assert sorted(path.name for path in (crds.folder / "shop/kinds").iterdir()) == ["__init__.py", "oven_v1.py"]


def test_nothing_wanted_is_wrong_usage(crds):
    outcome = crds.run(*OPTIONS, "--kind", "Cake")

    assert outcome.code == 2
    assert "no definition of the wanted kinds and versions is there" in outcome.err


def test_other_documents_are_counted(crds):
    text = (crds.folder / CRDS).read_text()
    crds.write(CRDS, f"{text}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n")

    assert crds.run(*OPTIONS).err.startswith("1 documents of other kinds are passed over\n")


def test_a_definition_that_the_server_refuses_is_named_with_its_file_and_document(crds):
    documents = list(yaml.safe_load_all((crds.folder / CRDS).read_text()))
    del documents[1]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["type"]
    crds.write(CRDS, yaml.safe_dump_all(documents))

    outcome = crds.run(*OPTIONS)

    assert outcome.code == 1
    assert outcome.err == (
        "Error: crds.yaml, document 2: spec.validation.openAPIV3Schema.properties[spec].type: "
        "Required value: must not be empty for specified object fields\n"
    )


def test_definitions_of_an_old_api_are_refused(crds):
    crds.write(CRDS, "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n")

    assert crds.run(*OPTIONS).err == (
        "Error: crds.yaml, document 1: apiVersion is 'apiextensions.k8s.io/v1beta1'; only apiextensions.k8s.io/v1 is read\n"
    )


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--out", "x"], "name a file, a folder or -, or say --cluster"),
        ([CRDS], "say with --out where the classes go"),
        ([CRDS, "--out", "x", "--context", "c"], "--kubeconfig and --context choose a cluster; say --cluster too"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(crds, arguments, fault):
    outcome = crds.run("generate", *arguments)

    assert outcome.code == 2
    assert f"Error: {fault}\n" in outcome.err


def test_definitions_are_read_from_a_cluster(crds):
    with serving(crds) as url:
        for document in yaml.safe_load_all((crds.folder / CRDS).read_text()):
            httpx.post(f"{url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=document)
        cluster = ("generate", "--cluster", "--kubeconfig", "kc", "--out")
        assert crds.run(*cluster, "shop/kinds").code == 0
        assert crds.run(*cluster, "shop/ovens", "ovens.shop.example.com").code == 0

    names = sorted(path.name for path in (crds.folder / "shop/kinds").iterdir())
    assert names == ["__init__.py", "oven_v1.py", "pizza_v1.py"]
    assert sorted(path.name for path in (crds.folder / "shop/ovens").iterdir()) == ["__init__.py", "oven_v1.py"]
