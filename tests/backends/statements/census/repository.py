import sqlite3

from census.tables import PEOPLE, Order, marks


class People:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def named(self, name: str) -> list[tuple[str]]:
        return self._all(f"SELECT name FROM {PEOPLE} WHERE name = '{name}'")  # expect: BG301

    def sorted(self, order: Order, limit: int) -> list[tuple[str]]:
        return self._all(f"SELECT name FROM {PEOPLE} ORDER BY {order.value} LIMIT {int(limit)}")

    def of(self, ids: list[int]) -> list[tuple[str]]:
        return self._all(f"SELECT name FROM {PEOPLE} WHERE id IN ({marks(len(ids))})", *ids)

    def where(self, town: str | None, born: int | None) -> list[tuple[str]]:
        query = "SELECT name FROM people WHERE 1 = 1"
        values: list[str | int] = []
        if town is not None:
            query += " AND town = ?"
            values.append(town)
        if born is not None:
            query += " AND born = ?"
            values.append(born)
        return self._all(query, *values)

    def _all(self, query: str, *values: str | int) -> list[tuple[str]]:
        return self.connection.execute(query, values).fetchall()
