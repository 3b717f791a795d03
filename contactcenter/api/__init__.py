"""What other programs may ask and tell: /api/v1/."""
