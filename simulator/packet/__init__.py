"""What travels: addresses, prefixes, ranges, concrete headers and sets of headers. Nothing here knows a network."""
