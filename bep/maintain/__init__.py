"""How proposals are kept: `mark`, `ask`, `decide`, `sync`, `renumber` and `list`."""
