from __future__ import annotations

import linecache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.schema.compiled import QUICK, _Program, compile_members, compile_schema
from kubecrd.schema.keywords import KubeValidator, keywords_of
from kubecrd.schema.structural import Structural
from kubecrd.schema.validation import SchemaValidator


def errors(schema, value, **place):
    return [f"{e.field}: {e.message}" for e in SchemaValidator(Structural.of(schema)).errors(value, **place)]


def field_errors(schema, value):
    """Errors of one field called v, without its path."""
    found = errors({"type": "object", "properties": {"v": schema}}, {"v": value})
    return [text.replace("v in body ", "").removeprefix("v: ") for text in found]


TYPES = [
    ({"type": "string"}, 1, ['Invalid value: "integer": must be of type string: "integer"']),
    ({"type": "integer"}, 1.0, []),
    ({"type": "integer"}, 9007199254740991.0, []),
    (
        {"type": "integer"},
        1.5,
        [
            'Invalid value: "number": must be of type integer: "number"',
            '<nil>: Invalid value: "": Checked value must be of type integer (default format) in v',
        ],
    ),
    (
        {"type": "integer"},
        1.0000000001,
        ['<nil>: Invalid value: "": Checked value must be of type integer (default format) in v'],
    ),
    ({"type": "integer"}, 1e18, ['Invalid value: "number": must be of type integer: "number"']),
    ({"type": "number"}, 1, []),
    ({"type": "boolean"}, 1, ['Invalid value: "integer": must be of type boolean: "integer"']),
    ({"type": "integer"}, True, ['Invalid value: "boolean": must be of type integer: "boolean"']),
    ({"type": "string", "nullable": True}, None, []),
    ({"type": "string"}, None, ['Invalid value: "null": must be of type string: "null"']),
    ({"x-kubernetes-int-or-string": True}, "a", []),
    ({"x-kubernetes-int-or-string": True}, 1.5, ['Invalid value: "number": must be of type integer,string: "number"']),
    ({"type": "string", "format": "date"}, 1, ['Invalid value: "int64": must be of type date: "int64"']),
    ({"type": "string", "format": "date"}, 1.5, ['Invalid value: "float64": must be of type date: "float64"']),
    ({"type": "string", "format": "date"}, True, ['Invalid value: "": must be of type date: ""']),
    ({"type": "string", "format": "date"}, {}, ['Invalid value: "": must be of type date: ""']),
    ({"type": "string", "format": "date"}, [1], []),
    ({"type": "string", "format": "unheard-of"}, "x", []),
    ({"type": "string", "format": "date"}, "x", ['Invalid value: "x": must be of type date: "x"']),
    (
        {"type": "integer", "format": "int32"},
        2147483648,
        ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in v'],
    ),
    (
        {"type": "integer", "format": "int32"},
        1.5,
        [
            'Invalid value: "float64": must be of type int32: "float64"',
            '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in v',
        ],
    ),
    ({"type": "integer", "format": "int32"}, "x", ['Invalid value: "string": must be of type integer: "string"']),
    (
        {"type": "number", "format": "float"},
        1e39,
        ['<nil>: Invalid value: "": Checked value must be of type number with format float in v'],
    ),
    ({"type": "number", "format": "double"}, 1e300, []),
]

NUMBERS = [
    ({"type": "integer", "minimum": 3}, 2, ["Invalid value: 2: should be greater than or equal to 3"]),
    ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 3, ["Invalid value: 3: should be greater than 3"]),
    ({"type": "integer", "maximum": 3}, 4, ["Invalid value: 4: should be less than or equal to 3"]),
    ({"type": "integer", "maximum": 3, "exclusiveMaximum": True}, 3, ["Invalid value: 3: should be less than 3"]),
    ({"type": "number", "maximum": 1.5}, 2, ["Invalid value: 2: should be less than or equal to 1"]),
    ({"type": "number", "minimum": 0.5}, 0, []),
    ({"type": "number", "minimum": 1e21}, 5, []),
    ({"type": "number", "maximum": 1e6}, 1234567.5, ["Invalid value: 1.2345675e+06: should be less than or equal to 1e+06"]),
    (
        {"type": "integer", "maximum": 2.5},
        2,
        ['<nil>: Invalid value: "": Maximum boundary value must be of type integer (default format) in v'],
    ),
    (
        {"type": "integer", "maximum": 2.5},
        3,
        [
            '<nil>: Invalid value: "": Maximum boundary value must be of type integer (default format) in v',
            "Invalid value: 3: should be less than or equal to 2.5",
        ],
    ),
    ({"type": "number", "multipleOf": 2.5}, 5, ["Invalid value: 5: should be a multiple of 2"]),
    ({"type": "number", "multipleOf": 0.1}, 0.3, []),
    (
        {"type": "number", "multipleOf": 0.5},
        2,
        ["Invalid value: 0: factor MultipleOf declared for v must be positive: 0"],
    ),
    ({"type": "number", "multipleOf": 0.1}, 1.1, []),
    ({"type": "number", "multipleOf": 0.5}, -1.25, ["Invalid value: -1.25: should be a multiple of 0.5"]),
]  # fmt: skip

