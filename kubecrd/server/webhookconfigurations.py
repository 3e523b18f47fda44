"""Webhook configurations: what is filled in, and what is wrong with them.

Source: kubernetes `pkg/apis/admissionregistration/validation/validation.go`, `v1/defaults.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.schema import names
from kubecrd.schema.acceptance_conversion import (
    check_review_versions,
    check_service,
    check_url,
    knows_review_version,
)
from kubecrd.schema.wording import duplicate, invalid, not_supported, required

from .matchvalidation import check_conditions, check_rule, check_selector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_webhooks", "fill_rule_defaults", "fill_webhook_defaults"]

Json = dict[str, Any]

_SEGMENTS: Final = 3
_SECONDS: Final = range(1, 31)
_NO_EFFECTS: Final = ("None", "NoneOnDryRun")
_ENUMS: Final = (("failurePolicy", ("Fail", "Ignore")), ("matchPolicy", ("Equivalent", "Exact")))


def fill_webhook_defaults(configuration: Json, *, mutating: bool) -> None:
    """Fill in, in place, what a configuration leaves unsaid."""
    for webhook in configuration.get("webhooks") or ():
        webhook.setdefault("failurePolicy", "Fail")
        webhook.setdefault("matchPolicy", "Equivalent")
        webhook.setdefault("namespaceSelector", {})
        webhook.setdefault("objectSelector", {})
        webhook.setdefault("timeoutSeconds", 10)
        webhook.setdefault("clientConfig", {})
        webhook.setdefault("admissionReviewVersions", None)
        webhook.setdefault("name", "")
        if mutating:
            webhook.setdefault("reinvocationPolicy", "Never")
        for rule in webhook.get("rules") or ():
            fill_rule_defaults(rule)
        service = webhook["clientConfig"].get("service")
        if service is not None:
            service.setdefault("port", 443)


def fill_rule_defaults(rule: Json) -> None:
    """Fill in, in place, the scope of a rule."""
    rule.setdefault("scope", "*")


def check_webhooks(configuration: Json, old: Json | None) -> list[FieldError]:
    """List what is wrong with a configuration, in the server's order.

    Args:
        configuration: The document, with its defaults.
        old: What is stored of it; some faults that it has may stay.
    """
    webhooks, before = configuration.get("webhooks") or [], (old or {}).get("webhooks") or []
    errors: list[FieldError] = []
    conditions_changed = [each.get("matchConditions") for each in webhooks] != [
        each.get("matchConditions") for each in before
    ]
    checks_sides = old is None or all(each.get("sideEffects") in _NO_EFFECTS for each in before)
    checks_known = old is None or all(knows_review_version(each["admissionReviewVersions"] or []) for each in before)
    for index, webhook in enumerate(webhooks):
        path = f"webhooks[{index}]"
        errors += _check(webhook, path, needs_none=checks_sides, conditions=old is None or conditions_changed)
        errors += check_review_versions(
            webhook.get("admissionReviewVersions") or [],
            f"{path}.admissionReviewVersions",
            needs_known=checks_known,
            none="must specify one of v1, v1beta1",
        )
    listed = [each.get("name") for each in before]
    if old is None or len(listed) == len(set(listed)):
        errors += _check_unique(webhooks)
    return errors


def _check_unique(webhooks: list[Json]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, webhook in enumerate(webhooks):
        if webhook["name"] in seen:
            yield duplicate(f"webhooks[{index}].name", webhook["name"])
        seen.add(webhook["name"])


def _check(webhook: Json, path: str, *, needs_none: bool, conditions: bool) -> Iterator[FieldError]:
    yield from _check_name(webhook["name"], f"{path}.name")
    for index, rule in enumerate(webhook.get("rules") or ()):
        yield from check_rule(rule, f"{path}.rules[{index}]")
    for name, allowed in _ENUMS:
        if webhook.get(name) not in allowed:
            yield not_supported(f"{path}.{name}", webhook.get(name), allowed)
    effects = webhook.get("sideEffects")
    if effects is None:
        yield required(f"{path}.sideEffects", f"must specify one of {', '.join(_NO_EFFECTS)}")
    elif effects not in _NO_EFFECTS and needs_none:
        yield not_supported(f"{path}.sideEffects", effects, _NO_EFFECTS)
    if webhook["timeoutSeconds"] not in _SECONDS:
        text = "the timeout value must be between 1 and 30 seconds"
        yield invalid(f"{path}.timeoutSeconds", webhook["timeoutSeconds"], text)
    yield from check_selector(webhook.get("namespaceSelector") or {}, f"{path}.namespaceSelector")
    yield from check_selector(webhook.get("objectSelector") or {}, f"{path}.objectSelector")
    policy = webhook.get("reinvocationPolicy")
    if policy is not None and policy not in {"IfNeeded", "Never"}:
        yield not_supported(f"{path}.reinvocationPolicy", policy, ("IfNeeded", "Never"))
    yield from _check_client(webhook["clientConfig"], f"{path}.clientConfig")
    if conditions:
        yield from check_conditions(webhook.get("matchConditions") or (), f"{path}.matchConditions")


def _check_name(name: str, path: str) -> Iterator[FieldError]:
    if not name:
        yield required(path)
        return
    faults = names.dns1123_subdomain(name)
    yield from (invalid(path, name, text) for text in faults)
    if not faults and len(name.split(".")) < _SEGMENTS:
        yield invalid(path, name, "should be a domain with at least three segments separated by dots")


def _check_client(client: Json, path: str) -> Iterator[FieldError]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from check_url(url, f"{path}.url")
    elif service is not None:
        yield from check_service(service, f"{path}.service")
