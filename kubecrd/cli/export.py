"""``kubecrd export``: the definitions of a module's custom resources, as YAML."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kubecrd.schema.crd import (
    CustomResourceConversion,
    ServiceReference,
    WebhookClientConfig,
    WebhookConversion,
)
from kubecrd.schema.manifests import dump, dump_all
from kubecrd.schema.modules import custom_resources

from .files import check_files, show_states, write_files
from .loading import definitions_of, load_module

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export"]


@click.command(short_help="Write the definitions of a module's custom resources.")
@click.argument("modules", metavar="MODULE...", nargs=-1, required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder to write to, one file each.")
@click.option("--check", is_flag=True, help="Write nothing; fail with a diff when files of --out are not current.")
@click.option(
    "--conversion-webhook",
    "webhook",
    metavar="NAMESPACE/SERVICE[:PORT][/PATH]",
    help="The service that converts between the versions of a kind that has several.",
)
def export(modules: Sequence[str], out: Path | None, webhook: str | None, *, check: bool) -> int:
    """Write the definitions of all custom resources that are defined in MODULE.

    A package stands for what it imports of itself. Versions of one kind become one definition. Each is written to
    <plural>.<group>.yaml in the folder, or all of them to the standard output when there is none.

    \b
    Examples:
      kubecrd export shop.models | kubectl apply -f -
      kubecrd export shop.models --out crds/
      kubecrd export shop.models --out crds/ --check
      kubecrd export shop.models --conversion-webhook shop/operator:9443/convert

    Exit codes: 0 done, or current; 1 refused, or not current; 2 wrong usage.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if check and out is None:
        raise click.UsageError("--check compares with files; say with --out where they are")
    kinds = {kind: None for name in modules for kind in custom_resources(load_module(name))}
    if not kinds:
        raise click.BadParameter(
            f"no custom resource is defined in {', '.join(modules)}; name the module that has @custom_resource in it",
            param_hint="MODULE",
        )
    documents = [definition.to_dict() for definition in definitions_of(kinds, _conversion(webhook))]
    if out is None:
        sys.stdout.write(dump_all(documents))
        sys.stdout.flush()
        return 0
    files = {out / f"{document['metadata']['name']}.yaml": dump(document) for document in documents}
    if check:
        return check_files(files)
    show_states(write_files(files))
    return 0


_SERVICE: Final = re.compile(r"(?P<namespace>[a-z0-9-]+)/(?P<name>[a-z0-9-]+)(?::(?P<port>[0-9]+))?(?P<path>/.*)?")


def _conversion(webhook: str | None) -> CustomResourceConversion | None:
    if webhook is None:
        return None
    found = _SERVICE.fullmatch(webhook)
    if found is None:
        raise click.BadParameter(
            f"{webhook!r} names no service; write it as shop/operator:9443/convert", param_hint="--conversion-webhook"
        )
    service = ServiceReference(
        namespace=found["namespace"],
        name=found["name"],
        path=found["path"],
        port=int(found["port"]) if found["port"] else None,
    )
    return CustomResourceConversion(
        strategy="Webhook",
        webhook=WebhookConversion(
            client_config=WebhookClientConfig(service=service), conversion_review_versions=["v1"]
        ),
    )
