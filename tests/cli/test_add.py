"""Other people's kinds in a project: put there, kept up to date, and compared with their lock file."""

from __future__ import annotations

import pytest
import yaml

from kubecrd.cli.loading import load_module
from kubecrd.client._httpx import httpx
from tests.cli.servers import serving

CRDS = "crds.yaml"
EDITED = "was edited; what it adds belongs into a module of your own, or say --force\n"


@pytest.fixture
def crds(project):
    """A project that is called shop, and the definitions of its kinds in a file."""
    project.write("pyproject.toml", '[project]\nname = "shop"\n')
    project.write(CRDS, project.run("export", "shop.models").out)
    return project


def change(project, path=CRDS, **names):
    """Let the definition of Pizza say something else."""
    documents = list(yaml.safe_load_all((project.folder / path).read_text()))
    documents[1]["spec"]["names"] |= names
    (project.folder / path).write_text(yaml.safe_dump_all(documents))


def edit(project, path):
    file = project.folder / path
    file.write_text(f"{file.read_text()}\nmine = 1\n")


def files(project, folder="shop/kinds"):
    return sorted(each.name for each in (project.folder / folder).iterdir())


def test_modules_and_a_lock_file_are_written(crds):
    outcome = crds.run("add", CRDS, "--kind", "Pizza")

    assert outcome.code == 0
    assert outcome.err == (
        "shop/kinds/__init__.py\twritten\n"
        "shop/kinds/pizza_v1.py\twritten\n"
        "kubecrd.lock\twritten\n"
        "Pizza\tv1\tpizza_v1\t2\t2\t3\t0\n"
        "1 module: 2 classes with 2 fields say 100.00 % of 3 schemas; overrides keep 0\n"
    )
    assert load_module("shop.kinds").Pizza.kind == "Pizza"
    assert '\nname = "pizzas.shop.example.com"\nsource = "crds.yaml"\n' in (crds.folder / "kubecrd.lock").read_text()


def test_what_is_added_later_joins_what_is_there(crds):
    crds.run("add", CRDS, "--kind", "Pizza")
    crds.run("add", CRDS, "--kind", "Oven")

    assert files(crds) == ["__init__.py", "oven_v1.py", "pizza_v1.py"]
    assert load_module("shop.kinds").__all__ == ["Oven", "Pizza"]
    assert crds.run("add", "--check").err == "3 files are current\n"


