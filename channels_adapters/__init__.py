"""One folder here is one channel, whole. Start with contract.py; README.md in each folder tells the rest."""
