"""Where in memory the values of a program lie."""
