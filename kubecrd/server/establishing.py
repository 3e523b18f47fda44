"""What becomes of definitions by itself: names accepted, established, served, and cleaned up after.

Three controllers of apiextensions-apiserver work here as one: naming (`pkg/controller/status`), establishing, and the
finalizer (`pkg/controller/finalizer`). Definitions are looked at whenever one of their group has changed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import anyio

from kubecrd.errors import StatusError
from kubecrd.schema.acceptance_approval import APPROVAL_ANNOTATION, MISSING, WRONG, approval_of, is_protected
from kubecrd.schema.acceptance_conversion import has_bad_ca_bundle

from .crds import CLEANUP_FINALIZER, CRD_GROUP, CRD_PLURAL, condition, kinds_of, with_condition
from .delete import delete_object
from .deleteoptions import DeleteOptions
from .history import DELETED
from .managed import record_update

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["DefinitionController"]

_logger = logging.getLogger(__name__)
_BAD_BUNDLE: Final = "InvalidCABundle"
_MANAGER: Final = "kube-apiserver"
_POLL_SECONDS: Final = 0.2
"""How often a definition that is to go looks whether its objects are gone."""


class DefinitionController:
    """Follows all definitions, and does what is due.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._served: dict[str, str] = {}

    def look_at_all(self) -> None:
        """Bring all definitions, and what is served, up to date at once: a store may remember some."""
        for group in {crd["spec"]["group"] for crd in self._all()}:
            self._look_at_group(group)

    async def run(self) -> None:
        """Work until cancelled."""
        watch = self._registry.store.watch(CRD_GROUP, CRD_PLURAL)
        self.look_at_all()
        async with anyio.create_task_group() as tasks:
            for crd in self._all():
                if _is_going(crd):
                    tasks.start_soon(self._clean_up, crd["metadata"]["name"])
            async for event in watch:
                self._look_at_group(event.object["spec"]["group"])
                marked = _is_going(event.object) and not (event.previous and _is_going(event.previous))
                if marked and event.type != DELETED:
                    tasks.start_soon(self._clean_up, event.key.name)

    def _all(self) -> list[dict[str, Any]]:
        return self._registry.store.list(CRD_GROUP, CRD_PLURAL)[0]

    def _look_at_group(self, group: str) -> None:
        """Look at all definitions of a group: the names of one decide about those of the others."""
        names = [crd["metadata"]["name"] for crd in self._definitions(group)]
        for name in names:
            try:
                self._look(name)
            except Exception:
                # One definition that cannot be served must not keep the others, or the server, from working.
                _logger.exception("definition %s", name)
        for name in [name for name in self._served if self._read(name) is None]:
            self._registry.kinds.remove_definition(name)
            del self._served[name]

    def _definitions(self, group: str) -> list[dict[str, Any]]:
        return [crd for crd in self._all() if crd["spec"]["group"] == group]

    @property
    def _kind(self) -> ServedKind:
        kind = self._registry.kinds.find(CRD_GROUP, "v1", CRD_PLURAL)
        assert kind is not None
        return kind

    def _read(self, name: str) -> dict[str, Any] | None:
        return self._registry.read(self._kind, "", name)

    def _look(self, name: str) -> None:
        """Bring one definition's status, and what is served, up to date."""
        self._write(name, self._with_names)
        self._write(name, self._established)
        self._write(name, self._approved)
        crd = self._read(name)
        if crd is None:
            return
        established = condition(crd, "Established")
        broken = established is not None and established["reason"] == _BAD_BUNDLE
        self._registry.kinds.set_broken(crd["spec"]["group"], crd["spec"]["names"]["plural"], broken=broken)
        if established is None or established["status"] != "True":
            return
        stamp = f"{crd['metadata'].get('generation')}/{crd['status'].get('acceptedNames')}/{_is_going(crd)}"
        if self._served.get(name) == stamp:
            return
        self._served[name] = stamp
        self._registry.kinds.remove_definition(name)
        for kind in kinds_of(crd, self._registry.webhook_client):
            self._registry.kinds.add(kind)

    def _write(self, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change a definition's status, as the server's own manager."""
        crd = self._read(name)
        if crd is None:
            return
        changed = change(crd)
        if changed == crd:
            return
        now = self._registry.now()
        changed = record_update(self._kind, crd, changed, manager=_MANAGER, subresource="status", now=now)
        self._registry.replace(self._kind, changed, crd, dry_run=False)

    def _with_names(self, crd: dict[str, Any]) -> dict[str, Any]:
        """Accept those of its names that no other definition of the group has."""
        others = [each for each in self._definitions(crd["spec"]["group"]) if each["metadata"]["uid"] != _uid(crd)]
        accepted, conflict = _accepted_names(crd, others)
        now = self._registry.now()
        changed = {**crd, "status": {**crd["status"], "acceptedNames": accepted}}
        reason, message = conflict or ("NoConflicts", "no conflicts found")
        status = "False" if conflict else "True"
        changed = with_condition(changed, "NamesAccepted", status=status, reason=reason, message=message, now=now)
        before = condition(crd, "Established")
        if before is not None and (before["status"] == "True" or before["reason"] != "NotAccepted" or conflict):
            return changed
        if conflict:
            reason, message = "NotAccepted", "not all names are accepted"
        else:
            reason, message = "Installing", "the initial names have been accepted"
        return with_condition(changed, "Established", status="False", reason=reason, message=message, now=now)

    def _established(self, crd: dict[str, Any]) -> dict[str, Any]:
        """Establish a definition whose names are accepted."""
        names, established = condition(crd, "NamesAccepted"), condition(crd, "Established")
        if names is None or names["status"] != "True" or established is None or established["status"] == "True":
            return crd
        text = "the initial names have been accepted"
        webhook = (crd["spec"].get("conversion") or {}).get("webhook") or {}
        if has_bad_ca_bundle(webhook.get("clientConfig")):
            text = "The conversion webhook CABundle is invalid"
            now = self._registry.now()
            return with_condition(crd, "Established", status="False", reason=_BAD_BUNDLE, message=text, now=now)
        return with_condition(
            crd,
            "Established",
            status="True",
            reason="InitialNamesAccepted",
            message=text,
            now=self._registry.now(),
        )

    def _approved(self, crd: dict[str, Any]) -> dict[str, Any]:
        """Say whether a definition in a group of Kubernetes' own has been approved."""
        if not is_protected(crd["spec"]["group"]):
            return crd
        value = (crd["metadata"].get("annotations") or {}).get(APPROVAL_ANNOTATION, "")
        status, reason, message = {
            "approved": ("True", "ApprovedAnnotation", f"approved in {value}"),
            "bypassed": ("False", "UnapprovedAnnotation", f'not approved: "{value}"'),
            "invalid": ("False", "InvalidAnnotation", WRONG),
            "missing": ("False", "MissingAnnotation", MISSING),
        }[approval_of(crd)]
        return with_condition(
            crd,
            "KubernetesAPIApprovalPolicyConformant",
            status=status,
            reason=reason,
            message=message,
            now=self._registry.now(),
        )

    # --- deletion

    async def _clean_up(self, name: str) -> None:
        """Remove all objects of a definition that is to go, and then let it go."""
        crd = self._read(name)
        if crd is None or CLEANUP_FINALIZER not in (crd["metadata"].get("finalizers") or ()):
            return
        established = condition(crd, "Established")
        if established is not None and established["status"] == "True":
            self._say(name, "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")
            if not await self._remove_objects(name):
                return
            self._say(name, "False", "InstanceDeletionCompleted", "removed all instances", last=True)
        else:
            self._say(name, "False", "NeverEstablished", "resource was never established", last=True)

    def _say(self, name: str, status: str, reason: str, message: str, *, last: bool = False) -> None:
        crd = self._read(name)
        if crd is None:
            return
        now = self._registry.now()
        changed = with_condition(crd, "Terminating", status=status, reason=reason, message=message, now=now)
        changed = record_update(self._kind, crd, changed, manager=_MANAGER, subresource="status", now=now)
        if last:
            metadata = changed["metadata"]
            left = [each for each in metadata.get("finalizers") or () if each != CLEANUP_FINALIZER]
            changed = {**changed, "metadata": {**metadata, "finalizers": left}}
            if not left:
                self._registry.remove(self._kind, crd, dry_run=False)
                return
        self._registry.replace(self._kind, changed, crd, dry_run=False)

    async def _remove_objects(self, name: str) -> bool:
        """Delete all objects of a definition, and wait until they are gone; False where it is gone before."""
        while True:
            crd = self._read(name)
            if crd is None:
                return False
            kind = next((each for each in kinds_of(crd, self._registry.webhook_client)), None)
            group, plural = crd["spec"]["group"], crd["status"]["acceptedNames"]["plural"]
            objects = self._registry.store.list(group, plural)[0]
            if not objects:
                return True
            for obj in objects if kind is not None else ():
                if not obj["metadata"].get("deletionTimestamp"):
                    assert kind is not None
                    await self._remove(kind.storage or kind, obj)
            await anyio.sleep(_POLL_SECONDS)

    async def _remove(self, kind: ServedKind, obj: dict[str, Any]) -> None:
        """Delete an object of a definition that is to go; nobody has a say in that any more.

        What cannot be deleted, such as an object in a version that is no more, is tried again until it can.
        """
        namespace, name = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
        try:
            await delete_object(self._registry, kind, namespace, name, DeleteOptions(), admit=False)
        except StatusError as error:
            _logger.debug("%s %s/%s: %s", kind.resource, namespace, name, error)


def _uid(crd: dict[str, Any]) -> str:
    return str(crd["metadata"].get("uid"))


def _is_going(crd: dict[str, Any]) -> bool:
    return bool(crd["metadata"].get("deletionTimestamp"))


def _accepted_names(crd: dict[str, Any], others: list[dict[str, Any]]) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Say which names a definition may have beside *others* of its group; with it the reason and text of a conflict.

    The last check that fails is the one that is told.
    """
    wanted, held = crd["spec"]["names"], dict(crd["status"].get("acceptedNames") or {})
    resources, kinds = _used(others)
    accepted = {key: held[key] for key in ("plural", "singular", "shortNames", "kind", "listKind") if key in held}
    conflict = None
    for key, used, reason in (
        ("plural", resources, "PluralConflict"),
        ("singular", resources, "SingularConflict"),
        ("shortNames", resources, "ShortNamesConflict"),
        ("kind", kinds, "KindConflict"),
        ("listKind", kinds, "ListKindConflict"),
    ):
        if key == "shortNames":
            taken = [f'"{name}" is already in use' for name in wanted.get(key) or () if name in used]
            message = taken[0] if len(taken) == 1 else f"[{', '.join(taken)}]"
        else:
            taken = [wanted[key]] if wanted.get(key) and wanted[key] in used else []
            message = f'"{wanted.get(key)}" is already in use'
        if taken:
            conflict = (reason, message)
        elif wanted.get(key):
            accepted[key] = wanted[key]
        else:
            accepted.pop(key, None)
    if wanted.get("categories"):
        accepted["categories"] = wanted["categories"]
    return {"kind": "", "plural": ""} | accepted, conflict


def _used(others: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    resources: set[str] = set()
    kinds: set[str] = set()
    for other in others:
        names = (other.get("status") or {}).get("acceptedNames") or {}
        resources |= {names.get("plural", ""), names.get("singular", ""), *(names.get("shortNames") or ())}
        kinds |= {names.get("kind", ""), names.get("listKind", "")}
    return resources - {""}, kinds - {""}
