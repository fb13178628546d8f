"""Why a model gave an answer: what in the input spoke for it, and whether that can be relied on.

`explain.explain` is the door. A method is a file in `methods`; what it weighs is a `Subject` (a text as words, a
picture as fields), and each explanation is tested by taking away what it calls important.
"""
