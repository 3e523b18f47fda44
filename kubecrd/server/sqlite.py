"""A journal in SQLite: what was acknowledged survives the process.

Each write is one transaction in SQLite's write-ahead log, which is handed to the operating system before the server
answers: `kill -9` loses nothing. A power cut can lose the last moments, since the log is not forced to the disk at every
write; pass ``durable=True`` where that matters more than a tenfold speed.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kubecrd.errors import ConfigError

from .history import DELETED
from .storage import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .history import Event

__all__ = ["SqliteJournal"]

_LAYOUT: Final = 1
"""The version of the tables below, kept in the file as its `user_version`."""

_SCHEMA: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS objects (
    api_group TEXT, resource TEXT, namespace TEXT, name TEXT, document BLOB NOT NULL,
    PRIMARY KEY (api_group, resource, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last (revision INTEGER NOT NULL);
INSERT INTO last SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM last);
PRAGMA user_version = 1;
COMMIT;
"""
_PUT: Final = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)"
_TAKE: Final = "DELETE FROM objects WHERE api_group = ? AND resource = ? AND namespace = ? AND name = ?"


class SqliteJournal:
    """Keeps the objects of a store in the file ``kubecrd.db`` of a folder, which is made when it is missing.

    Args:
        folder: Where the file is; one process at a time may use it.
        durable: Whether every write is forced to the disk, so that it survives a power cut as well.

    Raises:
        ConfigError: the folder cannot be written, or another process uses it.
    """

    def __init__(self, folder: Path | str, *, durable: bool = False) -> None:
        path = Path(folder) / "kubecrd.db"
        try:
            # Secrets may be in it: what is made here is for its owner only.
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"data directory {str(folder)!r}: {error}") from error
        try:
            self._prepare(durable=durable)
        except sqlite3.Error as error:
            self._connection.close()
            busy = "locked" in str(error)
            remedy = "another server uses it; stop that one, or choose another folder" if busy else str(error)
            raise ConfigError(f"data directory {str(folder)!r}: {remedy}") from error
        except ConfigError:
            self._connection.close()
            raise

    def _prepare(self, *, durable: bool) -> None:
        """Take the file for this process alone, and make the tables when they are missing.

        Raises:
            ConfigError: a later release has written the file.
        """
        run = self._connection.execute
        # With the lock kept, the log needs no shared memory, and a second process is refused at once.
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        run(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        (layout,) = run("PRAGMA user_version").fetchone()
        if layout > _LAYOUT:
            (_, _, file) = run("PRAGMA database_list").fetchone()
            raise ConfigError(
                f"{file}: is laid out as version {layout}, but this kubecrd knows {_LAYOUT}; "
                "use the release that wrote it, or choose another folder"
            )
        self._connection.executescript(_SCHEMA)

    def load(self) -> tuple[int, Iterator[tuple[Key, dict[str, Any]]]]:
        """Give the last revision that was written, and every object that is there."""
        (revision,) = self._connection.execute("SELECT revision FROM last").fetchone()
        return revision, self._objects()

    def _objects(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for group, resource, namespace, name, document in self._connection.execute("SELECT * FROM objects"):
            yield Key(group, resource, namespace, name), decode(document)

    def write(self, event: Event) -> None:
        """Keep *event*; when this returns, it is kept whatever becomes of the process."""
        key, run = event.key, self._connection.execute
        place = (key.group, key.resource, key.namespace, key.name)
        run("BEGIN")
        try:
            if event.type == DELETED:
                run(_TAKE, place)
            else:
                run(_PUT, (*place, msgspec.json.encode(event.object)))
            run("UPDATE last SET revision = ?", (event.revision,))
            run("COMMIT")
        except BaseException:
            # A full disk has rolled back already; a second one would hide what went wrong.
            if self._connection.in_transaction:
                run("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
