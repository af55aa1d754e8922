"""LinkedIn's own data export as a source of conversations: opened, read once, indexed, never changed."""
