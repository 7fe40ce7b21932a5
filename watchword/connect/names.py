"""What the names of domains on weighed messages share: registered by the same habits, or by chance."""

from collections import defaultdict

import pyarrow as pa

from watchword.connect.background import Background
from watchword.connect.naming import naming, owner
from watchword.engine import Connection

# Of these there are kinds of evidence of their own, and of patterns and hosts as `mail` every name has one.
_EXACT = ("host", "domain", "address", "network", "pattern", "below")


def shared_habits(connection: Connection) -> None:
    """Make the temporary table `habits_of_names`: values that different domains on weighed messages have in common.

    Columns are `message`, `value`, `about` (the domain) and `bits`. The lists of popular names are read only where
    something is shared at all.
    """
    hosts = connection.execute(
        """select distinct final_host from leads join subjects using (message)
        where weighs and final_host <> '' and not is_address_ip
        union select distinct from_domain from subjects
        where weighs and from_domain <> '' and from_address not in (select address from standing) and not failed"""
    ).fetchall()
    having: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (host,) in hosts:
        for value in naming(host):
            if value.kind not in _EXACT:
                having[value.kind, value.value].add(host)
    shared = {key: names for key, names in having.items() if len({owner(name) for name in names}) > 1}
    names = sorted({name for among in shared.values() for name in among})
    rows: list[tuple[str, str, str, float]] = []
    if names:
        background = Background(names, patterns=False)
        for name in names:
            for weighed in background.host(name):
                value = weighed.value
                if weighed.bits >= 1 and (value.kind, value.value) in shared:
                    rows.append((name, f"{value.kind} {value.value}", owner(name), weighed.bits))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    fields = (("host", pa.string()), ("value", pa.string()), ("about", pa.string()), ("bits", pa.float64()))
    connection.register(
        "named_alike",
        pa.table({name: pa.array(column, kind) for (name, kind), column in zip(fields, columns, strict=True)}),
    )
    connection.execute(
        """create or replace temp table habits_of_names as
        select distinct message, value, named_alike.about, bits from named_alike join leads on final_host = host
        union
        select message, value, named_alike.about, bits from named_alike join subjects on from_domain = host
        where from_address not in (select address from standing) and not failed"""
    )
    connection.unregister("named_alike")
