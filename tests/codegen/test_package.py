"""Definitions become classes, and the classes give the definitions back."""

from __future__ import annotations

import pytest

from kubecrd.cli.loading import load_module
from kubecrd.codegen.definitions import Style
from kubecrd.codegen.package import comes_back, exporting_module, generate_version, joined, versions_of
from kubecrd.schema.modules import custom_resources
from tests.samples import lossy
from tests.shared import REAL_WORLD, needs, real_world_definitions
from tools.check_generation import check_generation, type_errors

TEXT = {"type": "string"}


def definition(spec=None, *, kind="Widget", group="example.com", **version):
    schema = {
        "type": "object",
        "properties": {"spec": spec or {"type": "object", "properties": {"size": {"type": "integer"}}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": f"{kind.lower()}s"},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
            ],
        },
    }  # fmt: skip


def made(spec, style=None):
    """Generate; a schema that the classes cannot say would be given whole, with an override for each node."""
    (source,) = versions_of([definition(spec)])
    return generate_version(source, style or Style())


def of(**properties):
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    "spec",
    [
        of(**dict.fromkeys(("class", "self", "list", "dict", "1st", "a-b", "a_b", "aB", "größe", "None"), TEXT)),
        of(**dict.fromkeys(("str", "int", "field", "metadata", "Annotated", "annotated", "$ref", "x.y/z"), TEXT)),
        {**of(a=TEXT), "description": 'Says "hello"\\n, and """more""".'},
        of(a={**TEXT, "description": 'ends with a quote"'}, b={**TEXT, "description": "ends with \\"}),
        of(a={**TEXT, "description": "tab\there"}, b={**TEXT, "description": "blank at the end "}),
        {**of(a=TEXT), "description": "What it is.\n\nExample:\n  a: b\n"},
        of(a={**TEXT, "description": "  indented\n    more"}, b={**TEXT, "description": "one\r\ntwo"}),
        of(a={**TEXT, "default": ""}, b={"type": "integer", "default": 0}, c={"type": "boolean", "default": False}),
        of(a={"type": "array", "items": TEXT, "default": []}, b={**of(x=TEXT), "default": {"x": "y"}}),
        of(a={"type": "number", "default": 1}, b={**TEXT, "format": "date-time", "default": "2020-01-01T00:00:00Z"}),
        of(a={**TEXT, "nullable": True}, b={**of(x=TEXT), "nullable": True}, c={**TEXT, "nullable": True, "default": None}),
        of(a={**TEXT, "enum": ["", "a b", "'", '"', "\n"]}, b={"type": "integer", "enum": [1, 2]}),
        of(a={"type": "number", "enum": [1.5]}, b={**TEXT, "nullable": True, "enum": ["a"]}, c={**TEXT, "nullable": True, "enum": ["a", None]}),
        of(a={"type": "object", "x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-embedded-resource": True}),
        of(a={**of(apiVersion=TEXT, spec=of(x=TEXT)), "x-kubernetes-embedded-resource": True, "required": ["spec"]}),
        of(a={"x-kubernetes-preserve-unknown-fields": True}, b={**of(x=TEXT), "x-kubernetes-preserve-unknown-fields": True}),
        of(a={"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": True}}, b={"type": "object"}),
        of(a={"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}}),
        of(a={"type": "array", "items": {"type": "array", "items": TEXT}}),
        of(a={"x-kubernetes-int-or-string": True}, b={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, TEXT]}),
        of(a={"x-kubernetes-int-or-string": True, "allOf": [{"anyOf": [{"type": "integer"}, TEXT]}, {"pattern": "x"}]}),
        of(a={"type": "integer", "format": "uint32", "minimum": 0}, b={**TEXT, "minLength": 0, "title": "B", "example": "x"}),
        of(a={"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 9, "multipleOf": 3}),
        of(a={"type": "array", "items": of(k=TEXT), "x-kubernetes-list-type": "atomic", "uniqueItems": False, "minItems": 1}),
        of(a={"type": "object", "additionalProperties": True}, b={**of(x=TEXT), "x-kubernetes-map-type": "atomic"}),
        of(a={**TEXT, "not": {"pattern": "^x"}}, b={**TEXT, "anyOf": [{"pattern": "a"}, {"format": "ipv4"}]}),
        {**of(a=TEXT, b=TEXT), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {**of(a=TEXT, b=TEXT), "oneOf": [{"required": ["a"]}, {"not": {"required": ["b"]}}]},
        {**of(a=TEXT, b=TEXT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "required": ["b"]},
        {
            **of(a=TEXT, b=TEXT),
            "x-kubernetes-validations": [
                {"rule": "has(self.a)", "message": "a!", "reason": "FieldValueRequired", "fieldPath": ".a"},
                {"rule": "!oldSelf.hasValue() || true", "messageExpression": "'x' + 'y'", "optionalOldSelf": True},
            ],
        },
        of(a=of(x=of(y=of(z=TEXT))), b=of(x=of(y=of(z=TEXT)))),
    ],
)  # fmt: skip
def test_a_schema_comes_back_from_its_classes(spec):
    found = made(spec)

    assert found.overrides < found.nodes, found.text()


def test_a_schema_that_classes_cannot_say_is_given_whole():
    found = made(of(a={**TEXT, "maxLength": 2}), Style(whole_schema=True))

    assert found.overrides == found.nodes
    assert "# The classes cannot say all of this schema; it is given as it is.\n@custom_resource(" in found.text()
    assert "    a: str | None = None\n" in found.text()


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, 'markers=[ExactlyOneOf("a", "b")]'),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, 'markers=[AtLeastOneOf("a", "b")]'),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}}]},
            'markers=[AtMostOneOf("a", "b")]',
        ),
    ],
)  # fmt: skip
def test_how_many_of_some_members_there_are_is_said_in_words(parts, wanted):
    assert wanted in made({**of(a=TEXT, b=TEXT), **parts}).text()


