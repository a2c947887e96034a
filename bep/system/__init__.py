"""The world outside: Git, files, Copier, settings. The other packages reach it through here."""
