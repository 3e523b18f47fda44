"""The three lists of public names are one: the table, the imports that type checkers see, and __all__."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kubecrd

TREE = ast.parse(Path(kubecrd.__file__).read_text())


def imported():
    return {
        alias.asname
        for node in ast.walk(TREE)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def test_what_type_checkers_see_is_what_there_is():
    assert imported() == set(kubecrd.__all__)


@pytest.mark.parametrize("name", kubecrd.__all__)
def test_a_public_name_is_there_and_documented(name):
    assert getattr(kubecrd, name).__doc__


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(AttributeError, match="module 'kubecrd' has no attribute 'Pasta'"):
        _ = kubecrd.Pasta


def test_importing_kubecrd_imports_no_http_library():
    code = "import sys, kubecrd; from kubecrd import validate, custom_resource; print({'httpx', 'uvicorn'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_classes_are_defined_without_what_only_rules_and_faulty_documents_need():
    """lark parses CEL, and cattrs tells what is wrong with a document: each is a good part of the import."""
    code = (
        "import sys; from kubecrd import Resource, custom_resource, kube_schema\n"
        "@kube_schema\nclass Spec:\n    size: int = 1\n"
        "@custom_resource(group='example.com', version='v1')\nclass Shop(Resource):\n    spec: Spec\n"
        "print({'lark', 'cattrs'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
