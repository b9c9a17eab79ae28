"""`geo-service places`: lists of addresses, places found by name, issues that wait for one."""
