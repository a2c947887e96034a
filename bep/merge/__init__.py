"""The section-aware merge of a document with a revised template. Values in, values out."""
