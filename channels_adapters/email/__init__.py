"""E-mail: fetched from a mailbox or handed in, understood, answered. Begin with README.md."""
