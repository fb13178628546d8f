"""Turns pretrained weights in foreign forms into folders that the program (or plain transformers) can load."""
