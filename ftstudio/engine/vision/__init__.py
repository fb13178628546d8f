"""Pictures and the models that name or find what they show."""
