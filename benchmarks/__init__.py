"""How fast the product is, each figure as a ratio to a comparator in the same run: `make bench`."""
