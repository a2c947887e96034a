"""How a proposal grows into segments: `segment` and `add-document`."""
