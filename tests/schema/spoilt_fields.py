"""Parts of schemas that no API server takes, each with what it says of them, word for word.

``{P}`` in an error is the path of the field that the part was put in.
"""

from __future__ import annotations

from typing import Any, Final

STRING: Final = {"type": "string"}
OBJECT: Final = {"type": "object"}
WITH_KEY: Final = {"type": "object", "properties": {"k": STRING}, "required": ["k"]}
MAP_KEYS: Final = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
NO_FIELDS_TWICE: Final = "additionalProperties and properties are mutual exclusive"
A_MAP_KEY: Final = "this property is in x-kubernetes-list-map-keys, so it "
STRUCTURAL: Final[dict[str, tuple[Any, list[str]]]] = {
    "no type": ({}, ["{P}.type: Required value: must not be empty for specified object fields"]),
    "a type in anyOf alone": (
        {"anyOf": [STRING, {"type": "boolean"}]},
        [
            "{P}.anyOf[0].type: Forbidden: must be empty to be structural",
            "{P}.anyOf[1].type: Forbidden: must be empty to be structural",
            "{P}.type: Required value: must not be empty for specified object fields",
        ],
    ),
    "no items": ({"type": "array"}, ["{P}.items: Required value: must be specified"]),
    "items without a type": (
        {"type": "array", "items": {}},
        ["{P}.items.type: Required value: must not be empty for specified array items"],
    ),
    "values without a type": (
        {"type": "object", "additionalProperties": {"nullable": True}},
        ["{P}.additionalProperties.type: Required value: must not be empty for specified object fields"],
    ),
    "a default in allOf": (
        {"type": "string", "allOf": [{"default": "a"}]},
        ["{P}.allOf[0].default: Forbidden: must be undefined to be structural"],
    ),
    "a description in oneOf": (
        {"type": "string", "oneOf": [{"description": "a"}]},
        ["{P}.oneOf[0].description: Forbidden: must be empty to be structural"],
    ),
    "nullable in not": (
        {"type": "string", "not": {"nullable": True}},
        ["{P}.not.nullable: Forbidden: must be false to be structural"],
    ),
    "rules in anyOf": (
        {"type": "string", "anyOf": [{"x-kubernetes-validations": [{"rule": "true"}]}]},
        ["{P}.anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural"],
    ),
    "metadata in a junctor": (
        {"type": "object", "anyOf": [{"properties": {"metadata": {}}}]},
        ["{P}.anyOf[0].properties[metadata]: Forbidden: must not be specified in a nested context"],
    ),
    "an int-or-string that keeps unknown fields": (
        {"x-kubernetes-int-or-string": True, "x-kubernetes-preserve-unknown-fields": True},
        [
            ("{P}.x-kubernetes-preserve-unknown-fields: Invalid value: true: "
            "must be false if x-kubernetes-int-or-string is true")
        ],
    ),
    "an embedded resource that is text": (
        {"type": "string", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
        ['{P}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true'],
    ),
    "an embedded resource of nothing": (
        {"type": "object", "x-kubernetes-embedded-resource": True},
        [
            ("{P}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true "
            "without x-kubernetes-preserve-unknown-fields")
        ],
    ),
    "an embedded resource whose kind is a number": (
        {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"kind": {"type": "integer"}}},
        ['{P}.properties[kind].type: Invalid value: "integer": must be string'],
    ),
    "a pattern of another language": (
        {"type": "string", "pattern": "(?<=a)b"},
        [
            ('{P}.pattern: Invalid value: "(?<=a)b": must be a valid regular expression, but isn\'t: '
            "error parsing regexp: invalid named capture: `(?<=a)b`")
        ],
    ),
    "a pattern that is not closed": (
        {"type": "string", "pattern": "[a"},
        [
            ('{P}.pattern: Invalid value: "[a": must be a valid regular expression, but isn\'t: '
            "error parsing regexp: missing closing ]: `[a`")
        ],
    ),
}  # fmt: skip

