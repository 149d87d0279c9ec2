"""The arithmetic that tells an identifier from any other number. Codes come without spaces, letters in upper case."""

from datetime import date


def is_luhn(digits: str) -> bool:
    """Return whether the last digit of a card number checks the others (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def is_iban(code: str) -> bool:
    """Return whether a bank account number leaves the remainder 1 (ISO 13616)."""
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def is_chinese_id(code: str) -> bool:
    """Return whether the 18 characters of a resident's number hold a date of birth and their check digit (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(code, weights, strict=False))
    return _is_date(code[6:14]) and code[17] == "10X98765432"[total % 11]


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1850
    except ValueError:
        return False


def is_cpf(digits: str) -> bool:
    """Return whether the last two digits of a Brazilian tax number check the others."""
    values = [int(digit) for digit in digits]
    checks = [sum(v * w for v, w in zip(values, range(n, 1, -1), strict=False)) * 10 % 11 % 10 for n in (10, 11)]
    return checks == values[9:] and len(set(values)) > 1


def is_dni(code: str) -> bool:
    """Return whether the letter of a Spanish identity number (DNI, NIE) checks its digits."""
    number = int(code[:-1].translate(str.maketrans("XYZ", "012")))
    return code[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]


def is_aadhaar(digits: str) -> bool:
    """Return whether the last digit of an Indian identity number checks the others (Verhoeff's scheme)."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(position % 8):
            value = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[value]
        check = _dihedral(check, value)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """Multiply two elements of the dihedral group of order ten."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def is_codice_fiscale(code: str) -> bool:
    """Return whether the last letter of an Italian tax code checks the others."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    values = [int(char) if char.isdigit() else ord(char) - ord("A") for char in code]
    total = sum(odd[value] if place % 2 == 0 else value for place, value in enumerate(values[:15]))
    return values[15] == total % 26


def is_nir(code: str) -> bool:
    """Return whether the last two digits of a French social security number check the others."""
    code = code.replace("2A", "19").replace("2B", "18")
    return code.isdigit() and 97 - int(code[:13]) % 97 == int(code[13:])
