"""A contact centre on a virtual clock: the house's own decisions, invented or replayed contacts, a staffing plan. Pure."""
