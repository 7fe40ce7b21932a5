-- What each received message shows that could be named: `value` to compare, the host and registrable domain it has.
with received as (
    select messages.* from messages left join relationships using (message)
    where coalesce(relationships.direction, 'received') = 'received'
),
hosts as (
    select message, host, organisation, is_address_ip from links where host <> '' and scheme in ('http', 'https', 'ftp')
    union select message, target_host, target_organisation, false from links where target_host <> ''
    union select message, from_domain, from_organisation, false from received where from_domain <> ''
    union select message, reply_domain, reply_organisation, false from received where reply_domain <> ''
    union select message, return_domain, return_organisation, false from received where return_domain <> ''
    union select message, origin_host, origin_organisation, false from received where origin_host <> ''
),
addresses_of as (
    select message, unnest([from_address, reply_address, sender_address, return_address, name_address]) as address
    from received
    union select message, value from mentions where kind = 'address'
),
numbers as (
    select message, host as ip from hosts where is_address_ip
    union select message, unnest([origin_ip, client_ip]) from received
)
select distinct shown.* from (
    select message, 'url' as kind, regexp_replace(unnest([url, target_url]), '^[a-z]+://', '') as value, '' as about
    from links where scheme in ('http', 'https', 'ftp')
    union select message, 'host', host, organisation from hosts where not is_address_ip
    union select message, 'domain', organisation, organisation from hosts where not is_address_ip
    union select message, 'ip', ip, '' from numbers
    union
    select message, 'network', regexp_extract(ip, '^(\d+\.\d+\.\d+)\.\d+$', 1) || '.0/24', '' from numbers
    where regexp_matches(ip, '^\d+\.\d+\.\d+\.\d+$')
    union select message, 'address', address, split_part(address, '@', 2) from addresses_of
    union select message, kind, value, '' from mentions where kind in ('phone', 'wallet', 'handle')
    union select message, 'sha256', sha256, '' from attachments where sha256 <> ''
) shown
join received using (message)
where value <> ''
