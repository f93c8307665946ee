"""Evaluators of the flow graph: the walker that defines the answers, and the exact analysis on top of it."""
