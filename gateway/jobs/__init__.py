"""What is done beside requests: started, asked after, cancelled, resumed after a kill."""
