"""Files are strangers: generated names, sniffed types, capped sizes, scanned where a scanner is configured."""
