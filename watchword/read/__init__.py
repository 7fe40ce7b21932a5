"""Containers to raw messages: recognise what lies there, cut it into shards, give back the original bytes.

`find_sources` looks at paths and says which mailboxes are in them. `cut` divides a mailbox into shards of about
32 MB, `read_shard` gives the messages of one shard, `fetch` gives one message again. A container is recognised by
its content, never by its name. One file of this room reads one kind of container.
"""
