"""What a redraw would change, told before anybody publishes it."""
