"""What is handled, decided and signed."""
