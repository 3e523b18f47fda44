"""``kubecrd run``: what it takes, where it connects to, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import yaml

from kubecrd.client._httpx import httpx
from kubecrd.server.process import running_server, write_kubeconfig
from tests.cli.test_server import started, url_of

PIZZAS = "/apis/shop.example.com/v1/namespaces/default/pizzas"
OPERATOR = """
from kubecrd import Action, Api, Client, Controller
from shop.models import Oven, Pizza

controller = Controller(Pizza)
ovens = Controller(Oven)
controllers = [controller, ovens]
nothing = []
number = 7


@controller.reconciler
async def bake(pizza, ctx):
    print("baking", pizza.metadata.name, flush=True)
    return Action.done()


@ovens.reconciler
async def heat(oven, ctx):
    print("heating", oven.metadata.name, flush=True)
    return Action.done()


async def count(client: Client):
    print("pizzas:", len(await Api(client, Pizza).list()))


async def forbidden(client: Client):
    await Api(client, Pizza).get("missing")


async def broken(client: Client):
    raise ZeroDivisionError("mine")


def plain(client):
    pass
"""


@pytest.fixture(autouse=True)
def _operator(project):
    project.write("shop/operator.py", OPERATOR)


def pizza(name: str) -> dict:
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Pizza",
        "metadata": {"name": name},
        "spec": {"size": 30},
    }


def ran(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "kubecrd", "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_controller_runs_on_a_server_that_is_brought_along_until_a_signal(project):
    with started("run", "shop.operator:controller", "--embedded") as (process, line):
        made = httpx.post(url_of(line) + PIZZAS, json=pizza("margherita"))
        assert made.status_code == 201
        assert process.stdout.readline() == "baking margherita\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in err


def test_several_controllers_run_side_by_side(project):
    with started("run", "shop.operator:controllers", "--embedded") as (process, line):
        oven = {"apiVersion": "shop.example.com/v1", "kind": "Oven", "metadata": {"name": "stone"}}
        httpx.post(url_of(line) + PIZZAS, json=pizza("a"))
        httpx.post(f"{url_of(line)}/apis/shop.example.com/v1/ovens", json=oven)
        lines = {process.stdout.readline(), process.stdout.readline()}

    assert lines == {"baking a\n", "heating stone\n"}


def test_a_function_runs_to_its_end(project):
    done = ran("shop.operator:count", "--embedded")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == ["pizzas: 0"]


def test_a_data_dir_is_taken_up_again_with_the_definitions_of_now(project):
    with started("run", "shop.operator:controller", "--embedded", "--data-dir", "data") as (process, line):
        httpx.post(url_of(line) + PIZZAS, json=pizza("a"))
        assert process.stdout.readline() == "baking a\n"
    models = (project.folder / "shop/models.py").read_text()
    (project.folder / "shop/models.py").write_text(
        models.replace("    size: int\n", "    size: int\n    hot: bool = True\n")
    )

    done = ran("shop.operator:count", "--embedded", "--data-dir", "data")

    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["pizzas: 1"]), done.stderr


def test_the_current_kubeconfig_says_where_to(project, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", "kc")
    definition = yaml.safe_load_all(project.run("export", "shop.models").out)
    with running_server() as url:
        write_kubeconfig("kc", url)
        for document in definition:
            httpx.post(f"{url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=document)
        while httpx.get(url + PIZZAS).status_code != 200:
            pass
        httpx.post(url + PIZZAS, json=pizza("a"))

        by_environment = ran("shop.operator:count")
        by_option = ran("shop.operator:count", "--kubeconfig", "kc", "--context", "kubecrd")

    assert (by_environment.returncode, by_environment.stdout) == (0, "pizzas: 1\n"), by_environment.stderr
    assert (by_option.returncode, by_option.stdout) == (0, "pizzas: 1\n"), by_option.stderr


def test_without_a_configuration_it_says_so(project, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", "nowhere")

    done = ran("shop.operator:count")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: no configuration: ")
    assert len(done.stderr.splitlines()) == 1


def test_what_the_server_refuses_is_told_without_a_traceback(project):
    done = ran("shop.operator:forbidden", "--embedded")

    assert (done.returncode, done.stderr) == (1, 'Error: pizzas.shop.example.com "missing" not found\n')


def test_a_mistake_in_the_function_keeps_its_traceback(project):
    done = ran("shop.operator:broken", "--embedded")

    assert done.returncode == 1
    assert 'raise ZeroDivisionError("mine")' in done.stderr


WANTED = "name a Controller, a list or tuple of controllers, or an async function that takes a Client"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["shop.operator"],
            "Invalid value for MODULE:NAME: 'shop.operator' names no object; write it as shop.operator:controller",
        ),
        (["shop.operator:none"], "Invalid value for MODULE:NAME: module 'shop.operator' has no 'none'"),
        (["shop.operator:number"], f"Invalid value for MODULE:NAME: shop.operator:number is of type int; {WANTED}"),
        (["shop.operator:nothing"], f"Invalid value for MODULE:NAME: shop.operator:nothing is of type list; {WANTED}"),
        (["shop.operator:plain"], f"Invalid value for MODULE:NAME: shop.operator:plain is of type function; {WANTED}"),
        (
            ["shop.nothing:x"],
            "Invalid value for MODULE: no module named 'shop.nothing'; give it as Python imports it, such as shop.models",
        ),
        (
            [":x"],
            "Invalid value for MODULE: '' is no module; give it as Python imports it, such as shop.models",
        ),
        (
            ["shop.operator:count", "--embedded", "--context", "a"],
            "--context chooses a cluster; leave it out, or leave out --embedded",
        ),
        (
            ["shop.operator:count", "--data-dir", "a"],
            "--port and --data-dir are of the embedded server; add --embedded",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_can(project, arguments, message):
    outcome = project.run("run", *arguments)

    assert (outcome.code, outcome.err.splitlines()[-1]) == (2, f"Error: {message}")


def test_what_a_module_misses_itself_keeps_its_traceback(project):
    project.write("shop/half.py", "import no_such_library\n")

    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        project.run("run", "shop.half:x")
