import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Store(Base[int], mixins.Closer, metaclass=Meta):
    limit: int = 3
    table = "stores"

    def __init__(self, path: str, user: User, size=1):
        super().__init__(path, 2)
        self.path = path
        self.user = user
        self.cache = Cache()
        self.user.load(1)
        self.close()
        self.path = None
        self._a, self.b = 1, 2

    @property
    def name(self) -> str:
        return self.path

    @name.setter
    def name(self, value):
        self.path = value

    @classmethod
    def open(cls, path):
        return cls(path, size=2)

    @staticmethod
    def check(path, strict=False):
        pass

    def __mangled(self):
        pass

    class Inner:
        pass


class Reader(Protocol):
    def read(self, n: int) -> bytes: ...


class Shape(ABC):
    @abstractmethod
    def area(self): ...


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    _ignore_ = []

    def label(self):
        return self.name


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0
    kind: ClassVar[str] = "p"


@dataclass(kw_only=True)
class Options:
    color: str
    size: int = field(default=1)


class Pair(NamedTuple):
    left: int
    right: int


@dataclass
class Child(Point):
    z: int
