"""The guide's rules, each with its explanation; values in, findings out."""
