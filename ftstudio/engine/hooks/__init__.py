"""What happens around the loop's steps, one hook per file."""
