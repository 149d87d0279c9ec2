"""What identifies people, and what opens doors: identifiers, telephone numbers, keys and tokens, found in text."""
