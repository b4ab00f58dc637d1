"""Who is who across campuses: matching, Person links, taking them back.

It answers questions below the door; what it wants written it returns, and its caller stores it.
"""
