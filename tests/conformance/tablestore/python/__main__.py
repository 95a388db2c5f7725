"""Package tablestore (PyPI) 6.4.8 against the emulated Tablestore."""

import tables  # noqa: F401  each module adds its cases
import rows  # noqa: F401
import ranges  # noqa: F401
import trust  # noqa: F401
from suite import suite

suite.run()
