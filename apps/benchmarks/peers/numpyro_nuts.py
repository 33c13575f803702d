"""NUTS of NumPyro, vectorised chains: `python numpyro_nuts.py TARGET CHAINS THREADS STEPS DATA`."""

from effective import STEPS, serve  # first: it sets what JAX reads when it starts

import numpyro
from numpyro.infer import MCMC, NUTS


def prepare(energy, chains, dense_mass=False):
    mcmc = MCMC(
        NUTS(potential_fn=energy, dense_mass=dense_mass),
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


if __name__ == "__main__":
    serve(f"NumPyro {numpyro.__version__}", prepare)
