"""Run code that nobody trusts, isolated from everything."""
