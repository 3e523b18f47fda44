"""Definitions as nobody would write them, but as the API server takes them."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.one_of(
    st.sampled_from(
        [
            *(
                "class",
                "None",
                "self",
                "str",
                "int",
                "list",
                "dict",
                "type",
                "metadata",
                "kind",
                "spec",
                "status",
                "at",
            ),
            *(
                "Annotated",
                "Literal",
                "Any",
                "Resource",
                "Rule",
                "field",
                "dt",
                "bytes",
                "float",
                "bool",
                "from",
                "import",
            ),
            *(
                "$ref",
                "$schema",
                "x-y",
                "x_y",
                "xY",
                "a.b/c",
                "1st",
                "größe",
                "日本",
                "_",
                "__init__",
                "_private",
                "-",
                " ",
                "é",
            ),
            *(
                "clusterIPs",
                "HTTPRoute",
                "podCIDR",
                "items",
                "properties",
                "required",
                "to_dict",
                "crd",
                "ref",
                "resource",
            ),
            *(
                "api_version",
                "apiVersion",
                "Widget",
                "WidgetSpec",
                "Integer",
                "Number",
                "match",
                "case",
                "print",
                "object",
            ),
        ]
    ),
    st.text("abC1-_.ü", min_size=1, max_size=4),
)
TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                '"',
                "'",
                "\\",
                '"""',
                "'''",
                '\\"""',
                'a"',
                "a\\",
                "{x}",
                "%s",
                "a\nb",
                "\n",
                "a\n\n  b\n",
                " a",
                "a ",
                "\ta",
            ),
            *(
                "Args:\n    x: y",
                "Attributes:\n  a: b\n",
                "Example:\n    a",
                "- a\n- b",
                "# noqa",
                "é — “x”",
                "\u2028",
                "\x00",
                "\r\n",
            ),
            *(
                "a" * 300,
                "\N{PILE OF POO}",
                "\\N{DASH}",
                "\\u0041",
                "type: ignore",
                "\x85",
                "a\x0cb",
                "\ufeffa",
                "Note:\nb",
            ),
        ]
    ),
    st.text(max_size=6),
)
SCALARS = st.one_of(st.integers(-(2**53), 2**53), st.booleans(), TEXTS)
COUNTS = st.integers(0, 9)


def some(**options):
    """Give mappings that have any of these members."""
    return st.fixed_dictionaries({}, optional=options)


def joined(*parts):
    """Give what several strategies of mappings give together; the first counts."""
    return st.tuples(*parts).map(
        lambda found: {name: value for each in reversed(found) for name, value in each.items()}
    )


ABOUT = some(description=TEXTS, title=TEXTS, example=SCALARS, externalDocs=st.just({"url": "https://example.com"}))
NULLABLE = some(nullable=st.just(True))
TEXT_CHECKS = some(
    minLength=COUNTS, maxLength=COUNTS, pattern=st.sampled_from(["^a", "\\d+", '"', "'\\\\", "^[^/]+$"]), format=st.sampled_from(
        ["date-time", "date", "byte", "uuid", "ipv4", "email", "password", "unheard-of", "duration", "int32", "uri"]
    ),
)  # fmt: skip
NUMBER_CHECKS = some(
    minimum=COUNTS,
    maximum=COUNTS,
    exclusiveMinimum=st.booleans(),
    multipleOf=st.integers(1, 3),
    format=st.sampled_from(["int32", "int64", "float", "double", "uint32", "unheard-of"]),
)
LIST_CHECKS = some(minItems=COUNTS, maxItems=COUNTS)
OBJECT_CHECKS = some(minProperties=COUNTS, maxProperties=COUNTS)
BARE = st.one_of(
    joined(TEXT_CHECKS, NUMBER_CHECKS),
    some(required=st.lists(NAMES, min_size=1, max_size=2, unique=True)),
    some(enum=st.lists(SCALARS, min_size=1, max_size=2)),
    st.dictionaries(NAMES, some(pattern=st.just("a")), min_size=1, max_size=2).map(lambda found: {"properties": found}),
)
LOGIC = st.recursive(
    BARE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"anyOf": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"oneOf": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=3,
)
NESTED_LOGIC = st.one_of(
    st.just({}), some(
        allOf=st.lists(LOGIC, min_size=1, max_size=2), anyOf=st.lists(LOGIC, min_size=1, max_size=2), oneOf=st.lists(LOGIC, min_size=1, max_size=2), **{"not": LOGIC},
    ),
)  # fmt: skip
RULES = st.lists(
    joined(
        st.sampled_from(["true", "self == self", "'\"' != \"'\"", "true || 'a\\\\n' == \"\"\"b\"\"\""]).map(lambda rule: {"rule": rule}),
        some(message=st.sampled_from(["no", 'say "x"', "a\\b"]), reason=st.sampled_from(["FieldValueInvalid", "FieldValueRequired"])),
    ),
    min_size=1, max_size=2, unique_by=lambda each: each["rule"],
).map(lambda rules: {"x-kubernetes-validations": rules})  # fmt: skip


