"""A conversation, or everything about a case, on paper: gathered under the reader's own rights, drawn as a PDF."""
