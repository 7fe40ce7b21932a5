-- What the pairs share: of each kind the best value. Of each family the best kind counts in full, the second a quarter:
-- kinds of a family see the same thing. One band of wording is chance, two seldom are, three never (observe/alike.py).
with best as (
    select pairs.a, pairs.b, weighed.k, max(weighed.bits) as bits, arg_max(weighed.v, (weighed.bits, -weighed.v)) as v,
        count(*) as values, avg(weighed.bits) as middle
    from pairs
    join shown one on one.m = pairs.a
    join shown other on other.m = pairs.b and other.v = one.v
    join weighed on weighed.v = one.v
    group by pairs.a, pairs.b, weighed.k
),
halved as (
    select best.* replace (
            case when numbers.kind <> 'wording' then bits when values > 2 then middle else middle / 2 end as bits),
        numbers.family, numbers.forgeable
    from best join numbers using (k)
    where numbers.kind <> 'wording' or values > 1
),
ordered as (
    select *, row_number() over (partition by a, b, family order by bits desc, k) as place from halved
)
select a, b, k, v, family, forgeable, bits, case place when 1 then bits when 2 then bits / 4 else 0 end as counted
from ordered
