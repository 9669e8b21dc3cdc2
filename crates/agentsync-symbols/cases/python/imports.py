import os
import os.path
import numpy as np
from . import models
from ..core.users import User, Group as G
from .helpers import *
from typing import TYPE_CHECKING
from a import b as b

if TYPE_CHECKING:
    from .types import Shape

try:
    import fast
except ImportError:
    import slow as fast

__all__ = ["User", "load"]


def lazy():
    from .late import thing
    return thing
