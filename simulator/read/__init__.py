"""Readers: files of every known format in; nouns in a draft, expectations and problems out.

Only this room and the command line touch files.
"""
