"""NUTS of BlackJAX, window adaptation and draws of every chain under vmap: `python blackjax_nuts.py TARGET CHAINS THREADS STEPS DATA`."""

from effective import STEPS, serve  # first: it sets what JAX reads when it starts

import blackjax
import jax


def prepare(energy, chains):
    def log_density(x):
        return -energy(x)

    adaptation = blackjax.window_adaptation(blackjax.nuts, log_density)

    def one_chain(key, start):
        warm_key, draw_key = jax.random.split(key)
        (state, parameters), _ = adaptation.run(warm_key, start, num_steps=STEPS)
        step = blackjax.nuts(log_density, **parameters).step

        def advance(state, step_key):
            state, _ = step(step_key, state)
            return state, state.position

        return jax.lax.scan(advance, state, jax.random.split(draw_key, STEPS))[1]

    many_chains = jax.jit(jax.vmap(one_chain))
    return lambda key, start: many_chains(jax.random.split(key, chains), start)


serve(f"BlackJAX {blackjax.__version__}", prepare)
