"""Where torch lives: the loop, its steps and hooks, checkpoints, devices, and the jobs a worker runs."""
