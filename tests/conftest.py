"""What all tests share: asyncio is the event loop, and property tests are as fast as the machine is slow."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("kubecrd", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kubecrd")


def pytest_addoption(parser):
    parser.addoption("--examples", metavar="N", type=int, help="how many CEL expressions and rules are generated")
    parser.addoption("--facts", metavar="FOLDER", help="another set of CEL facts than the one in tests/cel/facts")


@pytest.fixture(scope="session")
def examples(request):
    """How many examples are asked for; None for as many as take a few seconds."""
    return request.config.getoption("--examples")


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"
