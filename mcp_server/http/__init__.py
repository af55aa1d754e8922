"""Serving many over Streamable HTTP: the door, who may come in, whose account they read, and how much they may."""
