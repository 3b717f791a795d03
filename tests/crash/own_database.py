"""A database for one house, on a server that others use too."""

import uuid

import psycopg


class OwnDatabase:
    """A database on that server, dropped at the end whoever still holds it."""

    def __init__(self, server: str) -> None:
        before, _, query = server.partition("?")
        self.place, self.query = before.rsplit("/", 1)[0], f"?{query}" if query else ""
        self.name = f"sportello_crash_{uuid.uuid4().hex[:12]}"

    def _tell_the_server(self, order: str) -> None:
        with psycopg.connect(f"{self.place}/postgres{self.query}", autocommit=True) as connection:
            connection.execute(order.encode())

    def __enter__(self) -> str:
        self._tell_the_server(f"CREATE DATABASE {self.name}")
        return f"{self.place}/{self.name}{self.query}"

    def __exit__(self, *trouble: object) -> None:
        self._tell_the_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
