"""What the cases in JAX share: layers, chains, keys and Adam."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

IMAGES = ("NHWC", "HWIO", "NHWC")


def leaky(x):
    return jax.nn.leaky_relu(x, 0.2)


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def mlp(affines, x, activation=leaky):
    for i, (weight, bias) in enumerate(affines):
        x = (activation(x) if i else x) @ weight + bias
    return x


def convolution(x, weight, stride=1, padding="SAME"):
    """`padding` is a name, or the number of zeros on every side."""
    around = padding if isinstance(padding, str) else [(padding, padding)] * 2
    return lax.conv_general_dilated(x, weight, (stride, stride), around, dimension_numbers=IMAGES)


def transposed(x, weight, stride):
    """`weight` is [h, w, out, in]."""
    return lax.conv_transpose(x, weight, (stride, stride), "SAME", dimension_numbers=IMAGES, transpose_kernel=True)


def normals(key, like):
    leaves, structure = jax.tree.flatten(like)
    keys = [key] if len(leaves) == 1 else jax.random.split(key, len(leaves))
    return jax.tree.unflatten(structure, [jax.random.normal(one, x.shape) for one, x in zip(keys, leaves)])


def langevin(z, steps, step_size, energy, key):
    """z' = z - step_size^2 / 2 * gradient + step_size * noise of all arrays, without the noise when there is no key."""

    def step(z, step_key):
        z = jax.tree.map(lambda x, gradient: x - step_size**2 / 2 * gradient, z, jax.grad(energy)(z))
        if step_key is not None:
            z = jax.tree.map(lambda x, noise: x + step_size * noise, z, normals(step_key, z))
        return z, None

    keys = None if key is None else jax.random.split(key, steps)
    return lax.scan(step, z, keys, length=steps)[0]


def prior_of(affines, activation=leaky):
    return lambda z: mlp(affines, z, activation).sum() + 0.5 * jnp.square(z).sum()


class Keys:
    """A fresh key at every call."""

    def __init__(self):
        self.key = jax.random.key(0)

    def __call__(self):
        self.key, fresh = jax.random.split(self.key)
        return fresh


def adam(rate, params, gradients, state, first_decay=0.9, weight_decay=0):
    """Parameters and state after a step, whose state is the number of steps and both moments."""
    step, first, second = state
    step = step + 1
    if weight_decay:
        gradients = jax.tree.map(lambda g, p: g + weight_decay * p, gradients, params)
    first = jax.tree.map(lambda m, g: first_decay * m + (1 - first_decay) * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)

    def move(p, m, v):
        return p - rate * (m / (1 - first_decay**step)) / (jnp.sqrt(v / (1 - 0.999**step)) + 1e-8)

    return jax.tree.map(move, params, first, second), (step, first, second)


def fresh(params):
    """The state of Adam before its first step."""
    zeros = jax.tree.map(jnp.zeros_like, params)
    return jnp.zeros(()), zeros, zeros


def clipped(gradients, most):
    """Gradients scaled to a norm of at most `most`, and their norm."""
    norm = jnp.sqrt(sum(jnp.square(g).sum() for g in jax.tree.leaves(gradients)))
    return jax.tree.map(lambda g: g * jnp.minimum(1, most / (norm + 1e-6)), gradients), norm


def repeated(update, params, states, *data):
    """Calls of `update(params, states, key, *data)` on its own results; a call gives the metrics, on the host."""
    held = {"params": jax.device_put(params), "states": jax.device_put(states)}
    keys, data = Keys(), jax.device_put(data)

    def call():
        held["params"], held["states"], metrics = update(held["params"], held["states"], keys(), *data)
        return np.array([float(metric) for metric in metrics])

    return call
