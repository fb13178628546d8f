"""What can be measured about a project outside its runs, one file each. The window reads their SPECs as it starts, so
none imports more than `core`; the work is in `engine` and imported when a worker runs it.
"""
