"""Documents of all kinds, read into ordered blocks, pictures and Markdown."""
