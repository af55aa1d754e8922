"""Selects what to keep of a conversation that does not fit the budget. Pure; imports only `conversation`."""
