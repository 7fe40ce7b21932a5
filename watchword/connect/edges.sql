-- What each pair comes to: log2 of the odds that both are of one operation, and on what they rest.
select a, b, sum(counted) as bits, count(*) filter (counted >= {telling}) as families,
    coalesce(max(counted) filter (forgeable = 'holder'), 0) as holder,
    coalesce(max(counted) filter (forgeable = 'machine'), 0) as machine,
    coalesce(sum(counted) filter (forgeable in ('holder', 'machine')), 0) as uncopied
from shared group by a, b
