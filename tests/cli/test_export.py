"""Definitions as YAML: on the standard output, in files, and compared with files."""

from __future__ import annotations

import yaml

NAMES = ["ovens.shop.example.com", "pizzas.shop.example.com"]
OTHER_VERSION = """
from kubecrd import Resource, custom_resource, kube_schema


@kube_schema
class Spec:
    size: int


@custom_resource(group="shop.example.com", version="{version}", kind="Cake", storage={storage})
class Cake_{version}(Resource):
    '''Sweet.'''

    spec: Spec
"""


def test_without_a_folder_all_definitions_go_to_the_standard_output(project):
    outcome = project.run("export", "shop.models")

    documents = list(yaml.safe_load_all(outcome.out))
    assert (outcome.code, outcome.err) == (0, "")
    assert [document["metadata"]["name"] for document in documents] == NAMES
    assert {document["kind"] for document in documents} == {"CustomResourceDefinition"}


def test_a_folder_gets_one_file_for_each_definition(project):
    outcome = project.run("export", "shop.models", "--out", "made/crds")

    assert outcome.code == 0
    assert sorted(path.name for path in (project.folder / "made/crds").iterdir()) == [f"{name}.yaml" for name in NAMES]
    texts = [(project.folder / "made/crds" / f"{name}.yaml").read_text() for name in NAMES]
    assert "---\n".join(texts) == project.run("export", "shop.models").out
    assert outcome.err == "".join(f"made/crds/{name}.yaml\twritten\n" for name in NAMES)


def test_a_file_that_is_current_is_not_touched(project):
    project.run("export", "shop.models", "--out", "crds")
    before = [path.stat().st_mtime_ns for path in sorted((project.folder / "crds").iterdir())]

    outcome = project.run("export", "shop.models", "--out", "crds")

    assert outcome.err == "".join(f"crds/{name}.yaml\tunchanged\n" for name in NAMES)
    assert [path.stat().st_mtime_ns for path in sorted((project.folder / "crds").iterdir())] == before


def test_a_check_of_current_files_says_nothing(project):
    project.run("export", "shop.models", "--out", "crds")

    outcome = project.run("export", "shop.models", "--out", "crds", "--check")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_a_check_of_files_that_differ_shows_the_difference_and_changes_nothing(project):
    project.run("export", "shop.models", "--out", "crds")
    path = project.folder / "crds/ovens.shop.example.com.yaml"
    stale = path.read_text().replace("scope: Cluster", "scope: Namespaced")
    path.write_text(stale)

    outcome = project.run("export", "shop.models", "--out", "crds", "--check")

    assert outcome.code == 1
    assert outcome.err == "Error: 1 of 2 files are not current; run the same command without --check\n"
    lines = outcome.out.splitlines()
    assert lines[:2] == ["--- crds/ovens.shop.example.com.yaml", "+++ crds/ovens.shop.example.com.yaml"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ["-  scope: Namespaced", "+  scope: Cluster"]
    assert path.read_text() == stale


def test_a_check_of_a_file_that_is_not_there_shows_all_of_it_as_new(project):
    outcome = project.run("export", "shop.models", "--out", "crds", "--check")

    assert outcome.code == 1
    assert outcome.out.startswith(f"--- /dev/null\n+++ crds/{NAMES[0]}.yaml\n@@ -0,0 +1,")
    assert not (project.folder / "crds").exists()


def test_a_check_sees_line_ends_of_another_system(project):
    project.run("export", "shop.models", "--out", "crds")
    path = project.folder / "crds/ovens.shop.example.com.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert project.run("export", "shop.models", "--out", "crds", "--check").code == 1


def test_a_check_without_a_folder_is_refused(project):
    outcome = project.run("export", "shop.models", "--check")

    assert outcome.code == 2
    assert outcome.err.endswith("Error: --check compares with files; say with --out where they are\n")


def test_a_folder_that_cannot_be_written_is_named(project):
    (project.folder / "file").touch()

    outcome = project.run("export", "shop.models", "--out", "file/crds")

    assert (outcome.code, outcome.err) == (1, "Error: file/crds/ovens.shop.example.com.yaml: Not a directory\n")


def test_what_a_module_takes_from_elsewhere_is_not_its_own(project):
    project.write("shop/operator.py", "from shop.models import Pizza\n")

    outcome = project.run("export", "shop.operator")

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == (
        "Error: Invalid value for MODULE: no custom resource is defined in shop.operator; "
        "name the module that has @custom_resource in it"
    )


def test_a_package_stands_for_what_it_imports_of_itself(project):
    project.write("shop/__init__.py", "from . import models\n")

    assert project.run("export", "shop").out == project.run("export", "shop.models").out


def test_several_modules_are_exported_together_and_each_kind_once(project):
    project.write("shop/sweet.py", OTHER_VERSION.format(version="v1", storage=True))

    outcome = project.run("export", "shop.sweet", "shop.models", "shop.sweet")

    names = [document["metadata"]["name"] for document in yaml.safe_load_all(outcome.out)]
    assert names == ["cakes.shop.example.com", *NAMES]


def test_versions_of_one_kind_become_one_definition_with_the_stored_one_first(project):
    project.write("shop/v1.py", OTHER_VERSION.format(version="v1", storage=False))
    project.write("shop/v2.py", OTHER_VERSION.format(version="v2", storage=True))

    outcome = project.run("export", "shop.v1", "shop.v2")

    versions = yaml.safe_load(outcome.out)["spec"]["versions"]
    assert [(version["name"], version["storage"]) for version in versions] == [("v2", True), ("v1", False)]


def test_the_webhook_that_converts_is_written_where_there_are_several_versions(project):
    project.write("shop/v1.py", OTHER_VERSION.format(version="v1", storage=False))
    project.write("shop/v2.py", OTHER_VERSION.format(version="v2", storage=True))
    modules = ("shop.v1", "shop.v2", "shop.models")

    outcome = project.run("export", *modules, "--conversion-webhook", "shop/operator:9443/convert")

    found = {each["metadata"]["name"]: each["spec"].get("conversion") for each in yaml.safe_load_all(outcome.out)}
    service = {"namespace": "shop", "name": "operator", "path": "/convert", "port": 9443}
    assert found == {
        "cakes.shop.example.com": {
            "strategy": "Webhook",
            "webhook": {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]},
        },
        **dict.fromkeys(NAMES),
    }


def test_a_webhook_that_names_no_service_is_refused(project):
    outcome = project.run("export", "shop.models", "--conversion-webhook", "https://example.com")

    assert outcome.code == 2
    assert "'https://example.com' names no service; write it as shop/operator:9443/convert" in outcome.err


def test_two_versions_that_are_both_stored_are_refused(project):
    for version in ("v1", "v2"):
        project.write(f"shop/{version}.py", OTHER_VERSION.format(version=version, storage=True))

    outcome = project.run("export", "shop.v1", "shop.v2")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "Error: cakes.shop.example.com: of the versions v1, v2, 2 are stored; exactly one must be, "
        "say storage=False to @custom_resource of the others\n"
    )


def test_a_module_that_is_not_there_is_named_with_what_to_write(project):
    outcome = project.run("export", "shop.nothing")

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == (
        "Error: Invalid value for MODULE: no module named 'shop.nothing'; "
        "give it as Python imports it, such as shop.models"
    )
