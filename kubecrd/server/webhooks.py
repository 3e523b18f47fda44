"""Admission webhooks: who is asked, in which order, and what becomes of the answers.

Source: apiserver `pkg/admission/plugin/webhook/mutating/dispatcher.go`, `validating/dispatcher.go`.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, final

import anyio
from attrs import define, evolve, field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import json_text, quoted
from kubecrd.resource.status import Status, bad_request, forbidden, internal_error
from kubecrd.schema.acceptance_conversion import review_version

from .conditions import ConditionsError, conditions_hold
from .conversion import check_version, converted, defaulted
from .gojson import go_type_name
from .jsonpatch import JsonPatchError, apply_operations
from .reviews import admission_review
from .scalefields import SCALE
from .webhookclient import WebhookClientError, WebhookError
from .webhookmatching import EXEMPT_GROUP, Rule, Selection, is_exempt, kind_seen, operation_seen
from .webhookreplies import AdmissionResponse, InvalidReplyError, read_admission

if TYPE_CHECKING:
    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["MutatingWebhooks", "ValidatingWebhooks"]

_logger = logging.getLogger(__name__)
_HARMLESS: Final = frozenset({"None", "NoneOnDryRun"})


class _CallError(Exception):
    """A webhook could not be asked, or its answer is none; its failurePolicy says what that means."""


@frozen(eq=False)
class Webhook:
    """One webhook of a configuration.

    Attributes:
        id: What tells it apart from all others.
        name: As messages have it.
        config: As it is stored.
        rules: What it wants to see.
        selection: Of which namespaces and objects.
        version: Of the reviews that it is sent.
    """

    id: str
    name: str
    config: Mapping[str, Any]
    rules: tuple[Rule, ...]
    selection: Selection
    version: str

    @classmethod
    def of(cls, owner: str, number: int, config: Mapping[str, Any]) -> Webhook:
        """Read a webhook as it is stored."""
        versions = config.get("admissionReviewVersions") or ()
        return cls(
            f"{owner}/{number}",
            config.get("name") or "",
            config,
            tuple(Rule.of(rule) for rule in config.get("rules") or ()),
            Selection.of(config),
            review_version(versions),
        )

    @property
    def is_ignored(self) -> bool:
        """Whether a request goes on where it cannot be called."""
        return self.config.get("failurePolicy") == "Ignore"

    @property
    def is_reinvoked(self) -> bool:
        """Whether it is called again where others change the object after it."""
        return self.config.get("reinvocationPolicy") == "IfNeeded"

    @property
    def seconds(self) -> float:
        """How long a call may take."""
        return float(self.config.get("timeoutSeconds") or 10)


class _Webhooks:
    """What both kinds of webhooks have in common.

    Args:
        registry: Where the configurations are; its client calls the webhooks.
    """

    _plural: str
    _is_mutating: bool

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._client = registry.webhook_client
        self._known: dict[str, tuple[Mapping[str, Any], tuple[Webhook, ...]]] = {}

    def _webhooks(self) -> list[Webhook]:
        """Give all webhooks, in the order in which they are asked: by name of the configuration, then as listed."""
        configurations = self._registry.store.list(EXEMPT_GROUP, self._plural)[0]
        known, self._known = self._known, {}
        for configuration in sorted(configurations, key=lambda each: each["metadata"]["name"]):
            uid = configuration["metadata"]["uid"]
            held = known.get(uid)
            if held is None or held[0] is not configuration:
                listed = configuration.get("webhooks") or ()
                held = (configuration, tuple(Webhook.of(uid, number, each) for number, each in enumerate(listed)))
            self._known[uid] = held
        return [webhook for _, webhooks in self._known.values() for webhook in webhooks]

    async def _shown(self, webhook: Webhook, operation: Operation) -> tuple[Operation, ServedKind] | None:
        """Give a write as a webhook is to see it, and the kind it sees; None where it is not to see it.

        Raises:
            StatusError: its namespace is not there, it cannot be converted, or a condition cannot be told.
        """
        if not webhook.selection.selects(operation, self._registry):
            return None
        equivalent = webhook.config.get("matchPolicy") == "Equivalent"
        seen = kind_seen(webhook.rules, operation, self._registry.kinds, equivalent=equivalent)
        if seen is None:
            return None
        shown = await self._converted(operation, seen)
        try:
            is_meant = conditions_hold(webhook.config, self._registry, shown, seen, ignore_errors=webhook.is_ignored)
        except ConditionsError as error:
            status = forbidden(operation.kind.plural, operation.name, str(error), group=operation.kind.group)
            raise StatusError.of(status) from error
        return (shown, seen) if is_meant else None

    async def _converted(self, operation: Operation, seen: ServedKind) -> Operation:
        try:
            return await operation_seen(operation, seen)
        except StatusError as error:
            raise StatusError.of(internal_error(f"Internal error occurred: {error.status.message}")) from None

    async def _call(self, webhook: Webhook, shown: Operation, seen: ServedKind) -> AdmissionResponse:
        """Ask a webhook.

        Raises:
            _CallError: it gives no answer, or one that is none.
            StatusError: it denies, or cannot be asked in a dry run.
        """
        if shown.dry_run and webhook.config.get("sideEffects") not in _HARMLESS:
            raise StatusError.of(bad_request(f"admission webhook {quoted(webhook.name)} does not support dry run"))
        uid = str(uuid.uuid4())
        review = admission_review(shown, seen, version=webhook.version, uid=uid)
        seconds = webhook.seconds if shown.request is None else min(webhook.seconds, shown.request.seconds_left)
        try:
            reply = await self._client.post(webhook.config.get("clientConfig") or {}, review, seconds=seconds)
            response = read_admission(reply, version=webhook.version, uid=uid, mutating=self._is_mutating)
        except WebhookClientError as error:
            raise _CallError(f"could not get REST client: {error}") from error
        except WebhookError as error:
            raise _CallError(f"failed to call webhook: {error}") from error
        except InvalidReplyError as error:
            raise _CallError(f"received invalid webhook response: {error}") from None
        for text in response.warnings:
            if shown.request is not None:
                shown.request.warn(text)
        if not response.allowed:
            raise StatusError.of(_denial(webhook.name, response.status))
        return response

    def _failed(self, webhook: Webhook, error: _CallError) -> StatusError | None:
        """Say what a webhook that could not be asked means: nothing, or the end of the request."""
        text = f"failed calling webhook {quoted(webhook.name)}: {error}"
        if webhook.is_ignored:
            _logger.warning("%s, which is ignored", text)
            return None
        return StatusError.of(internal_error(text))


def _denial(name: str, said: dict[str, Any]) -> Status:
    """Make a failure of what a webhook says with its denial (`webhook/errors.ToStatusErr`)."""
    status = Status.from_dict(said)
    by = f"admission webhook {quoted(name)} denied the request"
    explanation = status.message or status.reason
    code = status.code or 0
    return evolve(
        status,
        code=max(code, 400),
        status="Failure" if status.status == "Success" else status.status,
        message=f"{by}: {explanation}" if explanation else f"{by} without explanation",
    )


@define
class _Round:
    """What the mutating webhooks remember of a write.

    Attributes:
        last: The object as they left it in the first round.
        eligible: Ids of webhooks called so far that want to be called again when something changes.
        again: Ids of those that have to be.
    """

    last: Any = None
    eligible: set[str] = field(factory=set)
    again: set[str] = field(factory=set)

    def require(self) -> None:
        """Have all eligible webhooks called again."""
        self.again |= self.eligible
        self.eligible = set()


@final
class MutatingWebhooks(_Webhooks):
    """Admission: the webhooks that may change an object, one after another."""

    _plural = "mutatingwebhookconfigurations"
    _is_mutating = True

    async def mutate(self, operation: Operation) -> None:
        """Show the write to every webhook that wants to see it, each as the ones before have left it.

        Raises:
            StatusError: one denies, or fails and must not.
        """
        if is_exempt(operation) or not (webhooks := self._webhooks()):
            return
        notes: _Round = operation.notes(self, _Round)
        if operation.reinvoked and operation.obj != notes.last:
            notes.require()
        for webhook in webhooks:
            found = await self._shown(webhook, operation)
            if found is None or (operation.reinvoked and webhook.id not in notes.again):
                continue
            if await self._ask(webhook, operation, *found):
                notes.require()
                operation.wants_reinvocation = True
            if webhook.is_reinvoked:
                notes.eligible.add(webhook.id)
        notes.last = operation.obj

    async def validate(self, operation: Operation) -> None:
        """Nothing is left to say when the object is final."""

    async def _ask(self, webhook: Webhook, operation: Operation, shown: Operation, seen: ServedKind) -> bool:
        """Ask a webhook, and do as it says; give whether that changes the object."""
        try:
            response = await self._call(webhook, shown, seen)
            steps = _steps(response)
        except _CallError as error:
            failure = self._failed(webhook, error)
            if failure is not None:
                raise failure from error
            return False
        if not steps:
            return False
        if shown.obj is None:
            why = "attempted to modify the object, which is not supported for this operation"
            raise StatusError.of(internal_error(f"admission webhook {quoted(webhook.name)} {why}"))
        patched = _patched(shown.obj, steps)
        if patched == shown.obj:
            return False
        if operation.subresource != SCALE:
            check_version(patched, seen)
            patched = defaulted(patched, seen)
            if seen is not operation.kind:
                patched = await converted(patched, operation.kind)
        operation.obj = patched
        return True


def _steps(response: AdmissionResponse) -> list[Any]:
    """Read the patch in an answer.

    Raises:
        _CallError: it is no list of operations, or of another type.
    """
    if not response.patch:
        return []
    try:
        steps = json.loads(response.patch)
    except ValueError as error:
        raise _CallError(f"received undecodable patch in webhook response: {error}") from None
    why = ""
    if steps is not None and not isinstance(steps, list):
        why = f"json: cannot unmarshal {go_type_name(steps)} into Go value of type jsonpatch.Patch"
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if step is not None and not isinstance(step, dict):
            found = go_type_name(step)
            why = why or f"json: cannot unmarshal {found} into Patch.{index} of type jsonpatch.Operation"
    if why:
        raise _CallError(f"received undecodable patch in webhook response: {why}")
    if steps and response.patch_type != "JSONPatch":
        raise _CallError(f"unsupported patch type {quoted(response.patch_type)}")
    return steps or []


def _patched(obj: dict[str, Any], steps: list[Any]) -> dict[str, Any]:
    """Apply a patch.

    Raises:
        StatusError: 500, it does not apply, or leaves no object.
    """
    try:
        patched = apply_operations(obj, steps)
    except JsonPatchError as error:
        raise StatusError.of(internal_error(str(error))) from None
    if not isinstance(patched, dict) or not isinstance(patched.get("kind"), str) or not patched["kind"]:
        raise StatusError.of(internal_error(f"Object 'Kind' is missing in '{json_text(patched)}'"))
    return patched


@final
class ValidatingWebhooks(_Webhooks):
    """Admission: the webhooks that may only refuse, all at once."""

    _plural = "validatingwebhookconfigurations"
    _is_mutating = False

    async def mutate(self, operation: Operation) -> None:
        """Nothing is said before the object is final."""

    async def validate(self, operation: Operation) -> None:
        """Show the write to every webhook that wants to see it.

        Raises:
            StatusError: one denies, or fails and must not; of several, the first to answer.
        """
        if is_exempt(operation) or not (webhooks := self._webhooks()):
            return
        found = [(webhook, await self._shown(webhook, operation)) for webhook in webhooks]
        failures: list[StatusError] = []

        async def ask(webhook: Webhook, shown: Operation, seen: ServedKind) -> None:
            try:
                await self._call(webhook, shown, seen)
            except _CallError as error:
                if (failure := self._failed(webhook, error)) is not None:
                    failures.append(failure)
            except StatusError as error:
                failures.append(error)

        async with anyio.create_task_group() as tasks:
            for webhook, what in found:
                if what is not None:
                    tasks.start_soon(ask, webhook, *what)
        if failures:
            raise failures[0]
