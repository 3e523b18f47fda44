import pytest

from kubecrd.errors import RequestError
from kubecrd.resource.fields import FieldSelector
from kubecrd.resource.labels import Requirement, Selector


@pytest.mark.kube_rs("K90", "K92")
@pytest.mark.parametrize(
    ("operator", "present", "other", "absent"),
    [
        ("In", True, False, False),
        ("NotIn", False, True, True),
        ("Exists", True, True, False),
        ("DoesNotExist", False, False, True),
    ],
)
def test_a_requirement_matches_as_the_server_does(operator, present, other, absent):
    """An absent label is unequal to every value: NotIn holds, In does not."""
    requirement = Requirement("team", operator, frozenset({"pizza"}))

    assert requirement.matches({"team": "pizza"}) is present
    assert requirement.matches({"team": "pasta"}) is other
    assert requirement.matches({}) is absent


@pytest.mark.kube_rs("K94")
@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("app=web", "app=web"),
        ("app == web", "app=web"),
        ("app!=web", "app!=web"),
        ("app", "app"),
        ("!app", "!app"),
        ("tier in (b, a)", "tier in (a,b)"),
        ("tier notin (b,a)", "tier notin (a,b)"),
        ("tier in (a)", "tier=a"),
        ("a=1,b!=2,!c,d,example.com/e in (x,y)", "a=1,b!=2,!c,d,example.com/e in (x,y)"),
        ("a=", "a="),
        ("a in (x,)", "a in (,x)"),
    ],
)
def test_label_selectors_are_read_and_rendered(text, rendered):
    assert str(Selector.parse(text)) == rendered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=1,", "found '', expected: identifier after ','"),
        ("a b", "found 'b', expected: in, notin, =, ==, !="),
        ("a in x", "found 'x', expected: '('"),
        ("a in (x", "found '', expected: ',' or ')'"),
        ("=1", "found '=', expected: identifier"),
        ("a=1 b", "found 'b', expected: ',' or end of text"),
    ],
)
def test_a_malformed_label_selector_says_what_was_expected(text, message):
    with pytest.raises(RequestError) as caught:
        Selector.parse(text)

    assert str(caught.value) == f"unable to parse requirement: {message}"


@pytest.mark.kube_rs("K93")
def test_the_structured_form_is_read():
    selector = Selector.from_dict(
        {
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "NotIn", "values": ["b"]},
                {"key": "x", "operator": "Exists"},
            ],
        }
    )

    assert str(selector) == "app=web,tier!=b,x"
    assert Selector.from_dict(selector.to_dict()) == selector


def test_an_unknown_operator_of_the_structured_form_is_refused():
    with pytest.raises(RequestError, match=r"^matchExpressions\[0\].operator: 'Near' is not a label selector operator"):
        Selector.from_dict({"matchExpressions": [{"key": "a", "operator": "Near"}]})


@pytest.mark.kube_rs("K91")
def test_an_empty_selector_selects_all():
    assert Selector().selects_all
    assert Selector().matches({})


@pytest.mark.kube_rs("K91")
def test_selectors_add_up():
    both = Selector.parse("a=1") & Selector.of({"b": "2"})

    assert both.matches({"a": "1", "b": "2"})
    assert not both.matches({"a": "1"})


@pytest.mark.kube_rs("K94")
@pytest.mark.parametrize(
    ("text", "fields", "matches"),
    [
        ("metadata.name=web", {"metadata.name": "web"}, True),
        ("metadata.name==web", {"metadata.name": "web"}, True),
        ("metadata.name!=web", {"metadata.name": "web"}, False),
        ("spec.x=", {}, True),
        (r"spec.x=a\,b\=c\\d", {"spec.x": r"a,b=c\d"}, True),
        ("a=1,b=2", {"a": "1", "b": "3"}, False),
        ("", {}, True),
    ],
)
def test_field_selectors_match(text, fields, matches):
    assert FieldSelector.parse(text).matches(lambda name: fields.get(name, "")) is matches


@pytest.mark.parametrize("text", ["metadata.name=web", "=web", r"spec.x=a\,b\=c\\d,y!=z"])
def test_field_selectors_are_rendered_as_they_are_read(text):
    assert str(FieldSelector.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("web", "invalid selector: 'web'; can't understand 'web'"),
        (r"a=\b", r"invalid field selector: invalid escape sequence: \b"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ],
)
def test_a_malformed_field_selector_is_refused(text, message):
    with pytest.raises(RequestError) as caught:
        FieldSelector.parse(text)

    assert str(caught.value) == message


def test_fields_are_given_by_name():
    assert str(FieldSelector.of(metadata__name="web")) == "metadata.name=web"
