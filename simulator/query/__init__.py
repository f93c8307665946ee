"""Questions: from words to a space of headers, and from pieces back to one answer."""
