"""One file per form in which a trained model can leave the program."""