STRINGS = [
    ({"type": "string", "maxLength": 1}, "éé", ["Too long: may not be more than 1 byte"]),
    ({"type": "string", "maxLength": 2}, "éé", []),
    ({"type": "string", "minLength": 1}, "", ['Invalid value: "": should be at least 1 chars long']),
    ({"type": "string", "pattern": "^a$"}, "a\n", ["Invalid value: \"a\\n\": should match '^a$'"]),
    (
        {"type": "string", "maxLength": 1, "pattern": "^x", "enum": ["q"]},
        "ab",
        ["Too long: may not be more than 1 byte", 'Unsupported value: "ab": supported values: "q"'],
    ),
    ({"type": "string", "enum": ["a", "b"]}, 'q"', ['Unsupported value: "q\\"": supported values: "a", "b"']),
    (
        {"type": "string", "nullable": True, "enum": ["x", None]},
        None,
        ['Unsupported value: null: supported values: "x", "null"'],
    ),
    ({"enum": [1, True, {"x": 1}]}, 2, ['Unsupported value: 2: supported values: "1", "true", "{\\"x\\":1}"']),
    ({"enum": [1]}, 1.0, []),
    ({"enum": [1]}, 1.5, []),
    ({"enum": [1.5]}, 1, ['Unsupported value: 1: supported values: "1.5"']),
    ({"enum": ["A"]}, 65, []),
    ({"enum": [[1]]}, [1.0], ['Unsupported value: [1]: supported values: "[1]"']),
    ({"enum": [1]}, True, ['Unsupported value: true: supported values: "1"']),
]

ARRAYS = [
    ({"type": "array", "minItems": 2}, [1], ["Invalid value: 1: should have at least 2 items"]),
    ({"type": "array", "maxItems": 1}, [1, 2], ["Too many: 2: must have at most 1 item"]),
    (
        {"type": "array", "maxItems": 1, "items": {"type": "string"}},
        [1, "a"],
        [
            'v[0]: Invalid value: "integer": v[0] in body must be of type string: "integer"',
            "Too many: 2: must have at most 1 item",
        ],
    ),
]

OBJECTS = [
    ({"type": "object", "minProperties": 1}, {}, ["Invalid value: 0: should have at least 1 properties"]),
    ({"type": "object", "maxProperties": 1}, {"a": 1, "b": 2}, ["Too many: 2: must have at most 1 item"]),
    ({"type": "object", "required": ["b", "a"]}, {}, ["v.b: Required value", "v.a: Required value"]),
    (
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"a.b/c": 1, "": 2},
        [
            'v.a.b/c: Invalid value: "integer": v.a.b/c in body must be of type string: "integer"',
            'v.: Invalid value: "integer": v. in body must be of type string: "integer"',
        ],
    ),
]


def unplaced(text):
    return f'<nil>: Invalid value: "": "v" {text}'


COMPOSITIONS = [
    (
        {"type": "string", "anyOf": [{"pattern": "^a"}, {"maxLength": 2}]},
        "xyz",
        [unplaced("must validate at least one schema (anyOf)"), "Invalid value: \"xyz\": should match '^a'"],
    ),
    ({"type": "string", "anyOf": [{"pattern": "^a"}, {"maxLength": 2}]}, "xy", []),
    (
        {"type": "integer", "oneOf": [{"minimum": 10}, {"maximum": 20}]},
        15,
        [unplaced("must validate one and only one schema (oneOf). Found 2 valid alternatives")],
    ),
    (
        {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {},
        [unplaced("must validate one and only one schema (oneOf). Found none valid"), "v.a: Required value"],
    ),
    (
        {"type": "string", "allOf": [{"pattern": "^a"}, {"maxLength": 9}]},
        "q",
        ["Invalid value: \"q\": should match '^a'", unplaced("must validate all the schemas (allOf)")],
    ),
    (
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        "q",
        ["Invalid value: \"q\": should match '^a'", unplaced("must validate all the schemas (allOf). None validated")],
    ),
    ({"type": "integer", "not": {"minimum": 5}}, 5, [unplaced("must not validate the schema (not)")]),
    ({"type": "string", "anyOf": [{"pattern": "^a"}]}, 1, ['Invalid value: "integer": must be of type string: "integer"']),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "wanted"), [*TYPES, *NUMBERS, *STRINGS, *ARRAYS, *OBJECTS, *COMPOSITIONS])
def test_the_verdict_is_that_of_the_api_server(schema, value, wanted):
    assert field_errors(schema, value) == wanted


def test_of_failing_branches_the_one_that_looked_at_most_is_shown():
    branches = [{"required": ["a"]}, {"properties": {"b": {"minimum": 5}}, "required": ["b"]}]
    properties = {"a": {"type": "integer"}, "b": {"type": "integer"}}
    found = errors({"type": "object", "properties": properties, "anyOf": branches}, {"b": 4})
    assert found == [
        '<nil>: Invalid value: "": "" must validate at least one schema (anyOf)',
        "b: Invalid value: 4: b in body should be greater than or equal to 5",
    ]


