"""A seeded benchmark: development operations with honest twins, injected into real mailboxes."""
