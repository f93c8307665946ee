"""The AWS nouns: one file each, which alone knows how the noun is written, what is wrong with it and what it does to packets."""
