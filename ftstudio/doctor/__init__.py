"""The overfitting doctor: reads the curves of a run and says in plain words what they mean. Pure arithmetic."""
