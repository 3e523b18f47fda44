"""Definitions, put into an API server in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.client.api import Api
from kubecrd.client.client import Client
from kubecrd.runtime.waiting import wait_for
from kubecrd.schema.crd import CustomResourceDefinition
from kubecrd.server.inprocess import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubecrd.resource.objects import Resource
    from kubecrd.server.app import ApiServer

__all__ = ["install", "install_definition"]

_ESTABLISH_SECONDS: Final = 10


async def install(
    server: ApiServer, definitions: Iterable[type[Resource] | CustomResourceDefinition | Mapping[str, Any]]
) -> None:
    """Create definitions, and wait until objects of theirs are served.

    Args:
        server: Running.
        definitions: Classes decorated with `custom_resource`, definitions, or their documents.

    Raises:
        StatusError: the server refuses one.
        DecodeError: a document is no definition.
    """
    async with Client(transport=InProcessTransport(server)) as client:
        for each in definitions:
            await install_definition(client, _definition(each))


async def install_definition(client: Client, definition: CustomResourceDefinition) -> None:
    """Install a definition, or bring the one that is there up to date, and wait until its objects are served.

    Args:
        client: Speaks to the server.
        definition: What to install.

    Raises:
        StatusError: the server refuses it.
        TimedOutError: it is not served within 10 s.
    """
    api = Api(client, CustomResourceDefinition)
    name = str(definition.metadata.name)
    there = await api.get_opt(name)
    if there is None:
        await api.create(definition)
    else:
        there.spec = definition.spec
        await api.replace(there)

    def is_established(found: CustomResourceDefinition | None) -> bool:
        return found is not None and found.status is not None and found.status.is_true("Established")

    await wait_for(api, name, is_established, seconds=_ESTABLISH_SECONDS)


def _definition(given: type[Resource] | CustomResourceDefinition | Mapping[str, Any]) -> CustomResourceDefinition:
    if isinstance(given, type):
        return given.crd()
    return given if isinstance(given, CustomResourceDefinition) else CustomResourceDefinition.from_dict(given)
