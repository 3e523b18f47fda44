"""A server in a process of its own: ``python -m tests.server.serving FOLDER``."""

import sys

import anyio

from kubecrd.server.app import ApiServer
from kubecrd.server.process import serve
from kubecrd.server.sqlite import SqliteJournal
from kubecrd.server.storage import Store


def tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


async def main(folder: str) -> None:
    store = Store(SqliteJournal(folder))
    try:
        await serve(ApiServer(store), ready=tell, signals=True)
    finally:
        store.close()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
