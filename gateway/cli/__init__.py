"""The command `hutong`, one file a group of commands."""
