"""Tables and thumbnail grids over large data."""
