"""Places and their owners: locating one, many, files of them; the indexes that answer."""
