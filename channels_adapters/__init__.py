"""One folder here is one channel, whole. Start with `contract`; README.md in each folder tells the rest."""
