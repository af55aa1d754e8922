"""What a conversation is and how it becomes a transcript. Pure: no I/O, no clock, no environment."""
