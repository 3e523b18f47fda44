"""What an expression of ``kubecrd cel`` sees: a part of a schema, and of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, field, frozen

from kubecrd.cel.rendering import type_text
from kubecrd.cel.suggestions import suggestions
from kubecrd.errors import DecodeError, RuleError
from kubecrd.resource.fielderrors import ABSENT
from kubecrd.resource.spelling import did_you_mean
from kubecrd.schema.acceptance import prepare_crd
from kubecrd.schema.costadvice import RuleCost
from kubecrd.schema.expressions import SchemaExpression, variables_of
from kubecrd.schema.objectpaths import ObjectPathError, node_at, place_of, value_at
from kubecrd.schema.pruning import META_FIELDS
from kubecrd.schema.rulecosts import RULE_LIMIT, CostLedger
from kubecrd.schema.rulehints import cost_hint
from kubecrd.schema.strategy import BLOCKING, CustomResourceStrategy
from kubecrd.schema.validation import SchemaValidator

from .celanswers import Answer
from .documents import definitions_in, read_documents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubecrd.cel.typesystem import Type
    from kubecrd.schema.structural import Structural

__all__ = ["Scope", "find_definition", "objects_in", "only_object"]


@frozen
class Scope:
    """What ``self`` and ``oldSelf`` are.

    Attributes:
        strategy: The definition; None where nothing is known of types.
        path: Which part of the object is meant; empty for all of it.
        document: The object, as rules see it; None where only types matter.
        old: What it was before; None if it is new.
        optional_old_self: Whether ``oldSelf`` is an optional.
    """

    strategy: CustomResourceStrategy | None = None
    path: str = ""
    document: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    optional_old_self: bool = False
    _compiled: dict[str, SchemaExpression] = field(factory=dict, init=False, repr=False)

    @property
    def schema(self) -> Structural | None:
        """The schema of ``self``.

        Raises:
            BadParameter: the path leads nowhere.
        """
        if self.strategy is None:
            return None
        try:
            return node_at(self.path, self.strategy.structural) if self.path else self.strategy.structural
        except ObjectPathError as error:
            raise click.BadParameter(str(error), param_hint="--path") from error

    @property
    def variables(self) -> dict[str, Type]:
        """The variables with their types.

        Raises:
            RuleError: rules cannot see what stands at the path.
        """
        return variables_of(self.schema, is_object=not self.path, optional_old_self=self.optional_old_self)

    @property
    def value(self) -> Any:
        """What ``self`` is; `ABSENT` if there is nothing.

        Raises:
            BadParameter: the path is not written as one.
        """
        return self._at_path(self.document)

    @property
    def before(self) -> Any:
        """What ``oldSelf`` is; `ABSENT` if there is nothing.

        Raises:
            BadParameter: the path is not written as one.
        """
        return self._at_path(self.old)

    def _at_path(self, document: dict[str, Any] | None) -> Any:
        if document is None:
            return ABSENT
        try:
            return value_at(self.path, document)
        except ObjectPathError as error:
            raise click.BadParameter(str(error), param_hint="--path") from error

    def compile(self, text: str) -> SchemaExpression:
        """Compile an expression, or give what was made of it before.

        Raises:
            RuleError: it does not compile.
        """
        if text not in self._compiled:
            self._compiled[text] = SchemaExpression(
                text, self.schema, is_object=not self.path, optional_old_self=self.optional_old_self
            )
        return self._compiled[text]

    def answer(self, text: str) -> Answer:
        """Compile an expression, and evaluate it if there is what it needs."""
        try:
            compiled = self.compile(text)
        except RuleError as error:
            return Answer(text, fault=str(error.__cause__ or error), hints=tuple(suggestions(text, self.variables)))
        cost = self._cost(text)
        made = Answer(text, type_text(compiled.type), source=compiled.source, rule_cost=cost)
        value = self.value
        if value is not ABSENT or not compiled.program.used:
            # A constant needs no value, and any will do.
            outcome = compiled.evaluate({} if value is ABSENT else value, self.before)
            made = evolve(
                made, has_value=not outcome.fault, value=outcome.value, cost=outcome.cost, fault=outcome.fault
            )
        if cost is not None and compiled.type.name == "bool" and not made.fault:
            for refusal in CostLedger().enter("", "rule", cost.total):
                made = evolve(made, fault=refusal.detail, hints=(cost_hint(cost, RULE_LIMIT),))
        return made

    def _cost(self, text: str) -> RuleCost | None:
        """Estimate what an expression costs as a rule; None where nothing is declared."""
        if self.strategy is None or self.path.partition(".")[0] in META_FIELDS:
            return None
        place = place_of(self.path, self.strategy.structural)
        return RuleCost(text, self.strategy.structural.raw, place, optional_old_self=self.optional_old_self)

    def warnings(self) -> list[str]:
        """Say why the API server would not run rules on the object."""
        if self.document is None:
            return []
        if self.value is ABSENT:
            return [f"the object has nothing at {self.path}, and rules do not run there"]
        if self.strategy is None:
            return []
        errors = SchemaValidator(self.strategy.structural).errors(self.document)
        return [f"rules would not run on this object: {error}" for error in errors if error.reason in BLOCKING]


def find_definition(source: str, kind: str | None, version: str | None) -> CustomResourceStrategy:
    """Read the definition of one kind, in one version.

    Args:
        source: A file, or a module.
        kind: Which; None if there is but one.
        version: In which version; None for the one that is stored.

    Raises:
        BadParameter: there is no such kind or version, or several are meant.
    """
    by_kind = {_kind_of(each.content): each for each in definitions_in(source)}
    if kind is None and len(by_kind) != 1:
        known = ", ".join(sorted(by_kind)) or "none"
        raise click.BadParameter(f"{source} has the kinds {known}; say with --kind which is meant", param_hint="--crd")
    document = next(iter(by_kind.values())) if kind is None else by_kind.get(kind)
    if document is None:
        raise click.BadParameter(
            f"{source} has no kind {kind!r}; {did_you_mean(str(kind), by_kind)}", param_hint="--kind"
        )
    try:
        crd = prepare_crd(document.content)
    except DecodeError as error:
        text = f"{source}: {error}; `kubecrd check` says what is wrong with it"
        raise click.BadParameter(text, param_hint="--crd") from error
    versions = {each["name"]: each for each in crd["spec"]["versions"]}
    stored = next((name for name, each in versions.items() if each["storage"]), next(iter(versions), ""))
    if (version or stored) not in versions:
        remedy = did_you_mean(version or stored, versions)
        raise click.BadParameter(f"{source} has no version {version!r} of it; {remedy}", param_hint="--version")
    return CustomResourceStrategy(crd, version or stored)


def _kind_of(definition: Mapping[str, Any]) -> str:
    spec = definition.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    return str(names.get("kind", "")) if isinstance(names, dict) else ""


def objects_in(name: str) -> list[dict[str, Any]]:
    """Read the objects in a file; ``-`` is the standard input.

    Raises:
        BadParameter: the file cannot be read, is no YAML, or holds something else than mappings.
    """
    return [each.content for each in read_documents(name)]


def only_object(
    objects: Sequence[dict[str, Any]], name: str, strategy: CustomResourceStrategy | None
) -> dict[str, Any]:
    """Give the one object that is meant, as rules see it: pruned, with defaults.

    Args:
        objects: What is in the file.
        name: The file.
        strategy: The definition, which chooses the kind; None where any object will do, and stays as it is.

    Raises:
        BadParameter: it is not exactly one, or its metadata have a wrong type.
    """
    of_kind = [each for each in objects if strategy is None or each.get("kind") == strategy.kind]
    if len(of_kind) != 1:
        what = "objects" if strategy is None else f"objects of kind {strategy.kind}"
        raise click.BadParameter(f"{name} holds {len(of_kind)} {what}; one is needed", param_hint="FILE")
    if strategy is None:
        return of_kind[0]
    try:
        # Whatever version the object says: it is meant to be seen in this one.
        return strategy.decode({**of_kind[0], "apiVersion": strategy.api_version})[0]
    except DecodeError as error:
        raise click.BadParameter(f"{name}: {error}", param_hint="FILE") from error
