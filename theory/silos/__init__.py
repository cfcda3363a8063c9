"""Gaussian silos: what selection by a quadratic score does to a Gaussian model, without a draw."""
