"""What several processes and gateways share beside the database: who does what, who is told.

The database is the truth. Redis only makes it quicker (DESIGN §3, "Redis is a helper").
"""
