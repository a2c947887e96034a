"""What a reader or an agent needs of the proposals: `context` and `search`."""
