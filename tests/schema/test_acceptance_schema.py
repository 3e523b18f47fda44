from __future__ import annotations

import pytest

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.acceptance_structural import check_structural
from tests.schema.helpers import S, definition, field, field_refused, refused, texts

OBJECT = {"type": "object"}
STRING = {"type": "string"}

STRUCTURAL = [
    ({}, ["P.type: Required value: must not be empty for specified object fields"]),
    ({"type": "array"}, ["P.items: Required value: must be specified"]),
    ({"type": "array", "items": {}}, ["P.items.type: Required value: must not be empty for specified array items"]),
    ({"x-kubernetes-int-or-string": True}, []),
    ({"x-kubernetes-preserve-unknown-fields": True}, []),
    (
        {"x-kubernetes-int-or-string": True, "x-kubernetes-preserve-unknown-fields": True},
        ["P.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true"],
    ),
    ({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}, []),
    ({"allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}], "x-kubernetes-int-or-string": True}, []),
    (
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "x-kubernetes-int-or-string": True},
        [
            "P.anyOf[0].type: Forbidden: must be empty to be structural",
            "P.anyOf[1].type: Forbidden: must be empty to be structural",
        ],
    ),
    (
        {"type": "object", "not": {"nullable": True, "default": 1, "properties": {"metadata": {}}}},
        [
            "P.not.default: Forbidden: must be undefined to be structural",
            "P.not.nullable: Forbidden: must be false to be structural",
            "P.not.properties[metadata]: Forbidden: must not be specified in a nested context",
        ],
    ),
    (
        {"type": "string", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
        ['P.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true'],
    ),
    (
        {"type": "object", "x-kubernetes-embedded-resource": True},
        [
            ("P.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true "
            "without x-kubernetes-preserve-unknown-fields")
        ],
    ),
    (
        {"type": "string", "pattern": "("},
        ['P.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`'],
    ),
]  # fmt: skip

OPENAPI = [
    ({"type": "int"}, ['P.type: Unsupported value: "int": supported values: "array", "boolean", "integer", "number", "object", "string"']),
    ({"type": "string", "id": "x"}, ["P.id: Forbidden: id is not supported"]),
    ({"type": "string", "$ref": ""}, ["P.$ref: Forbidden: $ref is not supported"]),
    (
        {"type": "array", "items": STRING, "uniqueItems": True},
        ["P.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"],
    ),
    (
        {"type": "object", "properties": {"a": STRING}, "additionalProperties": False},
        ["P.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"],
    ),
    ({"type": "object", "properties": {"a": STRING}, "additionalProperties": True}, []),
    (
        {"type": "string", "x-kubernetes-map-type": "loose"},
        [
            'P.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified',
            'P.x-kubernetes-map-type: Unsupported value: "loose": supported values: "atomic", "granular"',
        ],
    ),
    (
        {"type": "array", "items": OBJECT, "x-kubernetes-list-type": "set"},
        ["P.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set"],
    ),
    (
        {"type": "array", "items": STRING, "x-kubernetes-list-type": "bag"},
        ['P.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
    ),
    (
        {"type": "array", "items": STRING, "x-kubernetes-list-map-keys": ["a"]},
        ["P.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty"],
    ),
    (
        {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k", "o", "k", "zz"],
            "items": {"type": "object", "nullable": True, "properties": {"k": {"type": "string", "nullable": True}, "o": OBJECT}, "required": ["o"]},
        },
        [
            "P.items.properties[o].type: Invalid value: \"object\": must be a scalar type if parent array's x-kubernetes-list-type is map",
            'P.x-kubernetes-list-map-keys: Invalid value: ["k","o","k","zz"]: must not contain duplicate entries',
            'P.x-kubernetes-list-map-keys: Invalid value: ["k","o","k","zz"]: entries must all be names of item properties',
            "P.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map",
            "P.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            "P.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
            "P.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            "P.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
        ],
    ),
]  # fmt: skip


def rule(**entry):
    properties = {"a": STRING, "m": {"type": "object", "additionalProperties": STRING}}
    return {"type": "object", "properties": properties, "x-kubernetes-validations": [entry]}


R = "P.x-kubernetes-validations[0]"
RULES = [
    (rule(rule=" "), [f"{R}.rule: Required value: rule is not specified"]),
    (rule(rule="true", message=" "), [f'{R}.message: Invalid value: " ": must be non-empty if specified']),
    (rule(rule="true", message="a\nb"), [f'{R}.message: Invalid value: "a\\nb": must not contain line breaks']),
    (rule(rule="true\n&& true"), [f"{R}.message: Required value: message must be specified if rule contains line breaks"]),
    (
        rule(rule="true", reason="X"),
        [
            (f'{R}.reason: Unsupported value: "X": supported values: "FieldValueDuplicate", "FieldValueForbidden", '
            '"FieldValueInvalid", "FieldValueRequired"')
        ],
    ),
    (rule(rule="true", fieldPath=".a"), []),
    (rule(rule="true", fieldPath="['a']"), []),
    (rule(rule="true", fieldPath=".m.any"), []),
    (rule(rule="true", fieldPath=".m['any.key']"), []),
    (rule(rule="true", fieldPath="a"), [f'{R}.fieldPath: Invalid value: "a": must be a valid path']),
    (rule(rule="true", fieldPath=".a."), [f'{R}.fieldPath: Invalid value: ".a.": must be a valid path']),
    (rule(rule="true", fieldPath=".m.a.b"), [f'{R}.fieldPath: Invalid value: ".m.a.b": must be a valid path']),
    (rule(rule="true", fieldPath=".zz"), [f'{R}.fieldPath: Invalid value: ".zz": must be a valid path']),
]  # fmt: skip

DEFAULTS = [
    ({"type": "string", "default": 1}, ['P.default: Invalid value: "integer":  in body must be of type string: "integer"']),
    ({"type": "string", "maxLength": 1, "default": "ab"}, ["P.default: Too long: may not be more than 1 byte"]),
    ({"type": "object", "default": {"x": 1}}, ['P.default: Invalid value: {"x":1}: must not have unknown fields']),
    (
        {"type": "object", "properties": {"x": STRING}, "required": ["x"], "default": {}},
        ["P.default.x: Required value"],
    ),
    (
        {"type": "integer", "default": 1.5},
        [
            'P.default: Invalid value: "number":  in body must be of type integer: "number"',
            'P.default: Invalid value: "": Checked value must be of type integer (default format) in ',
        ],
    ),
    ({"x-kubernetes-int-or-string": True, "default": True}, []),
    ({"type": "string", "default": None}, []),
    ({"type": "object", "additionalProperties": {"type": "string", "default": 1}}, []),
    (
        {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
            "default": {"metadata": {"labels": 7}},
        },
        [
            ('P.default.metadata: Invalid value: {"labels":7}: json: cannot unmarshal number into Go struct field '
            "ObjectMeta.labels of type map[string]string"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "wanted"), [*STRUCTURAL, *OPENAPI, *RULES, *DEFAULTS])
def test_a_schema_is_refused_in_the_servers_words(schema, wanted):
    assert field_refused(schema) == wanted


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "object", "nullable": True}, [f"{S}.nullable: Forbidden: nullable cannot be true at the root"]),
        ({"type": "string"}, [f'{S}.type: Invalid value: "string": must be object at the root']),
        ({"type": "object", "additionalProperties": True}, [f"{S}.additionalProperties: Forbidden: must not be used at the root"]),
        ({"type": "object", "$schema": "x"}, [f"{S}: Invalid value: \"\": OpenAPIV3Schema 'schema' is not supported"]),
        ({"type": "object", "properties": {"metadata": {"type": "object", "properties": {"name": {"type": "string", "pattern": "^a"}}}}}, []),
        (
            {"type": "object", "properties": {"metadata": {"type": "object", "description": "x"}}},
            [f"{S}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified"],
        ),
        (
            {"type": "object", "anyOf": [{"properties": {"spec": {"properties": {"y": {"minimum": 1}}}}}], "properties": {"spec": OBJECT}},
            [f"{S}.properties[spec].properties[y]: Required value: because it is defined in {S}.anyOf[0].properties[spec].properties[y]"],
        ),
    ],
)  # fmt: skip
def test_the_root_of_a_schema_has_rules_of_its_own(schema, wanted):
    assert refused(schema) == wanted


def test_structural_errors_come_sorted_and_keep_defaults_and_rules_from_being_looked_at():
    properties = {
        "b": {},
        "a": {"type": "string", "default": 1},
        "c": {"type": "string", "x-kubernetes-validations": [{"rule": "nonsense +"}]},
    }
    assert field_refused({"type": "object", "properties": properties}) == [
        "P.properties[b].type: Required value: must not be empty for specified object fields"
    ]


def test_rules_of_a_node_with_an_error_below_it_are_not_compiled():
    properties = {
        "bad": {"type": "array", "items": STRING, "uniqueItems": True, "x-kubernetes-validations": [{"rule": "1"}]},
        "good": {"type": "string", "x-kubernetes-validations": [{"rule": "1"}]},
    }
    found = field_refused({"type": "object", "properties": properties, "x-kubernetes-validations": [{"rule": "1"}]})
    assert [text.partition(": ")[0] for text in found] == [
        "P.properties[bad].uniqueItems",
        "P.properties[good].x-kubernetes-validations[0].rule",
    ]


def test_completeness_is_asked_for_at_the_root_only():
    inner = {"type": "object", "anyOf": [{"properties": {"y": {"minimum": 1}}}]}
    assert check_structural(field(inner), S) == []


LOOSE = [
    ({"type": "int"}, {"type": "text"}),
    ({"enum": ["a"]}, {"enum": ["b"]}),
    ({"type": "object", "properties": {"a": STRING}, "default": {"b": 1}}, {"type": "object", "properties": {"a": STRING}, "default": {"c": 1}}),
    (
        {"type": "array", "items": OBJECT, "x-kubernetes-list-type": "set"},
        {"type": "array", "items": {"type": "object", "properties": {"a": STRING}}, "x-kubernetes-list-type": "set"},
    ),
    (
        {"type": "array", "items": {**STRING, "nullable": True}, "x-kubernetes-list-type": "set"},
        {"type": "array", "items": {**STRING, "nullable": True, "maxLength": 3}, "x-kubernetes-list-type": "set"},
    ),
]  # fmt: skip
LOOSE_IDS = ["type", "not structural", "default", "set", "nullable item"]


@pytest.mark.parametrize(("stored", "new"), LOOSE, ids=LOOSE_IDS)
def test_what_a_stored_definition_does_not_fulfil_an_update_need_not(stored, new):
    old = prepare_crd(definition(field(stored)))

    assert check_crd(definition(field(new)), old) == []
    assert check_crd(definition(field(new))) != []


@pytest.mark.parametrize(("stored", "new"), LOOSE, ids=LOOSE_IDS)
def test_one_sort_of_fault_lets_no_other_pass(stored, new):
    old = prepare_crd(definition(field(stored)))
    bad = {"type": "object", "properties": {"new": new, "other": {"type": "string", "id": "x"}}}

    assert texts(check_crd(definition(field(bad)), old))[-1].endswith("id: Forbidden: id is not supported")


def test_a_version_that_has_no_schema_may_go_without():
    assert check_crd(definition(False), prepare_crd(definition(False))) == []
