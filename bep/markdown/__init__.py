"""Markdown as spans of a source. Knows no proposal, opens no file."""
