"""``python -m geo_service``: the command line."""

from geo_service.cli import main

main()
