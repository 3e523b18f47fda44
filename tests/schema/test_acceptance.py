from __future__ import annotations

import pytest

from kubecrd.errors import DecodeError
from kubecrd.schema.acceptance import check_crd, check_crd_status, prepare_crd
from kubecrd.schema.acceptance_formats import format_warnings
from kubecrd.schema.crddecoding import decode_crd
from tests.schema.helpers import S, definition, field, refused, texts

DNS1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)


def established(crd):
    prepared = prepare_crd(crd)
    return {**prepared, "status": {**prepared["status"], "conditions": [{"type": "Established", "status": "True"}]}}


def test_a_plain_definition_is_accepted():
    assert refused() == []


def test_what_a_user_leaves_out_is_filled_in():
    prepared = prepare_crd(definition())
    assert prepared["spec"]["names"] == {
        "plural": "widgets",
        "singular": "widget",
        "kind": "Widget",
        "listKind": "WidgetList",
    }
    assert prepared["spec"]["conversion"] == {"strategy": "None"}
    assert prepared["status"]["storedVersions"] == ["v1"]


def test_what_is_filled_in_is_not_shared_between_definitions():
    first, second = prepare_crd({}), prepare_crd({})
    first["metadata"]["name"] = "changed"
    first["status"]["acceptedNames"]["plural"] = "changed"
    assert second == prepare_crd({})


def test_what_is_empty_is_left_out():
    schema = {"type": "object", "required": [], "nullable": False, "description": "", "properties": {}, "not": {}}
    prepared = prepare_crd(definition(schema, version={"additionalPrinterColumns": [], "subresources": {"foo": 1}}))
    version = prepared["spec"]["versions"][0]
    assert version["schema"]["openAPIV3Schema"] == {"type": "object", "not": {}}
    assert version["subresources"] == {}
    assert "additionalPrinterColumns" not in version


def test_unknown_fields_are_found_but_not_below_items_or_free_values():
    crd = definition(field({"type": "array", "items": {"type": "object", "zz": 1}, "default": {"q": 1}, "bogus": 1}))
    crd["spec"]["Scope"] = "x"
    crd["metadata"] |= {"mm": 1, "aa": 1}
    crd["od.d"] = 1
    assert decode_crd(crd)[1] == [
        "metadata.mm",
        "metadata.aa",
        "spec.versions[0].schema.openAPIV3Schema.properties.spec.bogus",
        "spec.Scope",
        "od.d",
    ]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"maxLength": "x"},
            (
                "json: cannot unmarshal string into Go struct field "
                "JSONSchemaProps.spec.versions.schema.openAPIV3Schema.maxLength of type int64"
            ),
        ),
        (
            {"maxLength": 1.5},
            (
                "json: cannot unmarshal number 1.5 into Go struct field "
                "JSONSchemaProps.spec.versions.schema.openAPIV3Schema.maxLength of type int64"
            ),
        ),
        *(
            (
                {"maxLength": number},
                (
                    f"json: cannot unmarshal number {written} into Go struct field "
                    "JSONSchemaProps.spec.versions.schema.openAPIV3Schema.maxLength of type int64"
                ),
            )
            for number, written in ((1.0, "1.0"), (2**63, "9223372036854775808"), (1e19, "10000000000000000000"))
        ),
        ({"maximum": 10**400}, f"json: cannot unmarshal number 1{'0' * 400} into Go value of type float64"),
        (
            {"properties": {"a": {"items": {"type": 1}}}},
            "json: cannot unmarshal number into Go struct field JSONSchemaProps.type of type string",
        ),
        ({"additionalProperties": 1}, "boolean or JSON schema expected"),
    ],
)
def test_a_schema_of_a_wrong_type_is_refused_in_gos_words(schema, message):
    with pytest.raises(DecodeError) as caught:
        prepare_crd(definition(schema))
    assert str(caught.value) == message


