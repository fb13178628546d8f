"""Starts, watches and stops workers, and turns their end into a sentence. No Qt, no torch."""
