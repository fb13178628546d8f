"""Dialogs: questions and errors that need an answer before the window goes on."""
