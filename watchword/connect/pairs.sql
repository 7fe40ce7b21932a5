-- Pairs of messages that share something rare. Of many that share one value each is paired with the three before it and
-- with the first, which is enough to tie them together and keeps the work linear.
with posting as (
    select v, m, row_number() over (partition by v order by m) as place
    from shown where v in (select v from weighed where bits >= {rare})
),
near as (
    select earlier.m as a, later.m as b
    from posting earlier join posting later on earlier.v = later.v
        and (later.place = earlier.place + 1)
    union all
    select earlier.m, later.m from posting earlier join posting later on earlier.v = later.v
        and (later.place = earlier.place + 2)
    union all
    select earlier.m, later.m from posting earlier join posting later on earlier.v = later.v
        and (later.place = earlier.place + 3)
    union all
    select earlier.m, later.m from posting earlier join posting later on earlier.v = later.v
        where earlier.place = 1 and later.place > 4
)
select distinct a, b from near
