"""What the doctor knows to tell, one rule per file."""
