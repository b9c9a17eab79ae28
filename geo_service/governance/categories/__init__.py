"""Code tables of categories, as standards and offices hand them out."""
