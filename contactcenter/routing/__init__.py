"""Pure: facts in, decision out."""
