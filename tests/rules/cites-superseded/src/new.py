"""Relays (BEP-1002).

See ../proposals/BEP-1001-p1001.md, BEP-1004 and BEP-1003.
"""
