"""Reviews: what the API server asks admission and conversion webhooks, and what they answer."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import DecodeError
from kubecrd.resource.admission import AdmissionRequest, AdmissionResponse, read_review
from kubecrd.resource.conversionreview import conversion_failure, conversion_success, read_conversion_review
from kubecrd.resource.identity import GroupVersionKind, GroupVersionResource
from kubecrd.resource.patches import json_difference
from kubecrd.server.jsonpatch import json_patch

EXPECTED = "an AdmissionReview of admission.k8s.io/v1 was expected"
REVIEW = {
    "apiVersion": "admission.k8s.io/v1",
    "kind": "AdmissionReview",
    "request": {
        "uid": "u1",
        "kind": {"group": "shop.example.com", "version": "v1", "kind": "Pizza"},
        "resource": {"group": "shop.example.com", "version": "v1", "resource": "pizzas"},
        "subResource": "status",
        "requestKind": {"group": "shop.example.com", "version": "v2", "kind": "Pizza"},
        "requestResource": {"group": "shop.example.com", "version": "v2", "resource": "pizzas"},
        "requestSubResource": "status",
        "name": "margherita",
        "namespace": "team",
        "operation": "UPDATE",
        "userInfo": {"username": "ada", "groups": ["cooks"]},
        "object": {"spec": {"size": 30}},
        "oldObject": {"spec": {"size": 20}},
        "dryRun": False,
        "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1"},
    },
}
CONVERSION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "ConversionReview",
    "request": {
        "uid": "u2",
        "desiredAPIVersion": "shop.example.com/v2",
        "objects": [{"apiVersion": "shop.example.com/v1"}],
    },
}


@pytest.fixture
def request_() -> AdmissionRequest:
    return read_review(REVIEW)


@pytest.mark.kube_rs("K130")
def test_a_review_is_read(request_):
    assert request_.kind == GroupVersionKind("shop.example.com", "v1", "Pizza")
    assert request_.request_resource == GroupVersionResource("shop.example.com", "v2", "pizzas")
    assert request_.subresource == "status"
    assert request_.operation == "UPDATE"
    assert request_.user_info.groups == ["cooks"]
    assert request_.object == {"spec": {"size": 30}}


def test_a_request_is_written_as_it_was_read(request_):
    assert request_.to_review() == REVIEW


def test_a_request_does_not_show_its_objects(request_):
    assert "size" not in repr(request_)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {**REVIEW, "apiVersion": "admission.k8s.io/v1beta1"},
            f"{EXPECTED}, not 'AdmissionReview' of 'admission.k8s.io/v1beta1'; name only v1 in admissionReviewVersions",
        ),
        ({**REVIEW, "request": None}, "the AdmissionReview has no request"),
        (
            [],
            f"{EXPECTED}, not None of None; name only v1 in admissionReviewVersions",
        ),
    ],
)
def test_what_is_no_review_is_refused(document, message):
    with pytest.raises(DecodeError) as raised:
        read_review(document)

    assert str(raised.value) == message


def response_of(answer: AdmissionResponse) -> dict:
    return answer.to_review()["response"]


@pytest.mark.kube_rs("K131")
@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (lambda request: AdmissionResponse.allow(request), {"uid": "u1", "allowed": True}),
        (
            lambda request: AdmissionResponse.deny(request, "too big"),
            {"uid": "u1", "allowed": False, "status": {"code": 403, "reason": "Forbidden", "message": "too big"}},
        ),
        (
            lambda _: AdmissionResponse.invalid("no JSON"),
            {"uid": "", "allowed": False, "status": {"code": 400, "reason": "BadRequest", "message": "no JSON"}},
        ),
        (
            lambda request: AdmissionResponse.allow(request).with_warnings("old").with_warnings("very old"),
            {"uid": "u1", "allowed": True, "warnings": ["old", "very old"]},
        ),
        (
            lambda request: AdmissionResponse.allow(request).with_audit_annotations(size="30"),
            {"uid": "u1", "allowed": True, "auditAnnotations": {"size": "30"}},
        ),
    ],
)
def test_an_answer_says_what_was_decided(answer, wanted, request_):
    assert response_of(answer(request_)) == wanted


def test_a_patch_travels_as_base64(request_):
    before, after = {"spec": {"size": 30}}, {"spec": {"size": 40, "crust": "thin"}}
    response = response_of(AdmissionResponse.allow(request_).with_object(before, after))

    assert response["patchType"] == "JSONPatch"
    assert json.loads(base64.b64decode(response["patch"])) == [
        {"op": "replace", "path": "/spec/size", "value": 40},
        {"op": "add", "path": "/spec/crust", "value": "thin"},
    ]


def test_no_patch_is_sent_where_nothing_changes(request_):
    assert "patch" not in response_of(AdmissionResponse.allow(request_).with_object({"a": 1}, {"a": 1}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a/b", "~"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b/c", "~d"]), inner, max_size=3),
    max_leaves=8,
)


@given(JSON.map(lambda value: {"spec": value}), JSON.map(lambda value: {"spec": value}))
def test_the_operations_between_two_objects_turn_one_into_the_other(before, after):
    assert json_patch(before, json_difference(before, after)) == after


@pytest.mark.kube_rs("K133")
def test_a_conversion_is_answered_with_as_many_objects():
    request = read_conversion_review(CONVERSION)
    converted = {"apiVersion": request.desired_api_version}

    assert conversion_success(request, [converted]) == {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "ConversionReview",
        "response": {"uid": "u2", "convertedObjects": [converted], "result": {"status": "Success"}},
    }


def test_a_conversion_that_fails_says_why():
    response = conversion_failure("u2", "no crust")["response"]

    assert response == {"uid": "u2", "convertedObjects": [], "result": {"status": "Failure", "message": "no crust"}}


def test_null_objects_are_none():
    assert read_conversion_review({**CONVERSION, "request": {**CONVERSION["request"], "objects": None}}).objects == []


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([], "1 objects were to be converted, and 0 came back"),
        (
            [{"apiVersion": "shop.example.com/v1"}],
            "objects[0] is of 'shop.example.com/v1', and 'shop.example.com/v2' was asked for",
        ),
    ],
)
def test_a_wrong_conversion_is_noticed_before_it_is_sent(objects, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        conversion_success(read_conversion_review(CONVERSION), objects)


def test_what_is_no_conversion_review_is_refused():
    with pytest.raises(DecodeError, match=r"a ConversionReview of apiextensions\.k8s\.io/v1 was expected"):
        read_conversion_review(REVIEW)
