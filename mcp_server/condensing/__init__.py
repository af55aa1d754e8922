"""What to keep of a conversation that does not fit: pure, imports only `conversation`."""
