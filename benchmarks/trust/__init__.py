"""What README says can be relied on, attacked for as many minutes as one likes: see __main__.py."""
