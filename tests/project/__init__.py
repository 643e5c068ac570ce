"""What tests of the project share, and tests of what is built."""
