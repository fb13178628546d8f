"""What stored answers say about a model: how sure its scores are, whether its confidence is right, what to ask of it.

Pure NumPy on arrays, so that the window, the engine and the verbs come to the same figures without torch.
"""
