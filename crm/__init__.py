"""What is remembered: people, their addresses, contacts, cases, tasks, the record of looks, and who may see what."""
