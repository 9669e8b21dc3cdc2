TABLE = {
    "a": 1,
    "b": 2,
    'a': 3,
    **more,
    key: 1,
    key: 2,
}
