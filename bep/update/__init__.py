"""How documents follow a revised template: `update`, `adopt`, and the migration of Copier."""
