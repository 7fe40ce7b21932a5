"""Count how often unrelated senders of public collections share a value: what a coincidence is worth in `connect`.

    python -m bench.elsewhere --corpora DIR --work W

writes watchword/connect/elsewhere.parquet (digests of values that two senders share, and how many do) and
elsewhere.toml (how many senders there are, and how rarely two share a value that nobody else has). Only development
halves are counted. A sender is a registrable domain, of free mail an address; of mass phishing all that say the same
are one, for a campaign is no coincidence. How rarely two share a value is counted on honest mail alone: phishers of one
collection are often the same. Of the values themselves nothing is written.
"""

import argparse
import math
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.cases import corpora_cases, judged, labels
from watchword.case import Case
from watchword.connect.evidence import kinds
from watchword.connect.traces import sql
from watchword.context.build import leads
from watchword.investigate import connect

HERE = Path(__file__).parent.parent / "watchword" / "connect"
FEW = 3  # senders up to which a shared value is a rare one


def main() -> None:
    """Count, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="the unpacked corpora")
    parser.add_argument("--work", type=Path, required=True, help="folder for the judged cases")
    arguments = parser.parse_args()
    known = labels(arguments.corpora)
    counted = duckdb.connect(config={"memory_limit": "2GB"})
    counted.execute("create table seen (kind varchar, key varchar, sender varchar, honest boolean)")
    counted.execute("create table senders (sender varchar, honest boolean)")
    for corpus, case in corpora_cases(arguments.corpora, arguments.work):
        rows = [one for one in judged(case, corpus, arguments.corpora, known) if one.split == "dev"]
        mass = {one.message for one in rows if one.label in ("mass", "attack", "unlabelled")}
        _collect(counted, case, {one.message for one in rows}, mass)
        print(corpus, len(rows), *counted.execute("select count(distinct sender) from senders").fetchall()[0])
    _write(counted)


def _collect(counted: duckdb.DuckDBPyConnection, case: Case, wanted: set[str], mass: set[str]) -> None:
    """Add the values of one corpus."""
    with connect(case) as connection:
        connection.execute("drop view leads")
        leads(connection, kept=True)
        connection.register("wanted", pa.table({"message": sorted(wanted)}))
        connection.register("mass", pa.table({"message": sorted(mass)}, schema=pa.schema([("message", pa.string())])))
        connection.execute(
            f"""create temp table subjects as select * replace (true as weighs, true as newcomer, false as is_list)
            from ({sql("subjects")}) where message in (select message from wanted)"""
        )
        connection.execute(
            """create temp table sender_of as
            select message, message not in (select message from mass) as honest, case
                when message in (select message from mass) then coalesce(
                    (select min(list_min(bands)) from texts where texts.message = subjects.message),
                    from_organisation)
                when coalesce(is_freemail, false) then from_address else from_organisation end as sender
            from subjects left join domains on domains.organisation = from_organisation"""
        )
        connection.execute("create temp table familiar (address varchar)")
        # What names share is counted over lists of the most used names: watchword/connect/background.py.
        connection.execute("create temp table habits_of_names (message varchar, value varchar, about varchar)")
        connection.execute("create temp table standing (address varchar, organisation varchar)")
        counted.register("here", connection.sql("select distinct sender, honest from sender_of").to_arrow_table())
        counted.execute("insert into senders select sender, honest from here")
        for kind in kinds():
            found = connection.sql(
                f"""select distinct left(sha256(cast(value as varchar)), 16) as key, sender, honest
                from ({kind.sql}) join sender_of using (message) where value is not null and value <> ''"""
            ).to_arrow_table()
            counted.register("found", found)
            counted.execute("insert into seen select ?, key, sender, honest from found", [kind.name])


def _write(counted: duckdb.DuckDBPyConnection) -> None:
    ((senders,),) = counted.execute("select count(distinct sender) from senders").fetchall()
    counted.execute(
        "create table shared as select kind, key, count(distinct sender) as senders from seen group by kind, key"
    )
    table = counted.sql("select kind, key, senders from shared where senders >= 2 order by kind, key").to_arrow_table()
    pq.write_table(table, HERE / "elsewhere.parquet", compression="zstd")
    lines = [
        "# Made by bench/elsewhere.py; do not edit. How many senders the background has, and bits of a value that none",
        "# of them has: how rarely two share a value that hardly anybody else has.",
        f"counted = {datetime.now(UTC).date()}",
        "",
    ]
    ((honest,),) = counted.execute("select count(distinct sender) from senders where honest").fetchall()
    for kind, having, pairs in counted.execute(
        """with values_seen as (
            select kind, key, count(distinct sender) as senders from seen where honest group by kind, key
        ),
        holders as (select kind, count(distinct sender) as n from seen where honest group by kind)
        select kind, any_value(holders.n),
            coalesce(sum(senders * (senders - 1) / 2) filter (senders between 2 and ?), 0)
        from values_seen join holders using (kind) group by kind order by kind""",
        [FEW],
    ).fetchall():
        unseen = math.log2(having * honest / 2 / (pairs + 1))
        lines += [
            f"[kind.{kind}]",
            f"senders = {senders}",
            f"unseen = {unseen:.1f}  # {having} of {honest} honest ones have one",
            "",
        ]
    (HERE / "elsewhere.toml").write_text("\n".join(lines), "utf-8")
    print(table.num_rows, "values that two senders share, of", senders, "senders")


if __name__ == "__main__":
    main()
