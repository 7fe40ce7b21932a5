"""The worked example: two rival campaigns and a newsroom in an invented world, written by us."""
