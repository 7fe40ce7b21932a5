"""Who may be behind an operation: hypotheses fixed first, evidence weighed, and what the conclusion hangs on.

The machine weighs, and names nobody: that is a person's recorded decision. Pure functions (`score`, `sensitivity`,
`next_evidence`, `profile`, `words`) are apart from what asks the tables (`exhibits`, `build`). Truth is in
`CASE/attribution.jsonl` (`kept`).
"""
