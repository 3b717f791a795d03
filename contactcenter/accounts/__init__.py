"""Channel accounts: which mailbox, number or chat an office has, and the adapter that speaks for it."""
