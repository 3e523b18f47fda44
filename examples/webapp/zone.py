"""Something outside of the cluster: a zone file, in which every application with a host has a line."""

from __future__ import annotations

from pathlib import Path

__all__ = ["Zone"]


class Zone:
    """Host names in a text file, one ``host target`` a line.

    It stands for whatever an operator looks after that Kubernetes does not: DNS, a bucket, an account. What is there must
    be cleaned up when the object goes, which is what finalizers are for.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(path)

    def records(self) -> dict[str, str]:
        """Give the targets by host."""
        if not self._path.exists():
            return {}
        return dict(line.split(maxsplit=1) for line in self._path.read_text().splitlines() if line.strip())

    def register(self, host: str, target: str) -> None:
        """Let *host* lead to *target*, and nothing else lead there; to do so twice changes nothing."""
        others = {known: leads_to for known, leads_to in self.records().items() if leads_to != target}
        self._write({**others, host: target})

    def remove(self, target: str) -> None:
        """Forget every host that leads to *target*."""
        self._write({host: leads_to for host, leads_to in self.records().items() if leads_to != target})

    def _write(self, records: dict[str, str]) -> None:
        lines = [f"{host} {target}\n" for host, target in sorted(records.items())]
        if "".join(lines) != (self._path.read_text() if self._path.exists() else ""):
            self._path.write_text("".join(lines))
