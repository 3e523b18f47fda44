"""Bodies in protobuf, as kubectl sends a few of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubecrd.server.protobuf import ProtobufError, UnknownMessageError, parse_protobuf, write_status

PROTOBUF = {"Content-Type": "application/vnd.kubernetes.protobuf"}


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def body(api_version: str, kind: str, *fields: bytes) -> bytes:
    meta = field(1, api_version.encode()) + field(2, kind.encode())
    return b"k8s\0" + field(1, meta) + field(2, b"".join(fields)) + field(3, b"") + field(4, b"")


def entry(key: str, value: bytes) -> bytes:
    return field(1, key.encode()) + field(2, value)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (
            body("v1", "ConfigMap", field(1, field(1, b"a")), field(2, entry("k", b"v")), field(2, entry("l", b"w"))),
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v", "l": "w"}},
        ),
        (
            body("v1", "Secret", field(1, field(1, b"a")), field(2, entry("k", b"\xff")), field(3, b"Opaque")),
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "data": {"k": "/w=="},
                "type": "Opaque",
            },
        ),
        (
            body("v1", "Namespace", field(1, field(1, b"a")), field(2, field(1, b"kubernetes"))),
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": "a"},
                "spec": {"finalizers": ["kubernetes"]},
            },
        ),
        (
            body("v1", "ServiceAccount", field(1, field(1, b"a")), field(4, 1)),
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "a"},
                "automountServiceAccountToken": True,
            },
        ),
    ],
)
def test_messages_become_documents(text, document):
    assert parse_protobuf(text) == document


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{}", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
        (b"k8s\0garbage", "proto: illegal wireType 7"),
        (b"k8s\0\x0a\x7f", "unexpected EOF"),
    ],
)
def test_what_is_no_message_is_refused(text, message):
    with pytest.raises(ProtobufError) as error:
        parse_protobuf(text)

    assert str(error.value) == message


def test_a_kind_that_is_not_known_is_said():
    with pytest.raises(UnknownMessageError):
        parse_protobuf(body("shop.example.com/v1", "Pizza"))


@given(st.binary(max_size=60))
@example(b"\x08\x00")
def test_any_bytes_are_read_or_refused(text):
    try:
        document = parse_protobuf(b"k8s\0" + text)
    except (ProtobufError, UnknownMessageError):
        return
    assert isinstance(document, dict)


@pytest.mark.anyio
async def test_an_object_is_created_from_protobuf(client):
    text = body("v1", "ConfigMap", field(1, field(1, b"a")), field(2, entry("k", b"v")))

    answer = await client.post("/api/v1/namespaces/default/configmaps", content=text, headers=PROTOBUF)

    assert answer.status_code == 201
    assert answer.json()["data"] == {"k": "v"}


def test_a_status_is_written_for_who_accepts_nothing_else():
    """Empty texts are written out, as the server's own messages have them."""
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "no", "code": 406}

    assert write_status(status) == (
        b'k8s\x00\n\x0c\n\x02v1\x12\x06Status\x12\x1a\n\x06\n\x00\x12\x00\x1a\x00\x12\x07Failure\x1a\x02no"\x000\x96\x03'
        b'\x1a\x00"\x00'
    )


def test_the_details_of_a_status_are_written_with_their_causes():
    cause = {"reason": "FieldValueRequired", "message": "Required value", "field": "spec"}
    plain = {"kind": "Status", "apiVersion": "v1"}
    written = write_status({**plain, "details": {"name": "a", "kind": "things", "causes": [cause]}})

    assert b"\n\x01a\x12\x00\x1a\x06things" in written
    assert b"\n\x12FieldValueRequired\x12\x0eRequired value\x1a\x04spec" in written
