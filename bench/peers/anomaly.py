"""Directed anomaly scoring (Ho, Sharma, Javed, Paxson, Wagner, USENIX Security 2017) on what a mailbox shows.

A message is anomalous where it is as suspicious as many others in every dimension at once, and few others are as
suspicious as it. Nothing is learned and nothing weighed. As in the paper there are two dimensions of the linked
domain's reputation and two of the sender's, and a sub-detector for each way to pretend: a known name at another
address, somebody unseen, an account that is known. What a dimension says of a message rests on what came before it;
the comparison is with the whole mailbox, since an investigation comes afterwards.

The paper sees a whole enterprise and we one mailbox. It counts clicks from network logs, where we count a domain as
seen when the mailbox held a link to it, and it knows an account as taken over by a login from a new city, where we
have a new mail program, time zone or way. It scores only mail with a link that was clicked; we score all, and a
message without a link is least suspicious there. It gives each sub-detector its own daily budget, where we take the
worst of the three. The score is the logarithm of the one count over the other: it found more on the development
operations than either count alone, and so did two dimensions of the sender than three or four (his organisation; how
popular the linked domain is).
"""

import numpy as np
import numpy.typing as npt

from watchword.case import Case
from watchword.investigate import connect

Points = npt.NDArray[np.float64]

CHUNK = 1 << 24  # comparisons at a time: so many bytes of memory
# Higher is more suspicious. The link is the one whose domain the mailbox has seen least.
DIMENSIONS = """
with mail as (
    select message, owner, coalesce(time, date, timestamptz '0001-01-01 00:00:00Z') as moment
    from messages join relationships using (message, owner)
),
named as (
    select distinct message, owner, moment, final_organisation as organisation
    from mail join leads using (message) where final_organisation <> ''
),
seen as (
    select *, rank() over whole - 1 as before,
        date_diff('day', first_value(moment) over whole, moment) as days
    from named window whole as (partition by owner, organisation order by moment)
),
linked as (select message, min((before, days)) as least from seen group by message)
select received.message, received.owner,
    -(address_received + address_sent) as address, -floor(days_known) as days, name_received + name_sent as name,
    (client_known is false)::int + (route_known is false)::int + (offset_known is false)::int as change,
    address_received + address_sent as standing,  -- the better an account is known, the more a change of it says
    coalesce(-least[1], -1e9) as link, coalesce(-least[2], -1e9) as link_days
from received left join linked using (message)
"""
LINK = ("link", "link_days")
# Each with what its messages have, and its dimensions beside those of the link.
DETECTORS = {
    "a known name at another address": ("name", ("name", "address")),
    "somebody unseen": ("", ("address", "days")),
    "a known account, out of character": ("change", ("change", "standing")),
}


def scores(case: Case) -> dict[str, float]:
    """Score every received message of a case, higher is worse."""
    with connect(case) as connection:
        table = connection.sql(DIMENSIONS).to_arrow_table()
    columns: dict[str, Points] = {
        name: table[name].to_numpy().astype(float) for name in table.column_names if name not in ("message", "owner")
    }
    owners = np.array(table["owner"].to_pylist(), dtype=object)
    worst = np.zeros(len(owners))
    for owner in set(owners):
        mailbox = owners == owner
        for only, names in DETECTORS.values():
            chosen = mailbox & (columns[only] > 0) if only else mailbox
            if chosen.any():
                points = np.stack([columns[name][chosen] for name in (*names, *LINK)], axis=1)
                worse, as_bad = as_suspicious(-points), as_suspicious(points)
                worst[chosen] = np.maximum(worst[chosen], np.log10((1 + worse) / (1 + as_bad)))
    return dict(zip(table["message"].to_pylist(), worst.tolist(), strict=True))


def as_suspicious(points: Points) -> npt.NDArray[np.int64]:
    """Count for each point how many others are at least as high in every dimension."""
    distinct, inverse, copies = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    found = np.empty(len(distinct), dtype=np.int64)
    step = max(1, CHUNK // len(distinct))
    for start in range(0, len(distinct), step):
        chunk = distinct[start : start + step]
        above = np.ones((len(chunk), len(distinct)), dtype=bool)
        for dimension in range(points.shape[1]):
            above &= distinct[None, :, dimension] >= chunk[:, None, dimension]
        found[start : start + step] = above @ copies
    return found[inverse.ravel()] - 1
