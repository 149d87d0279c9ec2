"""Final answers: where they stand in a solution, and whether two of them say the same."""
