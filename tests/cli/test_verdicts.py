"""What the API server would say, in the terminal: to definitions, to objects, and about upgrades."""

import json

import pytest
import yaml

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
    old, new = written("old.yaml", BAD), written("new.yaml", {**BAD, "metadata": {"name": "a", "labels": {"x": "y"}}})

    assert project.run("validate", new, "--crd", "shop.models").code == 1
    assert project.run("validate", new, "--old", old, "--crd", "shop.models").code == 0


def test_objects_of_other_kinds_are_passed_over(project, written):
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}

    outcome = project.run("validate", written("a.yaml", config_map), "--crd", "shop.models")

    assert outcome.code == 0
    assert "no definition is given for ConfigMap of the core group" in outcome.out


def test_an_upgrade_that_breaks_is_told(project, written):
    definitions = list(yaml.safe_load_all(project.run("export", "shop.models").out))
    for definition in definitions:
        properties = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].get("properties", {})
        if "spec" in properties:
            properties["spec"]["properties"]["size"]["minimum"] = 10

    outcome = project.run("compare", "shop.models", written("new.yaml", *definitions))

    assert outcome.code == 1
    assert outcome.out == "breaking\tpizzas.shop.example.com\tv1: spec.size\tthe minimum is 10 now; there was none\n"
    assert outcome.err == "2 definitions compared: 1 breaking changes, 0 warnings\n"


def test_an_upgrade_that_breaks_nothing_is_told_so(project):
    assert project.run("compare", "shop.models", "shop.models").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere.yaml"), "nowhere.yaml: No such file or directory"),
        (("check", "nowhere"), "no module named 'nowhere'"),
        (("validate", "nowhere.yaml", "--crd", "shop.models"), "nowhere.yaml: No such file or directory"),
    ],
)
def test_a_source_that_is_not_there_is_told(project, arguments, message):
    outcome = project.run(*arguments)

    assert outcome.code == 2
    assert message in outcome.err
