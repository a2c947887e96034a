"""The world outside: Git, Copier, files, settings. Used by operations, never by the model."""
