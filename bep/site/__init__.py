"""`site`: the proposals as a web site."""
