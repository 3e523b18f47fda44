"""Conversion reviews: the objects that the API server wants in another version (apiextensions.k8s.io/v1)."""

from __future__ import annotations

from typing import Annotated, Any

from attrs import define, field

from kubecrd.errors import DecodeError

from .codec import from_dict
from .naming import Alias

__all__ = ["ConversionRequest", "conversion_failure", "conversion_success", "read_conversion_review"]

_API_VERSION = "apiextensions.k8s.io/v1"


@define(kw_only=True)
class ConversionRequest:
    """Which objects are to be converted, and into what.

    Attributes:
        uid: Of this call; the answer carries it.
        desired_api_version: Such as ``shop.example.com/v2``.
        objects: They may be of several versions of one kind; empty where the server sent null.
    """

    uid: str
    desired_api_version: Annotated[str, Alias("desiredAPIVersion")]
    objects: list[dict[str, Any]] = field(factory=list, repr=False)  # may be secret


def read_conversion_review(document: Any) -> ConversionRequest:
    """Read what a server sends.

    Raises:
        DecodeError: the document is no ConversionReview of version v1, or does not fit it.
    """
    found = document if isinstance(document, dict) else {}
    if (found.get("apiVersion"), found.get("kind")) != (_API_VERSION, "ConversionReview"):
        raise DecodeError(
            f"a ConversionReview of {_API_VERSION} was expected, not {found.get('kind')!r} of {found.get('apiVersion')!r}; "
            f"name only v1 in conversionReviewVersions",
            "",
        )
    if not isinstance(found.get("request"), dict):
        raise DecodeError("the ConversionReview has no request", "request")
    return from_dict(ConversionRequest, found["request"])


def conversion_success(request: ConversionRequest, objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the ConversionReview that answers with the converted objects.

    Args:
        request: What is answered.
        objects: As many as were asked for, in their order; name, namespace and uid unchanged.

    Raises:
        ValueError: there are fewer or more than were asked for, or one is not of the version asked for.
    """
    if len(objects) != len(request.objects):
        raise ValueError(f"{len(request.objects)} objects were to be converted, and {len(objects)} came back")
    for number, each in enumerate(objects):
        if each.get("apiVersion") != request.desired_api_version:
            raise ValueError(
                f"objects[{number}] is of {each.get('apiVersion')!r}, and {request.desired_api_version!r} was asked for"
            )
    return _review({"uid": request.uid, "convertedObjects": objects, "result": {"status": "Success"}})


def conversion_failure(uid: str, message: str) -> dict[str, Any]:
    """Give the ConversionReview that says why nothing was converted.

    Args:
        uid: Of the call; empty where it could not be read.
        message: Shown to whoever asked for the objects.
    """
    return _review({"uid": uid, "convertedObjects": [], "result": {"status": "Failure", "message": message}})


def _review(response: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": _API_VERSION, "kind": "ConversionReview", "response": response}
