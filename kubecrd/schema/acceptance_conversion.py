"""How a definition's objects are converted between versions: strategy and webhook."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final

from . import names
from .gourl import UrlError, parse_url
from .wording import forbidden, invalid, not_supported, required

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = [
    "check_conversion",
    "check_review_versions",
    "check_service",
    "check_url",
    "has_bad_ca_bundle",
    "knows_review_version",
    "review_version",
]

_KNOWN_REVIEWS: Final = frozenset({"v1", "v1beta1"})
_NOT_WEBHOOK: Final = "should not be set when strategy is not set to Webhook"
_FORM: Final = "; desired format: https://host[/path]"


def knows_review_version(versions: list[str]) -> bool:
    """Whether one of the review versions is one that the API server speaks."""
    return not _KNOWN_REVIEWS.isdisjoint(versions)


def review_version(versions: Iterable[str]) -> str:
    """Say in which version a webhook is sent reviews: the first of its list that the API server speaks, or else ``v1``."""
    return next((version for version in versions if version in _KNOWN_REVIEWS), "v1")


def check_conversion(
    conversion: dict[str, Any], path: str, *, needs_known_review: bool = True, checks_ca: bool = False
) -> list[FieldError]:
    """List what is wrong with the conversion of a definition.

    The server's internal type has no struct for the webhook, so the paths lack the word ``webhook``.

    Args:
        conversion: The document under ``spec.conversion``.
        path: Where it stands.
        needs_known_review: Whether a review version of the API server's must be among the versions.
        checks_ca: Whether the certificates are looked at, which is so once the definition is established.
    """
    return list(_check(conversion, path, needs_known_review=needs_known_review, checks_ca=checks_ca))


def _check(conversion: dict[str, Any], path: str, *, needs_known_review: bool, checks_ca: bool) -> Iterator[FieldError]:
    strategy = conversion.get("strategy", "")
    webhook = conversion.get("webhook") or {}
    client, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    if not strategy:
        yield required(f"{path}.strategy")
    elif strategy not in {"None", "Webhook"}:
        yield not_supported(f"{path}.strategy", strategy, ("None", "Webhook"))
    if strategy == "Webhook":
        yield from _check_client(client, f"{path}.webhookClientConfig", checks_ca=checks_ca)
        yield from check_review_versions(reviews, f"{path}.conversionReviewVersions", needs_known=needs_known_review)
        return
    if client is not None:
        yield forbidden(f"{path}.webhookClientConfig", _NOT_WEBHOOK)
    if reviews:
        yield forbidden(f"{path}.conversionReviewVersions", _NOT_WEBHOOK)


def _check_client(client: dict[str, Any] | None, path: str, *, checks_ca: bool) -> Iterator[FieldError]:
    if client is None:
        yield required(path, "required when strategy is set to Webhook")
        return
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from check_url(url, f"{path}.url")
    elif service is not None:
        yield from check_service(service, f"{path}.service")
    if checks_ca and has_bad_ca_bundle(client):
        detail = "unable to load root certificates: unable to parse bytes as PEM block"
        yield invalid(f"{path}.caBundle", client["caBundle"], detail)


def check_url(url: str, path: str) -> Iterator[FieldError]:
    """Yield what is wrong with the URL of a webhook.

    Args:
        url: As it is written.
        path: Where it stands.
    """
    try:
        parsed = parse_url(url)
    except UrlError as error:
        yield required(path, f"url must be a valid URL: {error}{_FORM}")
        return
    if parsed.scheme != "https":
        yield invalid(path, parsed.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not parsed.host:
        yield invalid(path, "", f"host must be specified{_FORM}")
    if parsed.user is not None:
        yield invalid(path, parsed.user, "user information is not permitted in the URL")
    if parsed.fragment:
        yield invalid(path, parsed.fragment, "fragments are not permitted in the URL")
    if parsed.query:
        yield invalid(path, parsed.query, "query parameters are not permitted in the URL")


def check_service(service: dict[str, Any], path: str) -> Iterator[FieldError]:
    """Yield what is wrong with the reference of a webhook to a Service.

    Args:
        service: The document.
        path: Where it stands.
    """
    # The server's validation is called with name and namespace swapped.
    if not service.get("namespace"):
        yield required(f"{path}.name")
    if not service.get("name"):
        yield required(f"{path}.namespace")
    port = service.get("port", 443)
    if not 1 <= port <= 65535:
        yield invalid(f"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive")
    url_path = service.get("path")
    if url_path not in (None, "", "/"):
        yield from (invalid(f"{path}.path", url_path, text) for text in _path_problems(url_path))


def _path_problems(url_path: str) -> Iterator[str]:
    if url_path == "//":
        yield "segment[0] may not be empty"
        return
    if not url_path.startswith("/"):
        yield "must start with a '/'"
    # The first character is passed over whatever it is.
    for index, segment in enumerate(url_path[1:].removesuffix("/").split("/")):
        if not segment:
            yield f"segment[{index}] may not be empty"
        else:
            yield from (f"segment[{index}]: {text}" for text in names.dns1123_subdomain(segment))


def check_review_versions(versions: list[str], path: str, *, needs_known: bool, none: str = "") -> Iterator[FieldError]:
    """Yield what is wrong with the versions of reviews that a webhook understands.

    Args:
        versions: As they are listed.
        path: Where they stand.
        needs_known: Whether one that the API server speaks must be among them.
        none: What is said besides where there are none.
    """
    if not versions:
        yield required(path, none)
        return
    seen: set[str] = set()
    for index, version in enumerate(versions):
        if version in seen:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
            continue
        seen.add(version)
        yield from (invalid(f"{path}[{index}]", version, text) for text in names.dns1035_label(version))
    if needs_known and not knows_review_version(versions):
        yield invalid(path, versions, "must include at least one of v1, v1beta1")


_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def has_bad_ca_bundle(client: dict[str, Any] | None) -> bool:
    """Whether there is a bundle of certificates, and no certificate in it."""
    bundle = (client or {}).get("caBundle") or ""
    return bool(bundle) and _PEM.search(base64.b64decode(bundle)) is None
