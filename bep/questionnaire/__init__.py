"""Answers, their validation, and the renames of template revisions. Values in, values out."""
