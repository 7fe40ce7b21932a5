"""Native libraries read hostile files in a process of their own, which has limits and can be lost without harm.

`process` is this side of it, `inside` the other, `pdf` and `codes` are what runs there. That side imports nothing else
of Watchword, keeps nothing between two files, and gives back only words, numbers and bytes.
"""
