"""The store on PostgreSQL: one database for several processes and machines."""
