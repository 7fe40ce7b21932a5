"""Mailboxes of many people with operations of known truth, and the score of whoever connects their messages."""
