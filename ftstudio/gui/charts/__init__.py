"""Charts: curves of runs, bars, histograms, confusion matrices. They draw what they are given and know no project."""
