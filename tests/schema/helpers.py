"""Short forms of what the tests of this folder need again and again."""

from __future__ import annotations

import copy

from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.strategy import CustomResourceStrategy

S = "spec.validation.openAPIV3Schema"
"""Where the schema of a definition with one version stands in errors."""


def definition(schema=None, *, spec=None, version=None, metadata=None):
    """A definition of Widgets with one version; *schema* is the whole root schema."""
    entry = {"name": "v1", "served": True, "storage": True}
    if schema is not False:
        entry["schema"] = {"openAPIV3Schema": {"type": "object"} if schema is None else schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"} | (metadata or {}),
        "spec": {
            "group": "example.com",
            "names": {"plural": "widgets", "kind": "Widget"},
            "scope": "Namespaced",
            "versions": [entry | (version or {})],
        }
        | copy.deepcopy(spec or {}),
    }


def texts(errors):
    return [str(error) for error in errors]


def refused(*args, **kwargs):
    """What is wrong with a definition."""
    return texts(check_crd(definition(*args, **kwargs)))


def field(schema):
    """A root schema with one field, spec."""
    return {"type": "object", "properties": {"spec": schema}}


def field_refused(schema):
    """What is wrong with a schema at spec, paths relative to it."""
    return [text.replace(f"{S}.properties[spec]", "P") for text in refused(field(schema))]


def strategy(properties=None, *, root=None, version=None, spec=None):
    """The strategy of Widgets whose spec has these properties."""
    schema = {"type": "object", "properties": properties or {}}
    root = {"type": "object", "properties": {"spec": schema}} if root is None else root
    return CustomResourceStrategy(prepare_crd(definition(root, version=version, spec=spec)), "v1")


def widget(spec=None, *, metadata=None, **rest):
    found = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "a", "namespace": "default"} | (metadata or {}),
    }
    if spec is not None:
        found["spec"] = spec
    return found | rest
