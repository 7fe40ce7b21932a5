"""Directed anomaly scoring (Ho, Sharma, Javed, Paxson, Wagner, USENIX Security 2017) on what a mailbox shows.

A message is anomalous where few others of its mailbox are at least as suspicious in every dimension at once. Nothing is
learned and nothing weighed. As in the paper there are dimensions of the sender's and of the linked domain's reputation,
and a sub-detector for each way to pretend: a known name at another address, somebody unseen, an account that is known.
What a dimension says of a message rests on what came before it; the comparison is with the whole mailbox, since an
investigation comes afterwards.

The paper sees a whole enterprise and we one mailbox. It counts clicks from network logs, where we count a domain as
seen when the mailbox held a link to it, and it knows an account as taken over by a login from a new city, where we have
a new mail program, time zone or way. It scores only mail with a link that was clicked; we score all, and a message
without a link is least suspicious there. It gives each sub-detector its own daily budget, where we take the worst of
the three. Tranco's list of popular domains is ours.
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
linked as (
    select message, arg_min((before, days, popularity), (before, days)) as least
    from seen left join domains using (organisation) group by message
)
select received.message, received.owner,
    -- the sender
    -(address_received + address_sent) as address, -floor(days_known) as days,
    -(organisation_received + organisation_sent) as organisation, name_received + name_sent as name,
    coalesce(client_known = false, false)::int as client, coalesce(route_known = false, false)::int as route,
    coalesce(offset_known = false, false)::int as zone,
    -- the link
    coalesce(-least[1], -1e9) as link, coalesce(-least[2], -1e9) as link_days,
    case when least is null then 0 when least[3] is null then 3 when least[3] > 10000 then 2 else 1 end as unpopular
from received left join linked using (message)
"""
LINK = ("link", "link_days", "unpopular")
# Which messages a sub-detector is about, and its dimensions beside those of the link.
DETECTORS = {
    "a known name at another address": ("name", ("name", "address", "days", "organisation")),
    "somebody unseen": ("", ("address", "days", "organisation")),
    "a known account, out of character": ("change", ("client", "route", "zone", "change_of")),
}


def scores(case: Case) -> dict[str, float]:
    """Score every received message of a case, higher is worse."""
    with connect(case) as connection:
        table = connection.sql(DIMENSIONS).to_arrow_table()
    columns: dict[str, Points] = {
        name: table[name].to_numpy().astype(float) for name in table.column_names if name not in ("message", "owner")
    }
    columns["change"] = columns["client"] + columns["route"] + columns["zone"]
    columns["change_of"] = -columns["address"]  # the better an account is known, the more a change of it says
    owners = np.array(table["owner"].to_pylist(), dtype=object)
    worst = np.zeros(len(owners))
    for owner in set(owners):
        mailbox = owners == owner
        for only, names in DETECTORS.values():
            chosen = mailbox & (columns[only] > 0) if only else mailbox
            if chosen.any():
                points = np.stack([columns[name][chosen] for name in (*names, *LINK)], axis=1)
                alone = np.log10((mailbox.sum() + 1) / (1 + as_suspicious(points)))
                worst[chosen] = np.maximum(worst[chosen], alone)
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
