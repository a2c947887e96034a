# BEP-1001: known already
x = 1
