"""What commands read from a cluster: definitions, and the OpenAPI documents of the built-in kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
import click
from attrs import frozen

from kubecrd.client.api import Api
from kubecrd.client.client import Client
from kubecrd.client.config import Config
from kubecrd.codegen.openapi import is_of_kinds
from kubecrd.errors import ConfigError
from kubecrd.resource.request import Request
from kubecrd.schema.crd import CustomResourceDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Cluster", "chosen_cluster", "cluster_options"]

F = TypeVar("F", bound="Callable[..., Any]")

_JSON: Final = {"Accept": "application/json"}


@frozen
class Cluster:
    """Which cluster is meant.

    Attributes:
        kubeconfig: The kubeconfig; the usual one by default.
        context: Its context; the current one by default.
    """

    kubeconfig: Path | None = None
    context: str | None = None

    def definitions(self, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Give the definitions of these *names*, or all, as JSON.

        Raises:
            ConfigError: no cluster was found.
            StatusError: the server refused.
            TransportError: it did not answer.
        """
        return anyio.run(self._definitions, names)

    def openapi(self) -> tuple[str, list[dict[str, Any]]]:
        """Give the version of Kubernetes, such as ``v1.36``, and the documents about groups and versions of kinds.

        Raises:
            ConfigError: no cluster was found, or it has no such documents.
            StatusError: the server refused.
            TransportError: it did not answer.
        """
        return anyio.run(self._openapi)

    def _client(self) -> Client:
        given = self.kubeconfig is not None or self.context is not None
        return Client(Config.from_kubeconfig(self.kubeconfig, context=self.context) if given else Config.infer())

    async def _definitions(self, names: Sequence[str]) -> list[dict[str, Any]]:
        async with self._client() as client:
            api = Api(client, CustomResourceDefinition)
            crds = [await api.get(name) for name in names] if names else [each async for each in api.list_all()]
        return [crd.to_dict() for crd in crds]

    async def _openapi(self) -> tuple[str, list[dict[str, Any]]]:
        async with self._client() as client:
            about = await _read(client, "/version")
            version = f"v{about['major']}.{about['minor'].rstrip('+')}"  # a cloud's own releases end in a plus
            paths = sorted((await _read(client, "/openapi/v3")).get("paths") or ())
            documents = [await _read(client, f"/openapi/v3/{path}") for path in paths]
        found = [each for each in documents if is_of_kinds(each)]
        if not found:
            raise ConfigError(f"{client.config.server}: /openapi/v3 has no documents about kinds")
        return version, found


async def _read(client: Client, path: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        await client.send(Request(verb="get", method="GET", path=path, headers=_JSON))
    )
    return document


def cluster_options(what: str) -> Callable[[F], F]:
    """Add ``--cluster``, ``--kubeconfig`` and ``--context`` to a command.

    Args:
        what: What ``--cluster`` does, for the help.
    """
    options = [
        click.option("--cluster", "is_cluster", is_flag=True, help=what),
        click.option(
            "--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="The kubeconfig, with --cluster."
        ),
        click.option("--context", help="The kubeconfig's context, with --cluster; the current one by default."),
    ]

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def chosen_cluster(*, is_cluster: bool, kubeconfig: Path | None, context: str | None) -> Cluster | None:
    """Give the cluster that the options mean; None where they mean none.

    Raises:
        UsageError: a kubeconfig or context is given without ``--cluster``.
    """
    if not is_cluster and (kubeconfig or context):
        raise click.UsageError("--kubeconfig and --context choose a cluster; say --cluster too")
    return Cluster(kubeconfig, context) if is_cluster else None
