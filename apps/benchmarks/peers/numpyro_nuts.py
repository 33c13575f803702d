"""NUTS of NumPyro, vectorised chains: `python numpyro_nuts.py TARGET CHAINS THREADS`."""

from effective import STEPS, serve  # first: it sets what JAX reads when it starts

import numpyro
from numpyro.infer import MCMC, NUTS


def prepare(energy, chains):
    mcmc = MCMC(
        NUTS(potential_fn=energy),
        num_warmup=STEPS,
        num_samples=STEPS,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=False,
    )

    def run(key, start):
        mcmc.run(key, init_params=start)
        return mcmc.get_samples(group_by_chain=True)

    return run


serve(f"NumPyro {numpyro.__version__}", prepare)
