"""How proposals are kept: `mark`, `ask`, `decide`, `sync`, `renumber`, `retitle` and `list`."""
