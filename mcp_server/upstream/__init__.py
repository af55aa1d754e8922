"""The messaging API: how it is asked, read, retried, and how its refusals are told."""
