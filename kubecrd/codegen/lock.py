"""The lock file of a project: which definition each generated module came from, and what was written.

A project keeps it beside its modules, as it keeps that of its packages. It answers three questions without a cluster: has
the definition changed, has somebody edited a module, and does this version of kubecrd write it otherwise.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from attrs import evolve, field, frozen

from kubecrd.errors import ConfigError

from .definitions import Style
from .package import Export

__all__ = ["Lock", "LockedDefinition", "LockedModule", "digest", "digest_of_definition"]

_VERSION: Final = 1
_HEAD: Final = """\
# Written by `kubecrd add`, and compared with the project by `kubecrd generate --check`. Not to be edited.
"""


def digest(text: str) -> str:
    """Give the SHA-256 of *text*, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_definition(crd: Mapping[str, Any]) -> str:
    """Give the SHA-256 of what a definition says; the order of its members, and how its YAML is written, count for nothing."""
    return digest(json.dumps(crd, sort_keys=True, separators=(",", ":")))


@frozen(kw_only=True)
class LockedModule:
    """A module that was written.

    Attributes:
        file: The name of the file in the package.
        version: Of the definition.
        root: The name of the kind's class.
        export: The name by which the package exports the kind; empty where another version has it.
        sha256: Of its text.
    """

    file: str
    version: str
    root: str
    export: str = ""
    sha256: str

    @property
    def exported(self) -> Export:
        """What the package exports of it."""
        return Export(self.file.removesuffix(".py"), self.export, self.root)


@frozen(kw_only=True)
class LockedDefinition:
    """A definition that modules came from.

    Attributes:
        name: Such as ``certificates.cert-manager.io``.
        source: The file it was in, from the folder of the lock file on; ``cluster`` or ``-`` where it was in none.
        sha256: Of what it said.
        generator: The version of kubecrd that wrote the modules.
        package: The folder of the package, from the folder of the lock file on.
        names: How classes are named, as `Style` has it.
        depth: How deep classes go, as `Style` has it.
        versions: Those that were wanted; empty for all.
        modules: What was written.
    """

    name: str
    source: str
    sha256: str
    generator: str
    package: str
    names: Literal["short", "path"] = "short"
    depth: int | None = None
    versions: tuple[str, ...] = ()
    modules: tuple[LockedModule, ...] = ()

    @property
    def style(self) -> Style:
        """How its classes are written."""
        return Style(names=self.names, depth=self.depth)


@frozen
class Lock:
    """All definitions of a project.

    Attributes:
        definitions: By package and name.
    """

    definitions: Mapping[tuple[str, str], LockedDefinition] = field(factory=dict)

    @classmethod
    def read(cls, text: str, where: str) -> Lock:
        """Read a lock file.

        Args:
            text: What is in it.
            where: Its name, for errors.

        Raises:
            ConfigError: it is no TOML, is of a newer kubecrd, or has not the members it should have.
        """
        try:
            document = tomllib.loads(text)
            if document.get("lock-version") != _VERSION:
                raise ConfigError(
                    f"{where}: lock-version is {document.get('lock-version')!r}, and this kubecrd reads {_VERSION}; "
                    f"use the version of kubecrd that wrote it, or remove the file and add the definitions again"
                )
            found = [_definition(each) for each in document.get("definition", ())]
        except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
            raise ConfigError(
                f"{where}: no lock file of kubecrd: {error}; take it from version control again"
            ) from error
        return cls({(each.package, each.name): each for each in found})

    def with_definitions(self, definitions: Iterable[LockedDefinition]) -> Lock:
        """Give a lock in which *definitions* stand, in the place of those of the same name and package."""
        return evolve(
            self, definitions={**self.definitions, **{(each.package, each.name): each for each in definitions}}
        )

    def without(self, definitions: Iterable[LockedDefinition]) -> Lock:
        """Give a lock in which *definitions* do not stand."""
        gone = {(each.package, each.name) for each in definitions}
        return Lock({key: each for key, each in self.definitions.items() if key not in gone})

    def packages(self) -> dict[str, list[LockedDefinition]]:
        """Give the definitions by their package."""
        found: dict[str, list[LockedDefinition]] = {}
        for each in self.definitions.values():
            found.setdefault(each.package, []).append(each)
        return found

    def text(self) -> str:
        """Print the lock file: the same definitions give the same text."""
        lines = [_HEAD, f"lock-version = {_VERSION}"]
        for _, each in sorted(self.definitions.items()):
            lines += ["", "[[definition]]", *_members(each)]
            for module in each.modules:
                lines += ["", "[[definition.module]]", *_members(module)]
        return "\n".join(lines) + "\n"


_KEYS: Final = {
    LockedDefinition: ("name", "source", "sha256", "generator", "package", "names", "depth", "versions"),
    LockedModule: ("file", "version", "root", "export", "sha256"),
}


def _members(value: LockedDefinition | LockedModule) -> list[str]:
    said = {name: getattr(value, name) for name in _KEYS[type(value)]}
    # JSON's strings, numbers and lists are TOML's too; DEL alone TOML wants to be escaped.
    return [
        f"{name} = {json.dumps(each, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for name, each in said.items()
        if each not in (None, "", ())
    ]


def _definition(members: Mapping[str, Any]) -> LockedDefinition:
    plain = {name: value for name, value in members.items() if name != "module"}
    plain["versions"] = tuple(plain.get("versions", ()))
    return LockedDefinition(**plain, modules=tuple(LockedModule(**each) for each in members.get("module", ())))