NAMES = [
    ({"group": "Bad"}, "spec.group"),
    ({"group": "nodots"}, 'spec.group: Invalid value: "nodots": should be a domain with at least one dot'),
    ({"scope": "x"}, 'spec.scope: Unsupported value: "x": supported values: "Cluster", "Namespaced"'),
    ({"scope": ""}, "spec.scope: Required value"),
    (
        {"names": {"plural": "widgets", "kind": "Widget", "listKind": "Widget"}},
        'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
    ),
    (
        {"names": {"plural": "widgets", "kind": "Widget", "shortNames": ["a", "B"]}},
        f'spec.names.shortNames[1]: Invalid value: "B": {DNS1035}',
    ),
    ({"versions": []}, "spec.versions: Invalid value: []: must have exactly one version marked as storage version"),
    (
        {"preserveUnknownFields": True},
        ("spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields "
        "to true in spec.versions[*].schema instead"),
    ),
    ({"conversion": {}}, "spec.conversion.strategy: Required value"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "wanted"), NAMES)
def test_names_scope_and_versions_have_rules(spec, wanted):
    assert any(text.startswith(wanted) for text in refused(spec=spec))


def test_a_bad_version_name_is_reported_twice():
    assert refused(version={"name": "V1"}) == [
        f'spec.versions[0].name: Invalid value: "V1": {DNS1035}',
        f'spec.version: Invalid value: "V1": {DNS1035}',
    ]


def test_the_name_is_plural_dot_group():
    assert refused(metadata={"name": "gadgets.example.com"}) == [
        'metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group'
    ]


def test_a_missing_schema_is_the_one_error_with_the_path_of_the_version():
    assert refused(False) == ["spec.versions[0].schema.openAPIV3Schema: Required value"]


def test_what_versions_have_in_common_is_checked_once_and_what_differs_in_place():
    bad = {"openAPIV3Schema": {"type": "string"}}
    column = {"name": "A", "type": "nope", "jsonPath": ".a"}
    versions = [
        {"name": "v1", "served": True, "storage": True, "schema": bad, "additionalPrinterColumns": [column]},
        {"name": "v2", "served": True, "storage": False, "schema": bad},
    ]
    assert [text.partition(": ")[0] for text in refused(spec={"versions": versions})] == [
        "spec.versions[0].additionalPrinterColumns[0].type",
        f"{S}.type",
    ]


def test_the_root_of_a_schema_is_restricted_where_status_is_a_subresource():
    schema = {"type": "object", "maxProperties": 3}
    found = refused(schema, version={"subresources": {"status": {}}})
    assert len(found) == 1
    assert found[0].startswith(f'{S}: Invalid value: {{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object"')
    assert found[0].endswith(
        "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength "
        "Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example "
        "XPreserveUnknownFields XValidations] fields are allowed at the root of the schema "
        "if the status subresource is enabled"
    )


@pytest.mark.parametrize(
    ("conversion", "wanted"),
    [
        (
            {"url": "http://h"},
            ["\"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]"],
        ),
        ({"url": "https://"}, ['"": host must be specified; desired format: https://host[/path]']),
        ({"url": "https://u:p@h"}, ['"u:p": user information is not permitted in the URL']),
        ({"url": "https://h#f"}, ['"f": fragments are not permitted in the URL']),
        ({"url": "https://h?a=b"}, ['"a=b": query parameters are not permitted in the URL']),
    ],
)
def test_the_url_of_a_conversion_webhook_is_https_with_a_host(conversion, wanted):
    webhook = {"clientConfig": conversion, "conversionReviewVersions": ["v1"]}
    found = refused(spec={"conversion": {"strategy": "Webhook", "webhook": webhook}})
    assert found == [f"spec.conversion.webhookClientConfig.url: Invalid value: {text}" for text in wanted]


def test_a_service_is_checked_with_name_and_namespace_swapped():
    webhook = {"clientConfig": {"service": {"namespace": "n"}}, "conversionReviewVersions": ["v1"]}
    found = refused(spec={"conversion": {"strategy": "Webhook", "webhook": webhook}})
    assert found == ["spec.conversion.webhookClientConfig.service.namespace: Required value"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("spec.s", "is an invalid path: expected [ or . but got: spec"),
        (".spec.", "is an invalid path: unexpected end of JSON path"),
        (".spec['s']", "is an invalid path: array notation is not allowed"),
        (".spec.zz", "is an invalid path: does not refer to a valid field"),
        (
            ".spec",
            (
                "must point to a field of type string, boolean or integer. "
                "Enum string fields and strings with formats are allowed."
            ),
        ),
    ],
)
def test_a_selectable_field_is_a_scalar_of_the_schema(path, wanted):
    schema = field({"type": "object", "properties": {"s": {"type": "string"}}})
    found = refused(schema, version={"selectableFields": [{"jsonPath": path}]})
    assert found == [f'spec.selectableFields[0].jsonPath: Invalid value: "{path}": {wanted}']


