"""The messaging API: requests, retries, parsing, error translation, and the caches in front of it."""
