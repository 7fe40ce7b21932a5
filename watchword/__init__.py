"""Watchword finds out from mailboxes, offline, who was targeted by a state-backed operation, and how."""

__version__ = "0.1.0"
