"""A run as one document for people: gathered without torch, written as a page that needs nothing beside itself."""
