"""Helpers for tests: expectations compared with answers, and the pytest plugin that runs scenario files."""
