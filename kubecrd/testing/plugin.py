"""The pytest plugin: an API server in the test's process, and coverage of rules.

pytest loads it in every run of an environment that has kubecrd, so nothing of kubecrd is imported before it is asked for.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from kubecrd.client.client import Client
    from kubecrd.resource.objects import Resource
    from kubecrd.schema.crd import CustomResourceDefinition
    from kubecrd.server.app import ApiServer

    from .coverage import Coverage

__all__ = ["kube_client", "kube_definitions", "kube_server"]

_RECORDS = "kubecrd_cel_coverage"


# --- fixtures


@pytest.fixture
def kube_definitions() -> Sequence[type[Resource] | CustomResourceDefinition | Mapping[str, Any]]:
    """What `kube_server` knows from the beginning: none; override it in a ``conftest.py``.

    Classes decorated with `custom_resource`, definitions, or their documents.
    """
    return ()


@pytest.fixture
async def kube_server(anyio_backend: object, kube_definitions: Sequence[Any]) -> AsyncIterator[ApiServer]:  # noqa: ARG001
    """An API server in this process, empty but for `kube_definitions`, for one test.

    Raises:
        StatusError: it refuses a definition.
    """
    from kubecrd.server.app import ApiServer

    from .installing import install

    async with ApiServer() as server:
        await install(server, kube_definitions)
        yield server


@pytest.fixture
async def kube_client(anyio_backend: object, kube_server: ApiServer) -> AsyncIterator[Client]:  # noqa: ARG001
    """A client of `kube_server`."""
    from kubecrd.client.client import Client
    from kubecrd.server.inprocess import InProcessTransport

    async with Client(transport=InProcessTransport(kube_server)) as client:
        yield client


# --- coverage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("kubecrd", "Kubernetes custom resources")
    group.addoption(
        "--cel-coverage", action="store_true", help="report which CEL rules were seen true and false in this run"
    )
    group.addoption(
        "--cel-coverage-source",
        action="append",
        default=[],
        metavar="MODULE",
        help="count the rules of all custom resources in MODULE, also where no object of theirs was judged; repeatable",
    )
    group.addoption(
        "--cel-coverage-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail when fewer of the outcomes of rules (true and false of each) were seen; implies --cel-coverage",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count, if that is asked for."""
    options = config.option
    if options.cel_coverage or options.cel_coverage_source or options.cel_coverage_fail_under is not None:
        config.pluginmanager.register(CoverageReporter(config), "kubecrd-cel-coverage")


class CoverageReporter:
    """Counts the rules that run, in this process and in the workers of pytest-xdist, and reports them.

    Args:
        config: Of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        from .coverage import Coverage

        self._config = config
        self._coverage: Coverage = Coverage()
        self._ending = ExitStack()

    def pytest_sessionstart(self) -> None:
        """Watch, and look for the sources while a misspelt one can still be told early."""
        from kubecrd.schema.observation import watching

        if not hasattr(self._config, "workeroutput"):
            for name in self._config.option.cel_coverage_source:
                self._add_source(name)
        self._ending.enter_context(watching(self._coverage))

    def _add_source(self, name: str) -> None:
        from importlib import import_module

        from kubecrd.schema.modules import custom_resources
        from kubecrd.schema.verdict import validator_of

        try:
            module = import_module(name)
        except ImportError as error:
            raise pytest.UsageError(f"--cel-coverage-source {name}: {error}") from error
        for kind in custom_resources(module):
            for rules in validator_of(kind).rules():
                self._coverage.add(rules)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand what was counted to the process that reports; there, fail if it is too little."""
        self._ending.close()
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_RECORDS] = self._coverage.records()
        elif self._is_too_little() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist has counted; one that crashed has nothing to tell."""
        self._coverage.merge(map(tuple, getattr(node, "workeroutput", {}).get(_RECORDS, ())))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report."""
        terminalreporter.section("CEL coverage")
        for line in self._coverage.report(self._config.get_terminal_writer().fullwidth):
            terminalreporter.write_line(line)
        if self._is_too_little():
            wanted = self._config.option.cel_coverage_fail_under
            terminalreporter.write_line(
                f"FAIL CEL coverage of {self._coverage.percent:.0f}% is under {wanted:g}%", red=True, bold=True
            )

    def _is_too_little(self) -> bool:
        wanted = self._config.option.cel_coverage_fail_under
        return wanted is not None and self._coverage.percent < wanted
