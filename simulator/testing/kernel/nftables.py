"""Rule sets by libnftables, in this process: a fork of `nft` for each namespace would cost more than all the rest."""

from __future__ import annotations

import ctypes

LIBRARY = "libnftables.so.1"


class RulesError(Exception):
    """The library refused a rule set; the message is its own."""


class RuleSets:
    """The rule sets of one namespace. It has to be made while standing in the namespace."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(LIBRARY)
        self.library.nft_ctx_new.restype = ctypes.c_void_p
        self.library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self.context = ctypes.c_void_p(self.library.nft_ctx_new(0))
        self.library.nft_ctx_buffer_error(self.context)
        self.library.nft_ctx_buffer_output(self.context)

    def apply(self, text: str) -> None:
        """Apply a text in the language of `nft -f`, as one transaction."""
        if self.library.nft_run_cmd_from_buffer(self.context, ctypes.c_char_p(text.encode("utf-8"))) != 0:
            message = self.library.nft_ctx_get_error_buffer(self.context).decode("utf-8", "replace")
            raise RulesError(f"{message.strip()[:2000]}\n{text}")
