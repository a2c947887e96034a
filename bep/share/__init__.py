"""How a proposal reaches others: `issue`, `submit` and `review`."""
