"""The demo: encounters written for it, and a database in which some of them are coded already."""
