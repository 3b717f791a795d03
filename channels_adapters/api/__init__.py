"""Any program as a channel: signed JSON in, signed JSON out. README.md is the protocol."""
