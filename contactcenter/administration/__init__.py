"""Running the house: health, figures for machines, settings of the installation."""