def test_adding_it_again_changes_nothing(crds):
    crds.run("add", CRDS)
    before = {name: (crds.folder / name).read_bytes() for name in ("kubecrd.lock", "shop/kinds/pizza_v1.py")}

    assert crds.run("add", CRDS).code == 0
    assert {name: (crds.folder / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("command", ["add", "generate"])
def test_a_module_that_was_edited_is_told(crds, command):
    crds.run("add", CRDS)
    edit(crds, "shop/kinds/pizza_v1.py")
    (crds.folder / "shop/kinds/oven_v1.py").unlink()

    outcome = crds.run(command, "--check")

    assert outcome.code == 1
    assert outcome.out == "shop/kinds/oven_v1.py\tmissing\nshop/kinds/pizza_v1.py\tedited by hand\n"
    assert outcome.err == (
        "Error: 2 of 3 files are not current; `kubecrd add --update` writes them again, with --force also over what was "
        "edited\n"
    )


def test_a_definition_that_has_changed_is_told_and_taken_over(crds):
    crds.run("add", CRDS)
    change(crds, shortNames=["pz"])

    assert crds.run("generate", "--check").out == (
        "shop/kinds/pizza_v1.py\tpizzas.shop.example.com has changed in crds.yaml\n"
    )
    assert crds.run("add", "--update").code == 0
    assert crds.run("generate", "--check").code == 0
    assert 'short_names=["pz"]' in (crds.folder / "shop/kinds/pizza_v1.py").read_text()


def test_another_version_of_kubecrd_that_writes_otherwise_is_told(crds):
    crds.run("add", CRDS, "--kind", "Pizza")
    path = crds.folder / "shop/kinds/pizza_v1.py"
    path.write_text(text := path.read_text().replace("What is baked.", "What was baked."))
    lock = crds.folder / "kubecrd.lock"
    lock.write_text(replaced(lock.read_text(), generator="0.0.1", sha256=sha(text)))

    assert crds.run("add", "--check").out.startswith("shop/kinds/pizza_v1.py\tkubecrd ")
    assert crds.run("add", "--check").out.endswith(" writes it otherwise than 0.0.1\n")


def test_without_its_source_a_module_is_compared_by_the_version_that_wrote_it(crds):
    crds.run("add", CRDS, "--kind", "Pizza")
    (crds.folder / CRDS).unlink()

    assert crds.run("add", "--check").err == (
        "crds.yaml is not here; what it says now is not compared\n2 files are current\n"
    )
    lock = crds.folder / "kubecrd.lock"
    lock.write_text(replaced(lock.read_text(), generator="0.0.1"))
    assert crds.run("add", "--check").out.startswith("shop/kinds/pizza_v1.py\twritten by kubecrd 0.0.1, and this is ")


def replaced(text, **members):
    """Give a lock file in which members have other values; of several with one name, the last."""
    lines = text.splitlines()
    for name, value in members.items():
        last = max(index for index, line in enumerate(lines) if line.startswith(f"{name} = "))
        lines[last] = f'{name} = "{value}"'
    return "\n".join(lines) + "\n"


def sha(text):
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("arguments", [["--update"], [CRDS], ["--remove", "pizzas.shop.example.com"]])
def test_what_was_edited_is_kept_unless_forced(crds, arguments):
    crds.run("add", CRDS)
    edit(crds, "shop/kinds/pizza_v1.py")

    outcome = crds.run("add", *arguments)

    assert (outcome.code, outcome.err) == (1, f"Error: shop/kinds/pizza_v1.py {EDITED}")
    assert crds.run("add", *arguments, "--force").code == 0
    assert crds.run("add", "--check").code == 0


def test_what_was_not_generated_is_kept(crds):
    crds.write("shop/kinds/pizza_v1.py", "mine = 1\n")

    assert crds.run("add", CRDS).err == (
        "Error: shop/kinds/pizza_v1.py was not generated, and is not overwritten; choose another --out, or say --force\n"
    )
    assert not (crds.folder / "kubecrd.lock").exists()


def test_what_is_removed_leaves_no_trace(crds):
    crds.run("add", CRDS)
    crds.run("add", "--remove", "pizzas.shop.example.com")
    assert files(crds) == ["__init__.py", "oven_v1.py"]
    assert crds.run("add", "--check").code == 0

    crds.run("add", "--remove", "ovens.shop.example.com")
    assert not (crds.folder / "shop/kinds").exists()


def test_a_version_that_is_gone_takes_its_module_along(crds):
    crds.run("add", CRDS)
    text = (crds.folder / CRDS).read_text()
    crds.write(CRDS, text.replace("name: v1\n", "name: v2\n"))

    crds.run("add", "--update")

    assert files(crds) == ["__init__.py", "oven_v2.py", "pizza_v2.py"]


def test_an_update_keeps_how_it_was_written(crds):
    crds.run("add", CRDS, "--depth", "0", "--names", "path", "--version", "v1")
    before = (crds.folder / "shop/kinds/pizza_v1.py").read_text()

    assert "class PizzaSpec" not in before
    crds.run("add", "--update")
    assert (crds.folder / "shop/kinds/pizza_v1.py").read_text() == before


def test_sources_are_found_from_the_lock_file_on(crds):
    crds.write("deploy/kinds.yaml", (crds.folder / CRDS).read_text())
    crds.run("add", "deploy/kinds.yaml", "--lock", "shop/kubecrd.lock", "--out", "shop/kinds")

    assert 'source = "../deploy/kinds.yaml"\n' in (crds.folder / "shop/kubecrd.lock").read_text()
    assert crds.run("add", "--check", "--lock", "shop/kubecrd.lock").code == 0


def test_definitions_of_a_cluster_are_added_and_updated(crds):
    with serving(crds) as url:
        for document in yaml.safe_load_all((crds.folder / CRDS).read_text()):
            httpx.post(f"{url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=document)
        cluster = ("--cluster", "--kubeconfig", "kc")
        assert crds.run("add", *cluster, "pizzas.shop.example.com").code == 0
        assert crds.run("add", "--update", *cluster).code == 0

    assert files(crds) == ["__init__.py", "pizza_v1.py"]
    assert crds.run("add", "--check").err == (
        "cluster is no file; what it says now is not compared\n2 files are current\n"
    )
    assert (
        crds.run("add", "--update").err == "Error: kubecrd.lock: some definitions are from a cluster; say --cluster\n"
    )


def test_modules_of_one_name_are_refused(crds):
    crds.run("add", CRDS)
    text = (crds.folder / CRDS).read_text()
    crds.write("others.yaml", text.replace("shop.example.com", "other.example.com"))

    outcome = crds.run("add", "others.yaml")

    assert outcome.err == (
        "Error: shop/kinds/oven_v1.py would be of ovens.shop.example.com and of ovens.other.example.com; "
        "put one of them into another package with --out\n"
    )
    assert crds.run("add", "others.yaml", "--out", "shop/others").code == 0
    assert crds.run("add", "--check").err == "6 files are current\n"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ([], "name a file, a folder or -, or say --cluster, --update or --check"),
        (["--update", CRDS], "--update and --check are about the whole lock file, and take no FILE"),
        (["--update", "--check"], "--update, --remove and --check are three things; say one of them"),
        (["--remove"], "name the definitions to remove, such as certificates.cert-manager.io"),
        (["--check"], "kubecrd.lock is not there; `kubecrd add` writes it"),
        (["--remove", "cakes.example.com"], "cakes.example.com: not in kubecrd.lock"),
        ([CRDS, "--kind", "Cake"], "no definition of the wanted kinds is there"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(crds, arguments, fault):
    outcome = crds.run("add", *arguments)

    assert outcome.code == 2
    assert fault in outcome.err


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "lock-version = 9",
            (
                "kubecrd.lock: lock-version is 9, and this kubecrd reads 1; use the version of kubecrd that wrote it, or remove "
                "the file and add the definitions again"
            ),
        ),
        (
            "lock-version = 1\n[[definition]]\nname = 'a'\n",
            (
                "kubecrd.lock: no lock file of kubecrd: LockedDefinition.__init__() missing 4 required keyword-only arguments: "
                "'source', 'sha256', 'generator', and 'package'; take it from version control again"
            ),
        ),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_told(crds, text, fault):
    crds.write("kubecrd.lock", text)

    assert crds.run("add", CRDS).err == f"Error: {fault}\n"
