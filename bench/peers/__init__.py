"""Other ways to find the few among the many, measured beside Watchword: each gives every message a score."""
