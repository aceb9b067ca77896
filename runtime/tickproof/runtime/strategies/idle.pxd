# Types for the compiled build, nothing else; see idle.py.
