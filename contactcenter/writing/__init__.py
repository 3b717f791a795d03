"""What agents write with: what is half written is kept here until it is sent."""
