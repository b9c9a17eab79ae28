"""The printed pack of a period's changes: cover and tables, and a sheet to post in each grid."""
