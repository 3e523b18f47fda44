"""What the API server would say, in the terminal: to definitions, to objects, and about upgrades."""

import json

import httpx
import pytest
import yaml

from kubecrd.server.app import ApiServer
from kubecrd.server.process import running_server

GOOD = {"apiVersion": "shop.example.com/v1", "kind": "Pizza", "metadata": {"name": "a"}, "spec": {"size": 1}}
BAD = {**GOOD, "spec": {"size": "big", "sauce": "red"}}


@pytest.fixture
def written(project):
    """Writes documents into files of the project."""

    def write(name, *documents):
        (project.folder / name).write_text(yaml.safe_dump_all(documents))
        return name

    return write


def test_good_definitions_are_told_so(project):
    outcome = project.run("check", "shop.models")

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "2 definitions checked: 0 errors, 0 warnings\n"


def test_a_wrong_definition_is_told_with_file_document_and_field(project, written):
    definition = next(yaml.safe_load_all(project.run("export", "shop.models").out))
    definition["spec"]["scope"] = "Nowhere"

    outcome = project.run("check", written("crds.yaml", definition))

    assert outcome.code == 1
    assert outcome.out == (
        'crds.yaml\t1\tspec.scope\tFieldValueNotSupported\tUnsupported value: "Nowhere": '
        'supported values: "Cluster", "Namespaced"\n'
    )


@pytest.fixture
def misspelt(project, written):
    """A definition with a rule about a field that is not there."""
    definition = next(
        each
        for each in yaml.safe_load_all(project.run("export", "shop.models").out)
        if each["spec"]["names"]["kind"] == "Pizza"
    )
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": "self.sise > 1"}]
    return written("crds.yaml", definition)


def test_what_may_help_stands_below_the_words_of_the_server(project, misspelt):
    outcome = project.run("check", misspelt)

    assert outcome.out.endswith("undefined field 'sise'\n | self.sise > 1\n | ....^\ndid you mean 'size'?\n")


def test_what_may_help_is_no_part_of_the_message_in_json(project, misspelt):
    [finding] = json.loads(project.run("check", misspelt, "--output", "json").out)

    assert finding["message"].endswith("undefined field 'sise'\n | self.sise > 1\n | ....^")
    assert finding["suggestion"] == "did you mean 'size'?"


def test_definitions_in_a_folder_are_checked(project):
    project.run("export", "shop.models", "--out", "crds")

    assert project.run("check", "crds").err == "2 definitions checked: 0 errors, 0 warnings\n"


def test_good_objects_are_told_so(project, written):
    outcome = project.run("validate", written("a.yaml", GOOD, GOOD), "--crd", "shop.models")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "2 objects checked: 0 errors, 0 warnings\n")


def test_wrong_objects_are_told_and_unknown_fields_warned_of(project, written):
    outcome = project.run("validate", written("a.yaml", GOOD, BAD), "--crd", "shop.models", "--output", "json")

    assert outcome.code == 1
    assert json.loads(outcome.out) == [
        {
            "file": "a.yaml",
            "document": 2,
            "field": "spec.sauce",
            "reason": "Warning",
            "message": "unknown field, which is dropped",
        },
        {
            "file": "a.yaml",
            "document": 2,
            "field": "spec.size",
            "reason": "FieldValueTypeInvalid",
            "message": 'Invalid value: "string": spec.size in body must be of type integer: "string"',
        },
    ]


def test_what_was_wrong_before_may_stay(project, written):
    old, new = written("old.yaml", BAD), written("new.yaml", {**BAD, "metadata": {"name": "a", "labels": {"x": "z"}}})

    assert project.run("validate", new, "--crd", "shop.models").code == 1
    assert project.run("validate", new, "--old", old, "--crd", "shop.models").code == 0


def test_objects_of_other_kinds_are_passed_over(project, written):
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}

    outcome = project.run("validate", written("a.yaml", config_map), "--crd", "shop.models")

    assert outcome.code == 0
    assert "no definition is given for ConfigMap of the core group" in outcome.out


def test_a_misspelt_kind_of_a_known_group_is_an_error(project, written):
    outcome = project.run("validate", written("a.yaml", {**GOOD, "kind": "Pizzza"}), "--crd", "shop.models")

    assert outcome.code == 1
    assert outcome.out == (
        "a.yaml\t1\tkind\tNotFound\tno definition is given for Pizzza of shop.example.com; "
        "of its group there are Oven, Pizza\n"
    )


def test_plain_scalars_are_what_the_server_takes_them_for(project):
    """PyYAML makes a date of the one, and text of the other; and only it takes the last for text."""
    head = "apiVersion: shop.example.com/v1, kind: Pizza"
    project.write("a.yaml", f"{{{head}, metadata: {{name: 2026-01-01}}, spec: {{size: 1e1}}}}")
    project.write("b.yaml", f"{{{head}, metadata: {{name: a, labels: {{fresh: y}}}}, spec: {{size: 1}}}}")

    assert project.run("validate", "a.yaml", "--crd", "shop.models").code == 0
    assert "cannot unmarshal bool" in project.run("validate", "b.yaml", "--crd", "shop.models").out


