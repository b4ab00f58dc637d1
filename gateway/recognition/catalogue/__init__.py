"""What may be recognised: the items, how long they hold and what proves their quality."""