def test_objects_below_the_depth_stay_dictionaries_and_keep_their_schema():
    found = made(of(a=of(b=of(c=TEXT))), Style(depth=2))

    assert [each.name for each in found.model.classes] == ["WidgetA", "WidgetSpec", "Widget"]
    assert "# No type says what SchemaOverride adds; it is kept as it is." in found.text()
    assert found.overrides == 2


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_stays_a_dictionary_has_its_description(depth):
    item = {**of(c=TEXT), "description": "One of them."}
    found = made(
        of(a={"type": "array", "items": item}, b={**item, "nullable": True, "default": {}}), Style(depth=depth)
    )

    assert found.overrides < found.nodes, found.text()


def test_classes_have_short_names_or_those_of_their_path():
    spec = of(a=of(b=of(c=TEXT)))

    assert [each.name for each in made(spec).model.classes] == ["WidgetB", "WidgetA", "WidgetSpec", "Widget"]
    assert [each.name for each in made(spec, Style(names="path")).model.classes] == [
        "WidgetSpecAB",
        "WidgetSpecA",
        "WidgetSpec",
        "Widget",
    ]


def test_a_column_that_leads_nowhere_is_kept():
    (source,) = versions_of(
        [definition(additionalPrinterColumns=[{"name": "X", "type": "string", "jsonPath": ".spec.no"}])]
    )

    assert "check_paths=False" in generate_version(source, Style()).text()


def test_the_package_exports_each_kind_in_the_stored_version():
    crd = definition(name="v1", storage=False)
    crd["spec"]["versions"].append({**crd["spec"]["versions"][0], "name": "v2beta1", "storage": True})
    found = [generate_version(each, Style()) for each in versions_of([crd])]

    assert [each.source.module for each in found] == ["widget_v1", "widget_v2beta1"]
    assert "from . import widget_v1\nfrom .widget_v2beta1 import Widget\n" in exporting_module(
        [each.export for each in found]
    )


def test_the_newest_version_is_exported_where_the_stored_one_is_left_out():
    crd = definition()
    versions = ["v1", "v1beta1", "v1beta2", "v1alpha7"]
    crd["spec"]["versions"] = [
        {**crd["spec"]["versions"][0], "name": name, "storage": name == "v1"} for name in versions
    ]

    assert [each.name for each in versions_of([crd], versions[1:])] == ["", "Widget", ""]


def test_kinds_of_one_name_are_told_apart_by_their_group():
    found = versions_of([definition(group="b.example.com"), definition(group="a.example.com")])

    assert [(each.module, each.name) for each in found] == [
        ("widget_a_example_com_v1", "AExampleComWidget"),
        ("widget_b_example_com_v1", "BExampleComWidget"),
    ]


def test_one_module_takes_all_kinds():
    text, found = joined(versions_of([definition(), definition(kind="Gadget")]), Style())

    assert [each.root for each in found] == ["Gadget", "Widget"]
    assert text.count("from kubecrd import") == 1


def test_what_differs_does_not_come_back():
    assert comes_back({"required": ["a", "b"], "nullable": False}, {"required": ["b", "a"]})
    assert not comes_back({"maxLength": 1}, {"maxLength": 2})


@needs(REAL_WORLD)
def test_classes_express_what_definitions_of_real_projects_say():
    """What does not come back from classes is counted as an override, node by node."""
    found = [generate_version(each, Style()) for each in versions_of(real_world_definitions())]

    assert sum(each.overrides for each in found) <= 0.01 * sum(each.nodes for each in found)


@needs(REAL_WORLD)
def test_definitions_of_real_projects_come_back_are_taken_and_typed(tmp_path, monkeypatch):
    """Every sixth, for time; ``python -m tools.check_generation`` looks at all."""
    monkeypatch.syspath_prepend(tmp_path)

    result = check_generation(real_world_definitions()[::6], tmp_path / "real_world_kinds")

    assert (result.changed, result.refused) == ([], {})
    assert lossy(custom_resources(load_module("real_world_kinds"))) == []
    assert type_errors(tmp_path / "real_world_kinds") == ""
