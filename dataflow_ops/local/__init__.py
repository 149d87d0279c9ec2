"""DataFlow Ops on one machine: an S3 server, Airflow, and a supervisor that keeps both alive."""
