"""The beginning of each message's conversation, found by following replies back."""

from watchword.engine import Connection

# Each round doubles the length of the chain that is followed, so twenty rounds are enough for any real thread.
ROUNDS = 20


def thread_roots(connection: Connection) -> None:
    """Make the temporary table `thread_roots` (message, root): root is the earliest message that we can name.

    A reply's parent is what In-Reply-To or References name (RFC 5322 3.6.4); else the first message of the
    provider's thread; else, for what is written as a reply, the last earlier message with the same subject in
    the same mailbox, at most 180 days before. Replies to one message that we do not hold share that id as root.
    """
    connection.execute(
        """
        create or replace temp table parents as
        with ids as (
            select messages.message_id, arg_min(mail.message, mail.moment) as message, min(mail.moment) as moment
            from mail join message_facts messages using (message)
            where messages.message_id <> ''
            group by messages.message_id
        ),
        named as (
            select mail.message, arg_max(ids.message, cited.position) as parent
            from mail
            join message_facts messages using (message)
            cross join lateral (
                select unnest(list_append(messages."references"[-20:], messages.in_reply_to)) as id,
                    unnest(range(len(messages."references"[-20:]) + 1)) as position
            ) cited
            join ids on ids.message_id = cited.id
            where ids.message <> mail.message and ids.moment <= mail.moment + interval 12 hours
            group by mail.message
        ),
        threads as (
            select mail.owner, mail.message,
                first_value(mail.message) over (partition by mail.owner, sightings.thread
                    order by mail.moment, mail.message) as parent
            from mail join sightings using (message)
            where sightings.thread <> ''
        ),
        subjects as (
            select mail.message, mail.moment, messages.subject_reply,
                lag(mail.message) over same_subject as parent, lag(mail.moment) over same_subject as parent_moment
            from mail join message_facts messages using (message)
            where len(messages.subject_plain) >= 5
            window same_subject as (partition by mail.owner, messages.subject_plain
                order by mail.moment, mail.message)
        )
        select mail.message,
            coalesce(any_value(named.parent), any_value(nullif(threads.parent, mail.message)),
                any_value(subjects.parent), any_value(messages."references"[1]),
                any_value(nullif(messages.in_reply_to, '')), mail.message) as root
        from mail
        join message_facts messages using (message)
        left join named on named.message = mail.message
        left join threads on threads.message = mail.message
        left join subjects on subjects.message = mail.message and subjects.subject_reply
            and subjects.parent_moment > subjects.moment - interval 180 days
        group by mail.message
        """
    )
    connection.execute("create or replace temp table thread_roots as select * from parents")
    for _ in range(ROUNDS):
        connection.execute(
            """
            create or replace temp table further as
            select near.message, coalesce(far.root, near.root) as root
            from thread_roots near left join thread_roots far on far.message = near.root
            """
        )
        ((changed,),) = connection.execute(
            "select count(*) from further join thread_roots using (message) where further.root <> thread_roots.root"
        ).fetchall()
        connection.execute("create or replace temp table thread_roots as select * from further")
        if not changed:
            break
    connection.execute("drop table if exists further")
    connection.execute("drop table if exists parents")
