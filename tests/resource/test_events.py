import json
from datetime import UTC, datetime

import pytest

from kubecrd.errors import ConflictError, DecodeError, ExpiredError, NotFoundError, StatusError
from kubecrd.resource import codec, status
from kubecrd.resource.conditions import find_condition, is_condition_true, set_condition
from kubecrd.resource.events import Added, Bookmark, Deleted, Failed, Modified, decode_event
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.status import Status
from tests.resource.pizza import Pizza, PizzaSpec

PIZZA = Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=1))


def event(line):
    return decode_event(line, lambda raw: codec.decode(raw, Pizza, check_kind=False))


@pytest.mark.kube_rs("K80")
@pytest.mark.parametrize(("word", "kind"), [("ADDED", Added), ("MODIFIED", Modified), ("DELETED", Deleted)])
def test_events_carry_objects(word, kind):
    assert event(b'{"type":"%s","object":%s}' % (word.encode(), codec.encode(PIZZA))) == kind(PIZZA)


@pytest.mark.kube_rs("K80")
@pytest.mark.parametrize(
    ("annotations", "end"),
    [({}, False), ({"k8s.io/initial-events-end": "true"}, True)],
)
def test_bookmarks_carry_only_a_version(annotations, end):
    metadata = {"resourceVersion": "7", "annotations": annotations}
    line = json.dumps({"type": "BOOKMARK", "object": {"kind": "Pizza", "metadata": metadata}})

    assert event(line) == Bookmark("7", end)


def test_an_error_carries_a_status():
    failed = event(b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}')

    assert failed == Failed(Status(code=410, reason="Expired", message="too old"))


@pytest.mark.parametrize("line", [b"<html>", b"{}", b'{"type":"DANCED","object":{}}', b'{"type":"ADDED","object":{}}'])
def test_a_line_that_is_no_event_is_refused(line):
    with pytest.raises(DecodeError):
        event(line)


@pytest.mark.kube_rs("K82", "K83", "K84")
@pytest.mark.parametrize(
    ("told", "error"),
    [
        (status.not_found("pizzas", "a", group="shop.example.com"), NotFoundError),
        (status.conflict("pizzas", "a", "it has changed"), ConflictError),
        (status.expired("too old"), ExpiredError),
        (Status(code=404, reason="SomethingOfAWebhook"), NotFoundError),
        (Status(code=409, reason="NotFound"), NotFoundError),
        (Status(code=418), StatusError),
    ],
)
def test_the_reason_decides_which_error_a_status_is_and_the_code_only_when_it_is_unknown(told, error):
    assert type(StatusError.of(told)) is error


@pytest.mark.kube_rs("K81")
def test_a_status_survives_its_json():
    told = status.not_found("pizzas", "a", group="shop.example.com")

    assert Status.from_dict(told.to_dict()) == told


NOON, LATER = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=UTC)


def test_a_condition_keeps_its_time_while_its_status_stays():
    conditions = []
    set_condition(conditions, "Ready", "True", reason="Baked", now=NOON)

    changed = set_condition(conditions, "Ready", "True", reason="StillBaked", now=LATER)

    assert changed
    assert find_condition(conditions, "Ready").last_transition_time == NOON


def test_a_condition_gets_a_new_time_when_its_status_changes():
    conditions = []
    set_condition(conditions, "Ready", "True", reason="Baked", now=NOON)

    set_condition(conditions, "Ready", "False", reason="Burnt", now=LATER)

    assert find_condition(conditions, "Ready").last_transition_time == LATER
    assert not is_condition_true(conditions, "Ready")


def test_setting_a_condition_to_what_it_is_changes_nothing():
    conditions = []
    set_condition(conditions, "Ready", "True", reason="Baked", now=NOON)

    assert not set_condition(conditions, "Ready", "True", reason="Baked", now=LATER)
