"""One proposal by the guide: its document, its parts, the registry. Values in, values out."""
