"""The views of a result, one file each: a tab of the Results page is a class that derives from `view.ResultView`."""
