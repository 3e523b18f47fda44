import pytest

from kubecrd.errors import DefinitionError, RequestError
from kubecrd.resource.identity import ApiResource, GroupVersion, GroupVersionKind, ObjectRef, Version
from kubecrd.resource.metadata import ObjectMeta, OwnerReference
from kubecrd.resource.naming import camel_case, plural_of
from kubecrd.resource.objects import Resource, resource_view
from tests.resource.pizza import Pizza, PizzaSpec


@pytest.mark.kube_rs("K13")
@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Pizza", "pizzas"),
        ("Endpoints", "endpoints"),
        ("Ingress", "ingresses"),
        ("Box", "boxes"),
        ("Branch", "branches"),
        ("Policy", "policies"),
        ("Gateway", "gateways"),
        ("NodeMetrics", "nodes"),
    ],
)
def test_plurals_are_guessed_by_the_rules_of_english(kind, plural):
    assert plural_of(kind) == plural


@pytest.mark.parametrize(
    ("python", "json"),
    [("size", "size"), ("min_replicas", "minReplicas"), ("from_", "from"), ("fields_v1", "fieldsV1"), ("a_b_c", "aBC")],
)
def test_json_names_are_camel_case(python, json):
    assert camel_case(python) == json


@pytest.mark.kube_rs("K3")
@pytest.mark.parametrize(
    ("resource", "namespace", "name", "path"),
    [
        (ApiResource.of("v1", "Pod"), "ns", "p", "/api/v1/namespaces/ns/pods/p"),
        (ApiResource.of("v1", "Pod"), None, None, "/api/v1/pods"),
        (ApiResource.of("apps/v1", "Deployment"), "ns", None, "/apis/apps/v1/namespaces/ns/deployments"),
        (ApiResource.of("v1", "Node", namespaced=False), None, "n", "/api/v1/nodes/n"),
    ],
)
def test_paths_are_where_the_server_has_them(resource, namespace, name, path):
    assert resource.path(namespace, name) == path


@pytest.mark.parametrize("text", ["", "a/b/c", "/v1", "apps/"])
def test_a_malformed_api_version_is_refused(text):
    with pytest.raises(RequestError, match="is neither 'version' nor 'group/version'"):
        GroupVersion.parse(text)


@pytest.mark.kube_rs("K14", "K15")
def test_versions_are_preferred_as_kubectl_does():
    versions = ["foo10", "v1", "v3beta1", "foo1", "v11alpha2", "v10", "v12alpha1", "v2", "v10beta3", "v11beta2"]

    ordered = sorted(versions, key=lambda text: Version(text).priority, reverse=True)

    assert ordered == ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]


@pytest.mark.kube_rs("K15")
def test_generations_go_by_the_major_version_first():
    assert Version("v2alpha1").generation > Version("v1").generation
    assert Version("v2").generation > Version("v2beta1").generation


@pytest.mark.kube_rs("K1", "K2")
def test_a_class_knows_its_kind():
    assert Pizza.kind == "Pizza"
    assert Pizza.api_version == "shop.example.com/v1"
    assert Pizza.api_resource == ApiResource("shop.example.com", "v1", "Pizza", "pizzas")


@pytest.mark.kube_rs("K6")
def test_an_object_can_be_referred_to():
    pizza = Pizza(metadata=ObjectMeta(name="a", namespace="ns"), spec=PizzaSpec(size=1))

    assert pizza.ref == ObjectRef(Pizza.api_resource, "a", "ns")
    assert str(pizza.ref) == "Pizza.v1.shop.example.com/a.ns"


def test_an_object_without_a_name_cannot_be_referred_to():
    with pytest.raises(RequestError, match=r"^Pizza: metadata.name is not set; an object is found by its name$"):
        _ = Pizza(spec=PizzaSpec(size=1)).ref


@pytest.mark.kube_rs("K7")
def test_an_owner_is_referred_to_by_its_uid():
    pizza = Pizza(metadata=ObjectMeta(name="a", uid="u"), spec=PizzaSpec(size=1))

    assert pizza.owner_reference() == OwnerReference(
        api_version="shop.example.com/v1", kind="Pizza", name="a", uid="u", controller=True, block_owner_deletion=True
    )


def test_an_object_that_was_not_created_cannot_own():
    with pytest.raises(RequestError, match=r"use the object that the server returned$"):
        Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=1)).owner_reference()


def test_only_a_custom_resource_has_a_definition():
    with pytest.raises(
        DefinitionError, match=r"^Pizza: only a class decorated with @custom_resource has a definition$"
    ):
        Pizza.crd()


def test_a_view_derives_from_resource():
    with pytest.raises(DefinitionError, match=r"^Stray: a resource view derives from Resource$"):

        @resource_view()
        class Stray:
            pass


def test_a_view_may_be_defined_in_a_function():
    class Inner:
        pass

    @resource_view()
    class Local(Resource):
        inner: "Inner | None" = None

    assert Local().to_dict()["kind"] == "Local"


@pytest.mark.kube_rs("K11")
@pytest.mark.parametrize(
    "named",
    [
        {"apiVersion": "shop.example.com/v1", "kind": "Pizza", "metadata": {"name": "a"}},
        {"apiVersion": "shop.example.com/v1", "kind": "Pizza", "name": "a", "uid": "b"},
        OwnerReference(api_version="shop.example.com/v1", kind="Pizza", name="a", uid="b"),
    ],
)
def test_documents_and_owner_references_name_their_kind(named):
    assert GroupVersionKind.of(named) == GroupVersionKind("shop.example.com", "v1", "Pizza")


@pytest.mark.parametrize("named", [{}, {"apiVersion": "v1"}, {"kind": "Pizza"}])
def test_what_names_no_kind_is_refused(named):
    with pytest.raises(RequestError, match="no apiVersion and kind here, by which a document says what it is"):
        GroupVersionKind.of(named)


@pytest.mark.kube_rs("K12")
def test_a_kind_is_named_by_its_group_and_version():
    pods = GroupVersion.parse("v1")
    pizza = ApiResource.of("shop.example.com/v1", "Pizza")

    assert str(pods.with_kind("Pod")) == "v1, Kind=Pod"
    assert str(pods.with_resource("pods")) == "v1, Resource=pods"
    assert str(pizza.gvk) == "shop.example.com/v1, Kind=Pizza"
    assert str(pizza.gvr) == "shop.example.com/v1, Resource=pizzas"
