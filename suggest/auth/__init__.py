"""Who may: users, sign-in, sessions, API tokens and the table of who may do what."""
