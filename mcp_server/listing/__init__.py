"""The list of conversations as text: its grammar, what of it matches, and how it is fitted into a budget. Pure."""