def test_an_update_of_a_definition_is_compared_with_the_installed_one(project, written):
    definitions = list(yaml.safe_load_all(project.run("export", "shop.models").out))
    for definition in definitions:
        definition["status"] = {"conditions": [{"type": "Established", "status": "True"}], "storedVersions": ["v0"]}
        definition["spec"]["scope"] = "Cluster"

    outcome = project.run("check", "shop.models", "--old", written("old.yaml", *definitions))

    assert outcome.code == 1
    assert 'spec.scope\tFieldValueInvalid\tInvalid value: "Namespaced": field is immutable' in outcome.out
    assert 'storedVersions[0]\tFieldValueInvalid\tInvalid value: "v0": missing from spec.versions' in outcome.out


def test_a_misspelt_field_of_a_definition_is_warned_of(project, written):
    definition = next(yaml.safe_load_all(project.run("export", "shop.models").out))
    definition["spec"]["shortNames"] = ["o"]

    outcome = project.run("check", written("crd.yaml", definition))

    assert outcome.code == 0
    assert outcome.out == "crd.yaml\t1\tspec.shortNames\tWarning\tunknown field, which is dropped\n"


def test_a_status_is_validated_against_the_stored_object(project, written):
    project.write(
        "shop/baked.py",
        """
        from kubecrd import Resource, custom_resource, kube_schema


        @kube_schema
        class CakeStatus:
            slices: int


        @custom_resource(group="cakes.example.com", version="v1")
        class Cake(Resource):
            status: CakeStatus | None = None
        """,
    )
    head = {"apiVersion": "cakes.example.com/v1", "kind": "Cake", "metadata": {"name": "a"}}
    old, new = written("old.yaml", head), written("new.yaml", {**head, "status": {"slices": "many"}})
    arguments = ("validate", new, "--crd", "shop.baked", "--old", old)

    assert project.run(*arguments).code == 0  # the status is not written by an update of the object
    outcome = project.run(*arguments, "--subresource", "status")
    assert outcome.code == 1
    assert outcome.out.startswith("new.yaml\t1\tstatus.slices\tFieldValueTypeInvalid")


def test_an_upgrade_that_breaks_is_told(project, written):
    definitions = list(yaml.safe_load_all(project.run("export", "shop.models").out))
    for definition in definitions:
        properties = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].get("properties", {})
        if "spec" in properties:
            properties["spec"]["properties"]["size"]["minimum"] = 10

    outcome = project.run("compare", "shop.models", written("new.yaml", *definitions))

    assert outcome.code == 1
    assert outcome.out == "breaking\tpizzas.shop.example.com\tv1: spec.size\tthe minimum is 10 now; there was none\n"
    assert outcome.err == "2 definitions compared: 1 breaking change, 0 warnings\n"


def test_an_upgrade_that_breaks_nothing_is_told_so(project):
    assert project.run("compare", "shop.models", "shop.models").code == 0


def test_an_upgrade_is_compared_with_what_is_installed_in_a_cluster(project, written):
    """A definition that the cluster does not have is new, and breaks nothing."""
    definitions = yaml.safe_load_all(project.run("export", "shop.models").out)
    installed = next(each for each in definitions if each["spec"]["names"]["kind"] == "Pizza")
    spec = installed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["crust"] = {"type": "string"}

    with running_server(ApiServer) as url:
        httpx.post(f"{url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=installed).raise_for_status()
        config = {
            "clusters": [{"name": "a", "cluster": {"server": url}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}],
            "current-context": "a",
        }
        arguments = ("--cluster", "--kubeconfig", written("config", config))
        outcome = project.run("compare", "shop.models", *arguments)

    assert outcome.code == 1
    assert outcome.out == (
        "breaking\tpizzas.shop.example.com\tv1: spec.crust\tthe field is gone: what is stored in it is dropped\n"
    )
    assert outcome.err == "1 definition compared: 1 breaking change, 0 warnings\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shop.models",), "name OLD and NEW, or --cluster and NEW"),
        (("a.yaml", "shop.models", "--cluster"), "name NEW alone, since OLD is in the cluster"),
        (("a.yaml", "shop.models", "--context", "a"), "--kubeconfig and --context choose a cluster; add --cluster"),
    ],
)
def test_a_comparison_says_what_it_needs(project, arguments, message):
    outcome = project.run("compare", *arguments)

    assert outcome.code == 2
    assert message in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere.yaml"), "nowhere.yaml: No such file or directory"),
        (("check", "nowhere"), "no module named 'nowhere'"),
        (("validate", "nowhere.yaml", "--crd", "shop.models"), "nowhere.yaml: No such file or directory"),
        (("validate", "a.yaml", "--crd", "nowhere.yaml"), "nowhere.yaml: No such file or directory"),
        (
            ("validate", "a.yaml", "--crd", "shop.models", "--subresource", "status"),
            "--subresource writes to stored objects; say with --old where they are",
        ),
    ],
)
def test_a_source_that_is_not_there_is_told(project, arguments, message):
    outcome = project.run(*arguments)

    assert outcome.code == 2
    assert message in outcome.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "crd.yaml: yaml: line 1: did not find expected node content"),
        ("- a", "crd.yaml: document 1 is no mapping"),
        ("{kind: CustomResourceDefinition, spec: 1}", "json: cannot unmarshal number into Go struct field"),
        ("kind: CustomResourceDefinition", "the definition: no version is served, so no object is taken"),
        ("kind: Other", "no definition is in crd.yaml"),
    ],
)
def test_definitions_that_nobody_can_use_are_told(project, text, message):
    project.write("crd.yaml", text)
    project.write("a.yaml", "kind: Pizza")

    outcome = project.run("validate", "a.yaml", "--crd", "crd.yaml")

    assert outcome.code == 2
    assert message in outcome.err
