"""Logs of accounts as people export them: read into the tables `logs`, `events` and `log_rejections`.

What is added is copied into the case's `logs/` and is truth; the tables are rebuilt from there when the code changes.
Formats are told apart by content and never by name (`forms`); what an operation is in our words is data
(`operations/*.toml`).
"""

from watchword.logs.keep import Added, LogTotals, add, is_fresh, refresh, totals

__all__ = ["Added", "LogTotals", "add", "is_fresh", "refresh", "totals"]
