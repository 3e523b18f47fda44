"""Class, JSON and schema agree, whatever the class."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kubecrd import verdict
from kubecrd.errors import DecodeError
from kubecrd.resource.codec import from_dict, to_dict
from kubecrd.schema.defaults import fill_defaults
from kubecrd.schema.derivation import derive
from kubecrd.schema.jsonvalues import copied
from kubecrd.schema.listtypes import check_lists
from kubecrd.schema.pruning import drop_nulls, prune
from kubecrd.schema.structural import Structural
from kubecrd.schema.validation import SchemaValidator
from tests.schema.generated import classes, spoilt

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def as_read(document, structural):
    """What a server makes of a document before it validates."""
    made = copied(document)
    prune(made, structural, is_root=False)
    drop_nulls(made, structural)
    fill_defaults(made, structural)
    return made


def has_list_for_text(value, schema):
    """Whether a list stands where a text with a format is wanted, which the server takes unchecked."""
    if isinstance(value, list):
        return "format" in schema or any(has_list_for_text(item, schema.get("items", {})) for item in value)
    if not isinstance(value, dict):
        return False
    rest, properties = schema.get("additionalProperties", {}), schema.get("properties", {})
    return any(has_list_for_text(member, properties.get(name, rest)) for name, member in value.items())


@FEW
@given(st.data())
def test_an_object_survives_json_and_its_schema_takes_it(data):
    cls, objects = data.draw(classes())
    for value in data.draw(st.lists(objects, min_size=1, max_size=3)):
        assert from_dict(cls, to_dict(value)) == value
        assert verdict(value) == []


@FEW
@given(st.data())
def test_what_the_class_cannot_hold_the_schema_refuses_and_what_it_holds_they_judge_alike(data):
    cls, objects = data.draw(classes())
    document = data.draw(spoilt(to_dict(data.draw(objects))))
    schema = derive(cls)[0]
    assume(isinstance(document, dict) and not has_list_for_text(document, schema))
    structural = Structural.of(schema)
    read = as_read(document, structural)
    errors = SchemaValidator(structural).errors(read) + check_lists(read, structural)
    try:
        value = from_dict(cls, read)
    except DecodeError:
        assert errors != []
    else:
        # Some texts and numbers are read with good will, and written as they should be.
        as_written = to_dict(value) == document
        assert (verdict(value) == []) is (errors == []) or not (as_written or errors == [])


@FEW
@given(st.data())
def test_pruning_and_filling_in_twice_is_as_good_as_once(data):
    cls, objects = data.draw(classes())
    document = data.draw(spoilt(to_dict(data.draw(objects))))
    structural = Structural.of(derive(cls)[0])

    once = as_read(document, structural)

    assert as_read(once, structural) == once
