"""Ways to spoil a good definition, each with what the API server then says, word for word.

A spoiling changes a definition in place and gives the errors; ``{S}`` in them is where the schema of the first version
stands, and ``{V}`` where what else the version has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.schema.spoilt_fields import DEFAULTS, KEYWORDS, RULES, STRING, STRUCTURAL

if TYPE_CHECKING:
    from collections.abc import Callable

DNS1035: Final = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
BUDGET: Final = "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
APPROVAL: Final = (
    'protected groups must have approval annotation "api-approved.kubernetes.io", '
    "see https://github.com/kubernetes/enhancements/pull/1111"
)


def first(crd: dict[str, Any]) -> dict[str, Any]:
    version: dict[str, Any] = crd["spec"]["versions"][0]
    return version


def alone(crd: dict[str, Any]) -> dict[str, Any]:
    """The first version, which then is the only one: selectable fields of one among many have rules of their own."""
    first(crd)["storage"] = True
    crd["spec"]["versions"] = [first(crd)]
    return first(crd)


def root(crd: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = first(crd)["schema"]["openAPIV3Schema"]
    return schema


def named(crd: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = crd["spec"]["names"]
    return names


def bad_name(crd: dict[str, Any]) -> list[str]:
    wanted = crd["metadata"]["name"]
    crd["metadata"]["name"] = f"x{wanted}"
    return [f'metadata.name: Invalid value: "x{wanted}": must be spec.names.plural+"."+spec.group']


def bad_group(crd: dict[str, Any]) -> list[str]:
    name = f"{named(crd)['plural']}.Bad_Group.io"
    crd["spec"]["group"], crd["metadata"]["name"] = "Bad_Group.io", name
    return [
        f'metadata.name: Invalid value: "{name}": {SUBDOMAIN}',
        f'spec.group: Invalid value: "Bad_Group.io": {SUBDOMAIN}',
    ]


def group_without_a_dot(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["group"], crd["metadata"]["name"] = "shop", f"{named(crd)['plural']}.shop"
    return ['spec.group: Invalid value: "shop": should be a domain with at least one dot']


def protected_group(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["group"], crd["metadata"] = "spoilt.k8s.io", {"name": f"{named(crd)['plural']}.spoilt.k8s.io"}
    return [f"metadata.annotations[api-approved.kubernetes.io]: Required value: {APPROVAL}"]


def no_group(crd: dict[str, Any]) -> list[str]:
    name = f"{named(crd)['plural']}."
    crd["spec"]["group"], crd["metadata"]["name"] = "", name
    return [f'metadata.name: Invalid value: "{name}": {SUBDOMAIN}', "spec.group: Required value"]


def bad_scope(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["scope"] = "Everywhere"
    return ['spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"']


def no_scope(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["scope"] = ""
    return ["spec.scope: Required value"]


def no_kind(crd: dict[str, Any]) -> list[str]:
    named(crd).update(kind="", singular="one", listKind="Many")
    return ["spec.names.kind: Required value"]


def bad_short_name(crd: dict[str, Any]) -> list[str]:
    named(crd)["shortNames"] = ["ok", "Not_OK"]
    return [f'spec.names.shortNames[1]: Invalid value: "Not_OK": {DNS1035}']


def bad_category(crd: dict[str, Any]) -> list[str]:
    named(crd)["categories"] = ["1st"]
    return [f'spec.names.categories[0]: Invalid value: "1st": {DNS1035}']


def list_kind_of_the_kind(crd: dict[str, Any]) -> list[str]:
    kind = named(crd)["kind"]
    named(crd)["listKind"] = kind
    return [f'spec.names.listKind: Invalid value: "{kind}": kind and listKind may not be the same']


def unknown_conversion(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["conversion"] = {"strategy": "none"}
    return ['spec.conversion.strategy: Unsupported value: "none": supported values: "None", "Webhook"']


def webhook_without_address(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["conversion"] = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v2"]}}
    return [
        "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
        'spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ]


def webhook_without_security(crd: dict[str, Any]) -> list[str]:
    hook = {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "http://example.com"}}
    crd["spec"]["conversion"] = {"strategy": "Webhook", "webhook": hook}
    return [
        (
            "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; "
            "desired format: https://host[/path]"
        )
    ]


def unknown_fields_everywhere(crd: dict[str, Any]) -> list[str]:
    crd["spec"]["preserveUnknownFields"] = True
    for version in crd["spec"]["versions"]:
        version["schema"] = {"openAPIV3Schema": {"type": "object"}}
        version.pop("selectableFields", None)
    crd["spec"]["conversion"] = {"strategy": "None"}
    return [
        (
            "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields "
            "to true in spec.versions[*].schema instead"
        )
    ]


def warning_of_nothing(crd: dict[str, Any]) -> list[str]:
    first(crd).update(deprecated=False, deprecationWarning="gone soon")
    return ['spec.versions[0].deprecationWarning: Invalid value: "gone soon": can only be set for deprecated versions']


def no_schema(crd: dict[str, Any]) -> list[str]:
    first(crd).pop("schema")
    first(crd).pop("selectableFields", None)
    return ["spec.versions[0].schema.openAPIV3Schema: Required value"]


def bad_column_type(crd: dict[str, Any]) -> list[str]:
    first(crd)["additionalPrinterColumns"] = [{"name": "a", "type": "int", "jsonPath": ".a"}]
    return [
        '{V}.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string'
    ]


def column_of_nothing(crd: dict[str, Any]) -> list[str]:
    first(crd)["additionalPrinterColumns"] = [{"type": "string", "format": "day"}]
    return [
        "{V}.additionalPrinterColumns[0].name: Required value",
        (
            '{V}.additionalPrinterColumns[0].format: Invalid value: "day": must be one of byte,date,date-time,double,float,int32,'
            "int64,password"
        ),
        "{V}.additionalPrinterColumns[0].JSONPath: Required value",
    ]


def column_without_a_dot(crd: dict[str, Any]) -> list[str]:
    first(crd)["additionalPrinterColumns"] = [{"name": "a", "type": "string", "jsonPath": "spec"}]
    return [
        '{V}.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .'
    ]


def selecting_nothing(crd: dict[str, Any]) -> list[str]:
    alone(crd)["selectableFields"] = [{"jsonPath": ".nowhere"}]
    return [
        '{V}.selectableFields[0].jsonPath: Invalid value: ".nowhere": is an invalid path: does not refer to a valid field'
    ]


def selecting_metadata(crd: dict[str, Any]) -> list[str]:
    root(crd).setdefault("properties", {})["metadata"] = {"type": "object", "properties": {"name": STRING}}
    alone(crd)["selectableFields"] = [{"jsonPath": ".metadata.name"}]
    return ['{V}.selectableFields[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata']


def scale_of_the_status(crd: dict[str, Any]) -> list[str]:
    first(crd).setdefault("subresources", {})["scale"] = {
        "specReplicasPath": ".status.replicas",
        "statusReplicasPath": "status",
        "labelSelectorPath": ".metadata",
    }
    return [
        '{V}.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
        '{V}.subresources.scale.statusReplicasPath: Invalid value: "status": must be a simple json path starting with .',
        (
            '{V}.subresources.scale.labelSelectorPath: Invalid value: ".metadata": '
            "should be a json path under either .spec or .status"
        ),
    ]


def more_of_metadata(crd: dict[str, Any]) -> list[str]:
    root(crd).setdefault("properties", {})["metadata"] = {"type": "object", "description": "of this object"}
    return [
        (
            "{S}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, "
            "but metadata is implicitly specified"
        )
    ]


def keys_at_the_root(crd: dict[str, Any]) -> list[str]:
    root(crd).pop("properties", None)
    root(crd).pop("required", None)
    root(crd).pop("x-kubernetes-validations", None)
    first(crd).pop("selectableFields", None)
    first(crd).pop("subresources", None)
    root(crd)["additionalProperties"] = {"type": "string"}
    return ["{S}.additionalProperties: Forbidden: must not be used at the root"]


def null_at_the_root(crd: dict[str, Any]) -> list[str]:
    root(crd)["nullable"] = True
    first(crd).pop("subresources", None)
    return ["{S}.nullable: Forbidden: nullable cannot be true at the root"]


def rule_that_costs_too_much(crd: dict[str, Any]) -> list[str]:
    """The only rule of the definition, since the most expensive ones of all are told."""
    numbers = {"type": "array", "maxItems": 1000, "items": {"type": "integer"}}
    lists = {"type": "array", "items": {"type": "array", "items": numbers}}
    rule = {"rule": "self.all(a, a.all(b, b.all(c, c > 0)))"}
    alone(crd).pop("selectableFields", None)
    for keyword in ("required", "x-kubernetes-validations"):
        root(crd).pop(keyword, None)
    root(crd)["properties"] = {"spoilt": {**lists, "x-kubernetes-validations": [rule]}}
    place = "{S}.properties[spoilt].x-kubernetes-validations[0].rule: Forbidden:"
    factor = f"exceeds budget by factor of more than 100x {BUDGET}"
    return [
        f"{place} estimated rule cost {factor}",
        f"{place} contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
        "{S}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema " + factor,
    ]


DEFINITIONS: Final = {
    each.__name__.replace("_", " "): each
    for each in (
        *(bad_name, bad_group, group_without_a_dot, protected_group, no_group, bad_scope, no_scope, no_kind),
        *(bad_short_name, bad_category, list_kind_of_the_kind, unknown_conversion, webhook_without_address),
        *(webhook_without_security, unknown_fields_everywhere, warning_of_nothing, no_schema, bad_column_type),
        *(column_of_nothing, column_without_a_dot, selecting_nothing, selecting_metadata, scale_of_the_status),
        *(more_of_metadata, keys_at_the_root, null_at_the_root, rule_that_costs_too_much),
    )
}


def field_spoiling(name: str, schema: Any, errors: list[str]) -> Callable[[dict[str, Any]], list[str]]:
    """A spoiling that gives the schema of the first version one more field."""

    def spoil(crd: dict[str, Any]) -> list[str]:
        root(crd).setdefault("properties", {})[name] = schema
        return [error.replace("{P}", f"{{S}}.properties[{name}]") for error in errors]

    return spoil


SPOILINGS: Final[dict[str, Callable[[dict[str, Any]], list[str]]]] = {
    **DEFINITIONS,
    **{
        name: field_spoiling("spoilt", schema, errors)
        for table in (STRUCTURAL, KEYWORDS, DEFAULTS, RULES)
        for name, (schema, errors) in table.items()
    },
}

TOGETHER: Final = {
    "structure and keywords": {**STRUCTURAL, **KEYWORDS},
    "defaults and rules": DEFAULTS,
}
"""What is wrong in several fields is told of each; structural errors stand before defaults and rules are looked at."""
