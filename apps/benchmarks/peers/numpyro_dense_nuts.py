"""NUTS of NumPyro with a dense mass: `python numpyro_dense_nuts.py TARGET CHAINS THREADS STEPS DATA`."""

from functools import partial

from effective import serve  # first: it sets what JAX reads when it starts

import numpyro
from numpyro_nuts import prepare

serve(f"NumPyro {numpyro.__version__}, dense mass", partial(prepare, dense_mass=True))
