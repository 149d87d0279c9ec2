"""`python -m bench`: measure ours and the peers."""

from bench.compare import main

main()
