"""Claims about Watchword. Each test says its claim in its docstring."""
