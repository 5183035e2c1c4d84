"""What measures: each figure of the documentation, by one command."""
