"""Side-by-side measurements of DataFlow Ops beside its peers."""
