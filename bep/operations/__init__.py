"""What a user does, one module each. They use `model` and `outside`, and rarely each other."""
