"""Facts to what was normal before: whose mailbox, who knows whom, conversations, domains. SQL over the tables."""
