x = 1
# Moved down. BEP-1001: known already
# As BEP-1001 says, and BEP-1003.
