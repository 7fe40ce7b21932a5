"""Containers to raw messages: recognise what lies there, cut it into shards, give back the original bytes.

`find_sources` looks at paths and says which mailboxes are in them. `cut` divides a mailbox into shards of about
32 MB, `read_shard` gives the messages of one shard, `fetch` gives one message again. A container is recognised by
its content, never by its name. One file of this room reads one kind of container.
"""

from watchword.read.body_hash import body_hashes
from watchword.read.find import find_sources
from watchword.read.raw import MESSAGE_BYTES, SHARD_BYTES, Item, RawMessage, Shard, Source
from watchword.read.shards import cut, fetch, fetch_many, read_shard, read_shards, runs

__all__ = [
    "MESSAGE_BYTES",
    "SHARD_BYTES",
    "Item",
    "RawMessage",
    "Shard",
    "Source",
    "body_hashes",
    "cut",
    "fetch",
    "fetch_many",
    "find_sources",
    "read_shard",
    "read_shards",
    "runs",
]
