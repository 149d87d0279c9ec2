"""Databases that untrusted SQL is run on: SQLite files, PostgreSQL and MySQL or MariaDB servers, read and never written."""
