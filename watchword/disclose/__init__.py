"""What was found, told to people and machines: the answer, its page, its JSON, the terminal's summary, and why."""
