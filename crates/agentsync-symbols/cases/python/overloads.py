from typing import overload


@overload
def get(key: str) -> str: ...
@overload
def get(key: int) -> int: ...
def get(key):
    return key


type Pair = tuple[int, int]
