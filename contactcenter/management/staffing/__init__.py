"""What `manage.py simulate` reads and prints; the simulation itself is `routing.simulation`."""
