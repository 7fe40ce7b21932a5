"""How well it is said who is behind something: published reports, campaigns, infrastructure and planted cases."""