@pytest.mark.parametrize(
    ("annotation", "accepted"),
    [
        ("https://github.com/kubernetes/kubernetes/pull/1", True),
        ("unapproved, an experiment", True),
        ("yes", False),
        ("https://", False),
    ],
)
def test_groups_of_kubernetes_need_an_approval(annotation, accepted):
    metadata = {"name": "widgets.x.k8s.io", "annotations": {"api-approved.kubernetes.io": annotation}}
    assert (refused(metadata=metadata, spec={"group": "x.k8s.io"}) == []) is accepted


# --- updates


def test_group_and_plural_never_change_kind_and_scope_not_once_established():
    old = prepare_crd(definition())
    new = definition(spec={"scope": "Cluster", "names": {"plural": "gadgets", "kind": "Gadget"}})
    assert texts(check_crd(new, old)) == ['spec.names.plural: Invalid value: "gadgets": field is immutable']
    assert texts(check_crd(new, established(definition()))) == [
        'spec.scope: Invalid value: "Cluster": field is immutable',
        'spec.names.kind: Invalid value: "Gadget": field is immutable',
        'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ]


def test_generation_counts_changes_of_the_spec():
    old = prepare_crd(definition(metadata={"generation": 3}))
    assert prepare_crd(definition(metadata={"labels": {"a": "b"}}), old)["metadata"]["generation"] == 3
    assert prepare_crd(definition(spec={"scope": "Cluster"}), old)["metadata"]["generation"] == 4


def test_a_stored_version_cannot_be_dropped():
    old = prepare_crd(definition())
    new = prepare_crd(definition(version={"name": "v2"}), old)
    assert new["status"]["storedVersions"] == ["v1", "v2"]
    assert texts(check_crd(new, old)) == [
        (
            'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage '
            "version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 "
            "and removes v1 from status.storedVersions"
        )
    ]


def test_certificates_are_looked_at_once_a_definition_is_established():
    client = {"url": "https://h", "caBundle": "bm90IGEgY2VydA=="}
    webhook = {"clientConfig": client, "conversionReviewVersions": ["v1"]}
    new = definition(spec={"conversion": {"strategy": "Webhook", "webhook": webhook}})
    assert check_crd(new) == []
    assert texts(check_crd(new, established(definition()))) == [
        (
            'spec.conversion.webhookClientConfig.caBundle: Invalid value: "bm90IGEgY2VydA==": '
            "unable to load root certificates: unable to parse bytes as PEM block"
        )
    ]


def test_unknown_formats_are_warned_of_once_and_only_when_new():
    def crd(*formats):
        properties = {name: {"type": "string", "format": name} for name in formats}
        return prepare_crd(definition(field({"type": "object", "properties": properties})))

    assert format_warnings(crd("ip", "date", "ip")) == ['unrecognized format "ip"']
    assert format_warnings(crd("ip", "port"), crd("ip")) == ['unrecognized format "port"']


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("x", "json: cannot unmarshal string into Go struct field CustomResourceDefinition.metadata of type v1.ObjectMeta"),
        ({"name": 1}, "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string"),
        (
            {"ownerReferences": [{"uid": 1}]},
            "json: cannot unmarshal number into Go struct field OwnerReference.metadata.ownerReferences.uid of type types.UID",
        ),
    ],
)  # fmt: skip
def test_metadata_of_a_wrong_type_is_refused_with_its_place_in_the_definition(metadata, message):
    with pytest.raises(DecodeError) as caught:
        prepare_crd({**definition(), "metadata": metadata})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("soon", 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'),
        (1, "json: cannot unmarshal number into Go value of type string"),
    ],
)
def test_the_time_of_a_condition_is_a_time(time, message):
    condition = {"type": "Established", "status": "True", "lastTransitionTime": time}
    with pytest.raises(DecodeError) as caught:
        prepare_crd({**definition(), "status": {"conditions": [condition]}})
    assert str(caught.value) == message


def test_a_write_to_the_status_checks_metadata_and_the_accepted_names():
    old = prepare_crd(definition())
    new = {**old, "status": {"acceptedNames": {"plural": "Bad", "kind": ""}}}
    assert texts(check_crd_status(new, old)) == [f'status.acceptedNames.plural: Invalid value: "Bad": {DNS1035}']
