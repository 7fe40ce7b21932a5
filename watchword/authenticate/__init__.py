"""Whether what a message says about its sender holds: signatures and policies, tried with the keys that the case has.

Facts (`signatures`, `messages`, `hops`) and the records in the case's `keys/` come in, tables come out; no mailbox is
touched, so it can be repeated in seconds whenever a key was found. Nothing is looked up here but on request
(`lookup.py`). Everything is judged as of the time when the message arrived.
"""
