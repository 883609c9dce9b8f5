"""What leaves: rows and texts whose days are over or whose run is deleted, archived before, and their tombstones."""
