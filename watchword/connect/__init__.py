"""From messages to operations: which belong together, why, and whether it worked."""
