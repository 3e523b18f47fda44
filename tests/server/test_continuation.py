"""Continue tokens."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubecrd.errors import BadRequestError
from kubecrd.server.continuation import Continuation


def token(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


@given(st.integers(1, 2**62), st.from_regex(r"[a-z]([a-z/]?[a-z])*", fullmatch=True))
def test_a_token_is_read_as_it_was_written(revision, name):
    continuation = Continuation(revision, f"{name}\0")

    assert Continuation.of(continuation.token()) == continuation


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("!!!", ": illegal base64 data at input byte 0"),
        (token({}), ": server does not recognize this encoded version "),
        (
            token({"v": "meta.k8s.io/v2", "rv": 1, "start": "a"}),
            ": server does not recognize this encoded version meta.k8s.io/v2",
        ),
        (
            token({"v": "meta.k8s.io/v1", "start": "a"}),
            ": incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
        ),
        (token({"v": "meta.k8s.io/v1", "rv": 5}), ": encoded start key empty (version meta.k8s.io/v1)"),
        (token({"v": "meta.k8s.io/v1", "rv": 5, "start": "../x"}), ": ../x"),
        (
            token({"v": "meta.k8s.io/v1", "rv": "5", "start": "x"}),
            ": json: cannot unmarshal string into Go struct field continueToken.rv of type int64",
        ),
        (token([1]), ": json: cannot unmarshal array into Go value of type storage.continueToken"),
    ],
)
def test_what_is_no_token_is_refused(text, why):
    with pytest.raises(BadRequestError) as error:
        Continuation.of(text)

    assert error.value.status.message == f"invalid continue token: continue key is not valid{why}"
