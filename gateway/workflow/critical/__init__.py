"""Critical values (危急值): found, told, acknowledged with read-back, escalated by the clock."""
