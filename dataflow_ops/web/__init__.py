"""Pages and files of the web, asked for politely, and never from inside the own network."""
