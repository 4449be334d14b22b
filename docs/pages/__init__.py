"""What the site makes of the package: pages of the ops, of the reference and of the lessons."""
