"""How a proposal starts: `init`, `reserve`, `unreserve` and `new`."""
