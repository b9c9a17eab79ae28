"""The issues that a redraw can concern: near it, kept from step to step, and what they weigh."""
