"""The project folder on disk: layout, atomic writes, lock, runs, journal, migrations, recovery."""
