"""Whether two warehouses hold the same marts: the proof that two engines, or two ways to build, agree.

Rows are compared as multisets. Ids, texts, counts, dates and flags must be equal; real numbers and money may
differ by 1e-9 of their size (of one, where they are smaller).
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

TOLERANCE = 1e-9
_REAL_TYPES = ("DOUBLE", "FLOAT", "DECIMAL")
_OF_THE_BUILD = {"warehouse_build": frozenset({"build_id"})}
"""Columns that name the build itself, and with it the engine."""


@dataclass(frozen=True, kw_only=True)
class TableComparison:
    """One mart in both warehouses. `largest_difference` is over its real numbers, relative beyond 1."""

    table: str
    left_rows: int
    right_rows: int
    only_left: int
    only_right: int
    differing_numbers: int
    largest_difference: float
    problem: str | None = None

    @property
    def is_equal(self) -> bool:
        return self.problem is None and not (self.only_left or self.only_right or self.differing_numbers)


def compare_marts(left: Path, right: Path) -> list[TableComparison]:
    """Every table of schema `marts` of either file, by name."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, file in (("left_file", left), ("right_file", right)):
            # ATTACH takes no parameter; the path is our own, quoted as a literal.
            connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        columns = {name: _columns(connection, name) for name in ("left_file", "right_file")}
        tables = sorted(columns["left_file"].keys() | columns["right_file"].keys())
        return [
            _compared(connection, table, columns["left_file"].get(table), columns["right_file"].get(table))
            for table in tables
        ]


def _columns(connection: duckdb.DuckDBPyConnection, file: str) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'marts' order by table_name, column_index",
        [file],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        tables.setdefault(table, {})[column] = data_type
    return tables


def _compared(
    connection: duckdb.DuckDBPyConnection, table: str, left: dict[str, str] | None, right: dict[str, str] | None
) -> TableComparison:
    if left is None or right is None:
        return _unlike(table, f"is missing in the {'left' if left is None else 'right'} warehouse")
    if left != right:
        names = sorted({name for name, _ in left.items() ^ right.items()})
        return _unlike(table, f"has other columns or types: {', '.join(names)}")
    ignored = _OF_THE_BUILD.get(table, frozenset())
    exact = [name for name, kind in left.items() if not kind.startswith(_REAL_TYPES) and name not in ignored]
    real = [name for name, kind in left.items() if kind.startswith(_REAL_TYPES)]
    row = connection.execute(_comparison_sql(table, exact, real)).fetchall()[0]
    return TableComparison(
        table=table,
        left_rows=row[0],
        right_rows=row[1],
        only_left=row[2],
        only_right=row[3],
        differing_numbers=row[4],
        largest_difference=row[5] or 0.0,
    )


def _unlike(table: str, problem: str) -> TableComparison:
    return TableComparison(
        table=table,
        left_rows=0,
        right_rows=0,
        only_left=0,
        only_right=0,
        differing_numbers=0,
        largest_difference=0.0,
        problem=problem,
    )


def _comparison_sql(table: str, exact: list[str], real: list[str]) -> str:
    """Names come from the catalog, quoted; rows equal in all exact columns are paired in the order of the others."""
    key = "md5(concat_ws('|', " + ", ".join(f"coalesce(to_json({_quoted(c)})::varchar, '~')" for c in exact) + "))"
    numbers = "".join(f", cast({_quoted(c)} as double) as n{i}" for i, c in enumerate(real))
    order = ", ".join([key, *(_quoted(c) for c in real)])
    place = f"row_number() over (partition by {key} order by {order})"
    sides = ", ".join(
        f"{side} as (select {key} as k, {place} as place{numbers} from {file}.marts.{_quoted(table)})"  # noqa: S608
        for side, file in (("l", "left_file"), ("r", "right_file"))
    )
    gaps = [f"case when l.n{i} is null and r.n{i} is null or l.n{i} = r.n{i} then 0 "
            f"else coalesce(abs(l.n{i} - r.n{i}) / greatest(1, abs(l.n{i}), abs(r.n{i})), 'infinity') end"
            for i in range(len(real))]  # fmt: skip
    gap = f"greatest(0e0, {', '.join(gaps)})" if gaps else "0e0"
    return f"""
        with {sides}, paired as (
            select l.k as lk, r.k as rk, {gap} as gap
            from l full outer join r on l.k = r.k and l.place = r.place
        )
        select
            count(lk), count(rk),
            count(*) filter (where rk is null), count(*) filter (where lk is null),
            count(*) filter (where lk is not null and rk is not null and not gap <= {TOLERANCE}),
            max(gap) filter (where lk is not null and rk is not null)
        from paired
    """  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
