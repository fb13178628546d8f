"""The worker process: claims its wire, reads commands, runs one job, reports events. Never Qt."""
