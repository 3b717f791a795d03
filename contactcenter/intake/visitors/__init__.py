"""The door of live channels: pages that citizens keep open. Which channel it is, only the adapter knows."""
