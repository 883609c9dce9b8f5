"""Any other log of objects, arrays or CSV records, through a map that its user writes in YAML."""
