"""Conversion webhooks: one version of a custom object made of another by whoever the definition names.

Source: apiextensions-apiserver `pkg/apiserver/conversion/webhook_converter.go`.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final, Never, final

import anyio.from_thread
import msgspec

from kubecrd.errors import StatusError
from kubecrd.resource.fielderrors import FieldError, join
from kubecrd.resource.gotext import json_text
from kubecrd.schema import names
from kubecrd.schema.acceptance_conversion import review_version
from kubecrd.schema.gostructs import Field, Free, ListOf, Scalar, Struct
from kubecrd.schema.goyaml import parse_yaml
from kubecrd.schema.wording import invalid

from .gojson import go_type_name
from .options import plain_failure
from .webhookclient import WebhookError
from .webhookreplies import STATUS, InvalidReplyError, read_review, verify_review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .webhookclient import Reply, WebhookClient

__all__ = ["ConversionWebhook"]

_GROUP: Final = "apiextensions.k8s.io"
_SECONDS: Final = 30.0
_STRING: Final = Scalar("string")
_REVIEW: Final = Struct(
    "ConversionReview",
    {
        "kind": Field(_STRING),
        "apiVersion": Field(_STRING),
        "request": Field(Free(), "set"),
        "response": Field(
            Struct(
                "ConversionResponse",
                {
                    "uid": Field(Scalar("types.UID")),
                    "convertedObjects": Field(ListOf(Free("runtime.RawExtension"))),
                    "result": Field(STATUS, "set"),
                },
            ),
            "set",
        ),
    },
)
_EMPTY_RESPONSE: Final[dict[str, Any]] = {"uid": "", "convertedObjects": None, "result": {"metadata": {}}}
"""What the server sends along, since Go has no way to leave it out."""


@final
class ConversionWebhook:
    """The webhook that converts the objects of one definition.

    Args:
        config: The ``spec.conversion.webhook`` of the definition.
        client: Calls it.
    """

    def __init__(self, config: Mapping[str, Any], client: WebhookClient) -> None:
        self._config = config.get("clientConfig") or {}
        versions = config.get("conversionReviewVersions") or ()
        self._version = review_version(versions)
        self._client = client

    async def convert(self, objects: list[dict[str, Any]], api_version: str) -> list[dict[str, Any]]:
        """Give *objects*, all of one version, in another, with the metadata that they had but for labels and annotations.

        Raises:
            StatusError: 500, the webhook cannot be called, fails, or makes something else of them.
        """
        subject = _subject(objects[0])
        uid = str(uuid.uuid4())
        review = {
            "kind": "ConversionReview",
            "apiVersion": f"{_GROUP}/{self._version}",
            "request": {"uid": uid, "desiredAPIVersion": api_version, "objects": objects},
            "response": _EMPTY_RESPONSE,
        }
        try:
            reply = await self._client.post(self._config, review, seconds=_SECONDS)
            found = self._read(reply, uid)
        except (WebhookError, InvalidReplyError) as error:
            raise StatusError.of(plain_failure(f"{subject} failed: {error}")) from error
        if len(found) != len(objects):
            _refuse(f"{subject} returned {len(found)} objects, expected {len(objects)}")
        for place, (old, new) in enumerate(zip(objects, found, strict=True)):
            if isinstance(new, dict) and not new.get("kind"):
                _refuse(f"Object 'Kind' is missing in '{_as_sent(reply, place)}'")
            found[place] = _checked(old, new, api_version, _subject(old))
        return found

    def convert_from_thread(self, obj: dict[str, Any], api_version: str) -> dict[str, Any]:
        """As `convert` for one object, called in a worker thread of the event loop.

        Raises:
            StatusError: as `convert`.
        """
        return anyio.from_thread.run(self.convert, [obj], api_version)[0]

    def _read(self, reply: Reply, uid: str) -> list[Any]:
        review = read_review(reply, _GROUP, self._version, "ConversionReview", _REVIEW)
        response = review.get("response")
        if self._version == "v1":
            verify_review(review, uid, _GROUP, "ConversionReview", kind_first=True)
        if response is None:
            raise InvalidReplyError("no response provided")
        result = response.get("result") or {}
        if result.get("status") != "Success":
            status = result.get("status", "")
            raise InvalidReplyError(result.get("message") or f"response.result.status was '{status}', not 'Success'")
        found: list[Any] = response.get("convertedObjects") or []
        return found


class _Response(msgspec.Struct):
    convertedObjects: list[msgspec.Raw]  # noqa: N815 - as it is in JSON


class _Review(msgspec.Struct):
    response: _Response


def _as_sent(reply: Reply, place: int) -> str:
    """Give the text of one object in an answer, blanks and all; an answer in YAML has been JSON for a moment."""
    try:
        review = msgspec.json.decode(reply.body, type=_Review)
    except msgspec.DecodeError:
        return json_text(parse_yaml(reply.body).document["response"]["convertedObjects"][place])
    return bytes(review.response.convertedObjects[place]).decode()


def _subject(obj: Mapping[str, Any]) -> str:
    return f"conversion webhook for {obj['apiVersion']}, Kind={obj['kind']}"


def _refuse(message: str) -> Never:
    raise StatusError.of(plain_failure(message))


def _checked(old: dict[str, Any], new: Any, api_version: str, subject: str) -> dict[str, Any]:
    """Hold a converted object to the one it was made of, and put back what a webhook cannot change.

    Raises:
        StatusError: 500, it is no object, or another one.
    """
    if new is None:
        _refuse("unexpected end of JSON input")
    if not isinstance(new, dict):
        _refuse(f"json: cannot unmarshal {go_type_name(new)} into Go value of type map[string]interface {{}}")
    said = new.get("apiVersion") or ""
    if said != api_version:
        why = f"invalid groupVersion (expected {api_version}, received {said})"
        _refuse(f"{subject} returned invalid object at index 0: {why}")
    if new["kind"] != old["kind"]:
        why = f"invalid kind (expected {old['kind']}, received {new['kind']})"
        _refuse(f"{subject} returned invalid object at index 0: {why}")
    metadata = new.get("metadata")
    given = metadata if isinstance(metadata, dict) else {}
    for key, shown in (("name", "name"), ("namespace", "namespace"), ("uid", "UID")):
        before, after = old["metadata"].get(key) or "", given.get(key) or ""
        if before != after:
            _refuse(f"{subject} returned invalid object: must have the same {shown}: {before} != {after}")
    if why := _metadata_fault(metadata, old["metadata"]):
        _refuse(f"{subject} returned invalid metadata: {why}")
    kept = {key: value for key, value in old["metadata"].items() if key not in {"labels", "annotations"}}
    taken = {key: given[key] for key in ("labels", "annotations") if given.get(key) is not None}
    return {**new, "metadata": {**kept, **taken}}


def _metadata_fault(metadata: Any, old: Mapping[str, Any]) -> str:
    """Say what is wrong with the metadata that a webhook sends back; empty for nothing."""
    if metadata is None:
        return "missing metadata in converted object"
    if not isinstance(metadata, dict):
        return f"invalid metadata of type {_go_type(metadata)} in converted object"
    for key in ("labels", "annotations"):
        found = metadata.get(key)
        if found is None:
            continue
        if not isinstance(found, dict):
            return f"invalid metadata.{key} of type {_go_type(found)} in converted object"
        for name, value in found.items():
            if not isinstance(value, str):
                return f"metadata.{key}[{name}] must be a string, but is {_go_type(value)} in converted object"
        if found != (old.get(key) or {}) and (errors := _pair_errors(key, found)):
            return join(errors)
    return ""


def _pair_errors(key: str, pairs: Mapping[str, str]) -> list[FieldError]:
    # The path is wrong in the server, and stays so.
    path = "metadata.labels" if key == "labels" else "metadata.annotation"
    errors = []
    for name, value in pairs.items():
        errors += [invalid(path, name, text) for text in names.qualified_name(name)]
        if key == "labels":
            errors += [invalid(path, value, text) for text in names.label_value(value)]
    return errors


def _go_type(value: Any) -> str:
    """Name the Go type that JSON becomes in an unstructured object."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "[]interface {}"
        case dict():
            return "map[string]interface {}"
        case _:
            return "<nil>"
