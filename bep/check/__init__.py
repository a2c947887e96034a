"""The task `check`: reads the proposals, runs the rules, fixes and reports."""
