"""The resident identity number: GB 11643-1999, checksum ISO 7064 MOD 11-2."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
LENGTH = 18


def citizen_id(text: str) -> str:
    """Return the number in its one way of writing, "" if its checksum is wrong."""
    number = text.strip().upper()
    digits = number[:17]
    if len(number) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return ""
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return number if number[17] == CHECK[total % 11] else ""