def with_default(schema, values):
    """Add a default, or none, to a strategy of schemas."""
    return joined(schema, st.one_of(st.just({}), values.map(lambda value: {"default": value})))


def of_type(name):
    return st.just({"type": name})


STRINGS = st.one_of(
    joined(of_type("string"), TEXT_CHECKS, ABOUT, NULLABLE, NESTED_LOGIC),
    with_default(joined(of_type("string"), ABOUT, NULLABLE), TEXTS),
    joined(of_type("string"), st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda enum: {"enum": enum, "default": enum[-1]}), ABOUT),
    joined(of_type("string"), st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda enum: {"enum": enum}), NULLABLE),
)  # fmt: skip
NUMBERS = st.one_of(
    joined(of_type("integer"), NUMBER_CHECKS, ABOUT, NULLABLE, NESTED_LOGIC),
    joined(of_type("number"), NUMBER_CHECKS, ABOUT, NULLABLE),
    with_default(of_type("integer"), st.integers(-(2**53), 2**53)),
    with_default(of_type("number"), st.sampled_from([0, 1, 1.5, -2.25, 1e21])),
    joined(of_type("integer"), st.lists(st.integers(-5, 5), min_size=1, max_size=3, unique=True).map(lambda enum: {"enum": enum})),
    joined(of_type("number"), st.lists(st.sampled_from([0.5, 1, 2.5]), min_size=1, max_size=3, unique=True).map(lambda enum: {"enum": enum})),
)  # fmt: skip
OTHERS = st.one_of(
    joined(of_type("boolean"), st.sampled_from([{}, {"default": True}, {"default": False}, {"enum": [True]}]), ABOUT, NULLABLE),
    st.just({"x-kubernetes-int-or-string": True}).flatmap(lambda base: joined(st.just(base), st.sampled_from(
        [{}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"default": 5}, {"default": "a"}, {"pattern": "^a"},
         {"allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "^a"}]}]), ABOUT, NULLABLE)),
    joined(st.just({"x-kubernetes-preserve-unknown-fields": True}), ABOUT, NULLABLE, st.sampled_from([{}, {"default": [1]}, {"default": {"a": None}}])),
    joined(of_type("object"), ABOUT, NULLABLE, OBJECT_CHECKS),
    with_default(joined(of_type("object"), st.just({"x-kubernetes-preserve-unknown-fields": True}), ABOUT), st.just({"a": {"b": [1, "x", None]}})),
    joined(of_type("object"), st.just({"x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}), ABOUT),
    joined(of_type("object"), st.just({"x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}}), ABOUT),
    joined(of_type("object"), st.booleans().map(lambda value: {"additionalProperties": value}), ABOUT),
    joined(of_type("array"), st.just({"items": {"type": "string"}, "x-kubernetes-list-type": "set"}), ABOUT, NULLABLE),
    st.just({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a-b", "port"], "items": {
        "type": "object", "required": ["a-b"], "properties": {"a-b": {"type": "string"}, "port": {"type": "integer", "default": 80}, "v": {"type": "string"}}}}),
)  # fmt: skip
LEAVES = st.one_of(STRINGS, NUMBERS, OTHERS)


def _object(properties, extras, required):
    names = [name for index, name in enumerate(properties) if required >> index & 1]
    return {**extras, "type": "object", "properties": properties, **({"required": names} if names else {})}


def objects(inner):
    """Give objects with members of the schemas *inner*."""
    extras = joined(
        ABOUT, NULLABLE, OBJECT_CHECKS, NESTED_LOGIC, st.one_of(st.just({}), RULES),
        some(**{"x-kubernetes-map-type": st.sampled_from(["atomic", "granular"]), "x-kubernetes-preserve-unknown-fields": st.just(True)}),
    )  # fmt: skip
    return st.builds(_object, st.dictionaries(NAMES, inner, min_size=1, max_size=4), extras, st.integers(0, 15))


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        objects(inner),
        joined(of_type("array"), inner.map(lambda items: {"items": items}), LIST_CHECKS, ABOUT, NULLABLE, st.sampled_from([{}, {"x-kubernetes-list-type": "atomic"}])),
        joined(of_type("object"), inner.map(lambda values: {"additionalProperties": values}), OBJECT_CHECKS, ABOUT, NULLABLE),
        joined(of_type("array"), inner.map(lambda items: {"items": items}), st.just({"default": []})),
    ),
    max_leaves=8,
)  # fmt: skip
SPECS = objects(SCHEMAS)
