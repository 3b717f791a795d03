"""The ceilings: the least a Django could do with the same server, the same database and the same request."""
