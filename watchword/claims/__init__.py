"""Public reports: what they say, who says it, and on whose word it rests."""
