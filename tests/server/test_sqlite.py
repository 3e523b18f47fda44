"""A journal in a folder: what was written is there again, under the same revisions."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys

import pytest

from kubecrd.errors import ConfigError
from kubecrd.server.sqlite import SqliteJournal
from kubecrd.server.storage import Key, Store


def key(name: str, namespace: str = "default") -> Key:
    return Key("shop.example.com", "pizzas", namespace, name)


def thing(key: Key, **spec) -> dict:
    return {"metadata": {"name": key.name, "namespace": key.namespace}, "spec": spec}


@pytest.fixture
def opened(tmp_path):
    """Opens stores on one folder, closing the one before."""
    stores: list[Store] = []

    def open_() -> Store:
        for store in stores:
            store.close()
        stores[:] = [Store(SqliteJournal(tmp_path / "data"))]
        return stores[0]

    yield open_
    for store in stores:
        store.close()


def test_objects_are_there_again_as_they_were(opened):
    store = opened()
    spec = {"text": "a\u00e4\U0001f355\u0000", "float": 1.0, "int": 2**63 - 1, "null": None, "list": [{}, []]}
    made = store.create(key("a"), thing(key("a"), **spec))

    again = opened()

    assert again.get(key("a")) == made
    assert isinstance(again.get(key("a"))["spec"]["float"], float)


def test_an_update_and_a_deletion_are_there_again(opened):
    store = opened()
    for name in "ab":
        store.create(key(name), thing(key(name)))
    changed = store.update(key("a"), thing(key("a"), size=2))
    store.delete(key("b"))

    assert opened().list("shop.example.com", "pizzas") == ([changed], store.revision)


def test_revisions_go_on_after_a_restart_even_when_everything_is_deleted(opened):
    store = opened()
    store.create(key("a"), thing(key("a")))
    gone = store.delete(key("a"))

    again = opened()

    assert again.revision == int(gone["metadata"]["resourceVersion"])
    made = again.create(key("a"), thing(key("a")))
    assert int(made["metadata"]["resourceVersion"]) == again.revision == int(gone["metadata"]["resourceVersion"]) + 1


def test_lists_are_in_order_after_a_restart(opened):
    store = opened()
    for namespace, name in [("b", "z"), ("a", "z"), ("a-b", "a")]:
        store.create(key(name, namespace), thing(key(name, namespace)))

    assert opened().list("shop.example.com", "pizzas") == store.list("shop.example.com", "pizzas")


def test_a_write_that_cannot_be_kept_has_not_happened(opened):
    store = opened()
    before = store.revision

    with pytest.raises(UnicodeEncodeError):
        store.create(key("a"), thing(key("a"), text="\ud800"))

    assert (store.revision, store.get(key("a"))) == (before, None)
    assert opened().revision == before


def test_a_write_for_which_there_is_no_room_has_not_happened_and_later_ones_go_on(tmp_path):
    journal = SqliteJournal(tmp_path)
    store = Store(journal)
    store.create(key("a"), thing(key("a")))
    before = store.revision
    journal._connection.execute("PRAGMA max_page_count = 20")

    with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
        store.create(key("b"), thing(key("b"), text="x" * 1_000_000))
    made = store.create(key("c"), thing(key("c")))

    assert (store.get(key("b")), made["metadata"]["resourceVersion"]) == (None, str(before + 1))
    store.close()
    again = Store(SqliteJournal(tmp_path))
    assert (again.revision, [obj["metadata"]["name"] for obj in again.list("shop.example.com", "pizzas")[0]]) == (
        before + 1,
        ["a", "c"],
    )
    again.close()


def test_what_is_made_is_for_its_owner_only(tmp_path):
    store = Store(SqliteJournal(tmp_path / "data"))
    store.create(key("a"), thing(key("a")))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}

    store.close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert modes == {"kubecrd.db": 0o600, "kubecrd.db-wal": 0o600}


def test_a_folder_that_is_in_use_is_refused_with_what_to_do(opened, tmp_path):
    opened()
    script = "import sys; from kubecrd.server.sqlite import SqliteJournal; SqliteJournal(sys.argv[1])"

    other = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "data"], capture_output=True, text=True, check=False
    )

    remedy = "another server uses it; stop that one, or choose another folder"
    assert other.stderr.splitlines()[-1] == (
        f"kubecrd.errors.ConfigError: data directory {str(tmp_path / 'data')!r}: {remedy}"
    )


def test_a_folder_is_free_again_when_its_store_is_closed(tmp_path):
    Store(SqliteJournal(tmp_path)).close()

    Store(SqliteJournal(tmp_path)).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"data directory .*file/data': .*Not a directory"):
        SqliteJournal(tmp_path / "file" / "data")


def test_a_file_that_is_no_database_is_not_touched(tmp_path):
    (tmp_path / "kubecrd.db").write_text("something else entirely, and long enough to be read as a header" * 20)
    before = (tmp_path / "kubecrd.db").read_bytes()

    with pytest.raises(ConfigError) as error:
        SqliteJournal(tmp_path)

    assert str(error.value) == f"data directory {str(tmp_path)!r}: file is not a database"
    assert (tmp_path / "kubecrd.db").read_bytes() == before


def test_a_file_of_a_later_release_is_refused(tmp_path):
    SqliteJournal(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "kubecrd.db")
    connection.execute("PRAGMA user_version = 7")
    connection.close()

    with pytest.raises(ConfigError) as error:
        SqliteJournal(tmp_path)

    assert str(error.value) == (
        f"{tmp_path / 'kubecrd.db'}: is laid out as version 7, but this kubecrd knows 1; "
        "use the release that wrote it, or choose another folder"
    )


@pytest.mark.parametrize("durable", [False, True])
def test_how_hard_a_write_is_forced_to_the_disk_can_be_chosen(tmp_path, durable):
    journal = SqliteJournal(tmp_path, durable=durable)

    (level,) = journal._connection.execute("PRAGMA synchronous").fetchone()
    journal.close()

    assert level == (2 if durable else 1)