def test_errors_of_a_part_name_the_field_that_it_stands_in_but_not_in_their_text():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert errors(schema, {"n": "x"}, root="status") == [
        'status.n: Invalid value: "string": n in body must be of type integer: "string"'
    ]
    assert errors(schema, "x", root="status") == [
        'status: Invalid value: "string":  in body must be of type object: "string"'
    ]


def test_equal_texts_are_said_once():
    rule = {"type": "integer", "allOf": [{"minimum": 5}, {"minimum": 5}]}
    assert field_errors(rule, 1) == [
        "Invalid value: 1: should be greater than or equal to 5",
        unplaced("must validate all the schemas (allOf). None validated"),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_a_schema_that_says_nothing_finds_nothing(value):
    assert errors({}, value) == []


FLAT_JSON = st.recursive(st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=3), st.lists, max_leaves=5)


@given(FLAT_JSON)
def test_an_unchanged_value_is_never_held_against_an_update(value):
    schema = Structural.of({"type": "object", "required": ["z"], "not": {}, "enum": ["q"]})
    assert SchemaValidator(schema).update_errors(value, value, root="spec") == []


NUMBERS_AND_TEXTS = st.integers(-3, 3) | st.sampled_from([0.5, 1.5, 2.0, -1.0, 1e19]) | st.sampled_from(["", "a", "ab"])
SMALL_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS_AND_TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "minimum": st.sampled_from([0, 0.5, 1]),
        "maximum": st.sampled_from([1, 1.5, 2]),
        "multipleOf": st.sampled_from([2, 0.5]),
        "minLength": st.just(1),
        "maxLength": st.just(1),
        "pattern": st.just("^a"),
        "format": st.sampled_from(["date", "int32", "float", "unheard-of"]),
        "minItems": st.just(1),
        "maxItems": st.just(1),
        "minProperties": st.just(1),
        "maxProperties": st.just(1),
        "required": st.just(["a"]),
        "enum": st.lists(SMALL_JSON, min_size=1, max_size=2),
    },
)
BRANCHES = st.lists(CONDITIONS, min_size=1, max_size=2)
SCHEMAS = st.recursive(
    CONDITIONS,
    lambda inner: st.builds(
        lambda conditions, more: conditions | more,
        CONDITIONS,
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
                "nullable": st.booleans(),
                "x-kubernetes-int-or-string": st.booleans(),
                "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
                "additionalProperties": st.booleans() | inner,
                "items": inner,
                "anyOf": BRANCHES,
                "oneOf": BRANCHES,
                "allOf": BRANCHES,
                "not": CONDITIONS,
            },
        ),
    ),
    max_leaves=4,
)


@given(SCHEMAS, SMALL_JSON)
def test_the_compiled_schema_and_the_keywords_agree(schema, value):
    structural = Structural.of(schema)
    wanted = KubeValidator(keywords_of(structural)).is_valid(value)
    assert compile_schema(structural)(value) is wanted


@given(SCHEMAS, SMALL_JSON)
def test_what_is_skipped_since_it_is_valid_changes_no_error(schema, value):
    structural = Structural.of(schema)

    def told(document):
        return [
            (list(fault.relative_path), fault.finding, fault.below)
            for fault in KubeValidator(document).iter_errors(value)
        ]

    assert told(keywords_of(structural, quick=QUICK)) == told(keywords_of(structural))


@given(SCHEMAS, SMALL_JSON.filter(lambda value: isinstance(value, dict)))
def test_the_compiled_members_are_those_with_which_the_keywords_find_something_wrong(schema, value):
    structural = Structural.of(schema)
    declared = {name: KubeValidator(keywords_of(child)) for name, child in structural.properties.items()}
    wanted = [name for name, each in declared.items() if name in value and not each.is_valid(value[name])]
    assert compile_members(structural)(value) == wanted


def test_the_generated_source_can_be_read():
    source = compiled_source(
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "maxLength": 3, "nullable": True}}}
    )

    assert source == [
        "def fits(v0):",
        "    if type(v0) is not dict: return False",
        "    g0 = v0.get",
        "    if (v1 := g0('a', ABSENT)) is ABSENT: return False",
        "    if type(v1) is str:",
        "        if len(v1) > 3: return False",
        "    elif v1 is not None: return False",
        "    return True",
    ]


def compiled_source(schema):
    function = _Program().compile(Structural.of(schema))
    return [line.rstrip("\n") for line in linecache.getlines(function.__code__.co_filename)]


def test_a_large_schema_becomes_several_functions():
    schema = {"type": "string", "maxLength": 1}
    value = "ab"
    for level in range(40):
        if level < 8:
            schema = {"type": "object", "properties": {"a": schema, "b": schema}}
        else:
            schema = {"type": "array", "items": schema}
        value = {"b": value} if level < 8 else [value]

    assert not compile_schema(Structural.of(schema))(value)
    assert len(compiled_source(schema)) < 1000
