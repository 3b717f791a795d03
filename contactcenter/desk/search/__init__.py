"""Finding people, cases and conversations, under the reader's own rights."""