KEYWORDS: Final[dict[str, tuple[Any, list[str]]]] = {
    "a type of another language": (
        {"type": "int"},
        ['{P}.type: Unsupported value: "int": supported values: "array", "boolean", "integer", "number", "object", "string"'],
    ),
    "a property of type null": (
        {"type": "null"},
        [
            '{P}.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
            "{P}.type: Forbidden: type cannot be set to null, use nullable as an alternative",
        ],
    ),
    "unique items": (
        {"type": "array", "items": STRING, "uniqueItems": True},
        ["{P}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"],
    ),
    "no more properties": (
        {"type": "object", "properties": {"a": STRING}, "additionalProperties": False},
        [f"{{P}}.additionalProperties: Forbidden: {NO_FIELDS_TWICE}"],
    ),
    "a map with properties": (
        {"type": "object", "properties": {"a": STRING}, "additionalProperties": STRING},
        [f"{{P}}.additionalProperties: Forbidden: {NO_FIELDS_TWICE}"],
    ),
    "an atomic text": (
        {"type": "string", "x-kubernetes-map-type": "atomic"},
        ['{P}.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified'],
    ),
    "an unknown map type": (
        {"type": "object", "x-kubernetes-map-type": "loose"},
        ['{P}.x-kubernetes-map-type: Unsupported value: "loose": supported values: "atomic", "granular"'],
    ),
    "a list type of a text": (
        {"type": "string", "x-kubernetes-list-type": "atomic"},
        ['{P}.type: Invalid value: "string": must be array if x-kubernetes-list-type is specified'],
    ),
    "an unknown list type": (
        {"type": "array", "items": STRING, "x-kubernetes-list-type": "bag"},
        ['{P}.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
    ),
    "a set of objects": (
        {"type": "array", "items": OBJECT, "x-kubernetes-list-type": "set"},
        [
            ("{P}.items.x-kubernetes-map-type: Invalid value: null: "
            "must be atomic as item of a list with x-kubernetes-list-type=set")
        ],
    ),
    "a set of sets": (
        {
            "type": "array",
            "items": {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"},
            "x-kubernetes-list-type": "set",
        },
        [
            ('{P}.items.x-kubernetes-list-type: Invalid value: "set": '
            "must be atomic as item of a list with x-kubernetes-list-type=set")
        ],
    ),
    "a set of what may be null": (
        {"type": "array", "items": {**STRING, "nullable": True}, "x-kubernetes-list-type": "set"},
        ["{P}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set"],
    ),
    "keys without a list map": (
        {"type": "array", "items": WITH_KEY, "x-kubernetes-list-map-keys": ["k"]},
        ["{P}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty"],
    ),
    "a list map without keys": (
        {"type": "array", "items": WITH_KEY, "x-kubernetes-list-type": "map"},
        ["{P}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map"],
    ),
    "a list map of texts": (
        {"type": "array", "items": STRING, **MAP_KEYS},
        [
            "{P}.items.type: Invalid value: \"string\": must be object if parent array's x-kubernetes-list-type is map",
        ],
    ),
    "a key that is no scalar": (
        {"type": "array", "items": {"type": "object", "properties": {"k": OBJECT}, "required": ["k"]}, **MAP_KEYS},
        [
            ('{P}.items.properties[k].type: Invalid value: "object": '
            "must be a scalar type if parent array's x-kubernetes-list-type is map")
        ],
    ),
    "a key that may be absent": (
        {"type": "array", "items": {"type": "object", "properties": {"k": STRING}}, **MAP_KEYS},
        [f"{{P}}.items.properties[k].default: Required value: {A_MAP_KEY}must have a default or be a required property"],
    ),
    "a key that may be null": (
        {
            "type": "array",
            "items": {"type": "object", "properties": {"k": {**STRING, "nullable": True}}, "required": ["k"]},
            **MAP_KEYS,
        },
        [f"{{P}}.items.properties[k].nullable: Forbidden: {A_MAP_KEY}cannot be nullable"],
    ),
    "an unknown key": (
        {"type": "array", "items": WITH_KEY, **MAP_KEYS, "x-kubernetes-list-map-keys": ["k", "z"]},
        ['{P}.x-kubernetes-list-map-keys: Invalid value: ["k","z"]: entries must all be names of item properties'],
    ),
    "a key twice": (
        {"type": "array", "items": WITH_KEY, **MAP_KEYS, "x-kubernetes-list-map-keys": ["k", "k"]},
        ['{P}.x-kubernetes-list-map-keys: Invalid value: ["k","k"]: must not contain duplicate entries'],
    ),
    "a rule without text": (
        {"type": "string", "x-kubernetes-validations": [{"rule": " "}]},
        ["{P}.x-kubernetes-validations[0].rule: Required value: rule is not specified"],
    ),
    "a message of two lines": (
        {"type": "string", "x-kubernetes-validations": [{"rule": "true", "message": "a\nb"}]},
        ['{P}.x-kubernetes-validations[0].message: Invalid value: "a\\nb": must not contain line breaks'],
    ),
    "an unknown reason": (
        {"type": "string", "x-kubernetes-validations": [{"rule": "true", "reason": "Bad"}]},
        [
            ('{P}.x-kubernetes-validations[0].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", '
            '"FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"')
        ],
    ),
    "a path to nowhere": (
        {"type": "object", "x-kubernetes-validations": [{"rule": "true", "fieldPath": ".z"}]},
        ['{P}.x-kubernetes-validations[0].fieldPath: Invalid value: ".z": must be a valid path'],
    ),
}  # fmt: skip

DEFAULTS: Final[dict[str, tuple[Any, list[str]]]] = {
    "a default of another type": (
        {"type": "integer", "default": "a"},
        ['{P}.default: Invalid value: "string":  in body must be of type integer: "string"'],
    ),
    "a default beyond the maximum": (
        {"type": "integer", "maximum": 3, "default": 4},
        ["{P}.default: Invalid value: 4:  in body should be less than or equal to 3"],
    ),
    "a default that is no choice": (
        {"type": "string", "enum": ["a", "b"], "default": "c"},
        ['{P}.default: Unsupported value: "c": supported values: "a", "b"'],
    ),
    "a default of unknown fields": (
        {"type": "object", "properties": {"a": STRING}, "default": {"b": 1}},
        ['{P}.default: Invalid value: {"b":1}: must not have unknown fields'],
    ),
    "a default without what is required": (
        {**WITH_KEY, "default": {}},
        ["{P}.default.k: Required value"],
    ),
    "a default that a rule refuses": (
        {"type": "string", "default": "a", "x-kubernetes-validations": [{"rule": "self == 'b'"}]},
        ["{P}.default: Invalid value: \"a\": failed rule: self == 'b'"],
    ),
    "a default too long": (
        {"type": "string", "maxLength": 1, "default": "ab"},
        ["{P}.default: Too long: may not be more than 1 byte"],
    ),
}

RULES: Final[dict[str, tuple[Any, list[str]]]] = {
    "a rule of an unknown field": (
        {"type": "object", "properties": {"a": STRING}, "x-kubernetes-validations": [{"rule": "self.z"}]},
        [
            ('{P}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.z","Message":"","MessageExpression":"",'
            '"Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field \'z\'\n'
            " | self.z\n | ....^")
        ],
    ),
    "a rule that gives no boolean": (
        {"type": "string", "x-kubernetes-validations": [{"rule": "self"}]},
        [
            ('{P}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self","Message":"","MessageExpression":"",'
            '"Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool')
        ],
    ),
    "an optional oldSelf that is not used": (
        {"type": "string", "x-kubernetes-validations": [{"rule": "true", "optionalOldSelf": True}]},
        [
            "{P}.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule"
        ],
    ),
    "the old items of a plain list": (
        {
            "type": "array",
            "maxItems": 9,
            "items": {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]},
        },
        [
            ('{P}.items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the '
            "uncorrelatable portion of the schema within {P}")
        ],
    ),
}  # fmt: skip
