"""The rules of `vpcsim check`, one file for each family; `rules.py` is the table of all of them."""
