"""The cases of this folder in JAX, one jitted function each, the way its users write them: `python jax_jit.py CASE THREADS`."""

import os
import sys

os.environ["NPROC"] = sys.argv[2]  # the size of XLA's thread pools, read when it starts
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import inception
from common import Weights, Work, fixed_input, repeatable, serve

IMAGES = ("NHWC", "HWIO", "NHWC")


def leaky(x):
    return jax.nn.leaky_relu(x, 0.2)


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def mlp(affines, x, activation=leaky):
    for i, (weight, bias) in enumerate(affines):
        x = (activation(x) if i else x) @ weight + bias
    return x


def convolution(x, weight, stride=1):
    return lax.conv_general_dilated(x, weight, (stride, stride), "SAME", dimension_numbers=IMAGES)


def transposed(x, weight, stride):
    """`weight` is [h, w, out, in]."""
    return lax.conv_transpose(x, weight, (stride, stride), "SAME", dimension_numbers=IMAGES, transpose_kernel=True)


def langevin(z, steps, step_size, energy, key):
    """z' = z - step_size^2 / 2 * gradient + step_size * noise, without the noise when there is no key."""

    def step(z, step_key):
        z = z - step_size**2 / 2 * jax.grad(energy)(z)
        return (z if step_key is None else z + step_size * jax.random.normal(step_key, z.shape)), None

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


def latent_chain(activation=leaky):
    @jax.jit
    def chain(weights, start, key):
        return langevin(start, 60, 0.4, prior_of(weights, activation), key)

    weights = jax.device_put(Weights().mlp(100, 200, 200, 1))
    start = jnp.array(fixed_input(0, (100, 100), 2))
    keys = Keys()
    return Work(
        lambda: jax.block_until_ready(chain(weights, start, keys())),
        lambda: [chain(weights, start, None)],
    )


def latent_chain_gelu():
    return latent_chain(gelu)


def conv_energy(weights, x):
    *convolutions, (head, head_bias) = weights
    for (weight, bias), stride in zip(convolutions, (1, 2, 2)):
        x = leaky(convolution(x, weight, stride) + bias)
    return (x.reshape(x.shape[0], -1) @ head + head_bias).sum()


def conv_gradient():
    draw = Weights()
    shapes = [(3, 3, 1, 32), (4, 4, 32, 64), (4, 4, 64, 128), (7 * 7 * 128, 1)]
    weights = jax.device_put([draw.affine(*shape) for shape in shapes])
    images = jnp.array(fixed_input(0, (64, 28, 28, 1), 1))
    gradient = jax.jit(jax.grad(conv_energy, argnums=1))
    return repeatable(lambda: [jax.block_until_ready(gradient(weights, images))])


def residual_energy(weights, x):
    """3x3 stem to 64 channels, four residual blocks of two 3x3 convolutions, sum over all places, dense; no biases."""
    stem, *blocks, head = weights
    h = convolution(x, stem)
    for first, second in zip(blocks[::2], blocks[1::2]):
        h = h + convolution(leaky(convolution(leaky(h), first)), second)
    return (leaky(h).sum((1, 2)) @ head).sum()


def residual_inputs():
    draw = Weights()
    shapes = [(3, 3, 3, 64)] + [(3, 3, 64, 64)] * 8 + [(64, 1)]
    weights = jax.device_put([draw.array(*shape) for shape in shapes])
    return weights, jnp.array(fixed_input(0, (16, 32, 32, 3), 1))


def residual_gradient():
    weights, images = residual_inputs()
    gradient = jax.jit(jax.grad(residual_energy, argnums=1))
    return repeatable(lambda: [jax.block_until_ready(gradient(weights, images))])


def residual_weight_gradients():
    weights, images = residual_inputs()
    gradients = jax.jit(jax.grad(residual_energy))
    return repeatable(lambda: jax.block_until_ready(gradients(weights, images)))


def adam(rate, params, gradients, state):
    step, first, second = state
    step = step + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)

    def move(p, m, v):
        return p - rate * (m / (1 - 0.9**step)) / (jnp.sqrt(v / (1 - 0.999**step)) + 1e-8)

    return jax.tree.map(move, params, first, second), (step, first, second)


def iteration_case(params, generate, latent, observed):
    """Learning iterations of a latent-space EBM prior; `params` are those of the energy and those of the generator."""
    batch, sigma = 100, 0.3

    def posterior_of(energy, generator, images):
        prior = prior_of(energy)
        return lambda z: prior(z) + jnp.square(images - generate(generator, z)).sum() / (2 * sigma**2)

    @jax.jit
    def iteration(params, states, images, key):
        energy, generator = params
        starts, chains = jax.random.split(key, (2, 2))
        positive, negative = (jax.random.normal(start, (batch, latent)) for start in starts)
        positive = langevin(positive, 20, 0.1, posterior_of(energy, generator, images), chains[0])
        negative = langevin(negative, 60, 0.4, prior_of(energy), chains[1])

        def reconstruction_loss(generator):
            return jnp.square(images - generate(generator, positive)).sum() / batch

        def contrast(energy):
            means = mlp(energy, positive).mean(), mlp(energy, negative).mean()
            return means[0] - means[1], means

        reconstruction, generator_gradients = jax.value_and_grad(reconstruction_loss)(generator)
        (gap, means), energy_gradients = jax.value_and_grad(contrast, has_aux=True)(energy)
        energy, energy_state = adam(1e-4, energy, energy_gradients, states[0])
        generator, generator_state = adam(3e-4, generator, generator_gradients, states[1])
        metrics = [reconstruction / 784, *means, gap]
        for z in (positive, negative):
            metrics += [z.std(), jnp.abs(z).max()]
        return (energy, generator), (energy_state, generator_state), metrics

    @jax.jit
    def descent(params, images, start):
        return langevin(start, 20, 0.01, posterior_of(*params, images), None)

    initial = jax.device_put(params)
    observed = jnp.array(observed)
    fresh = jax.tree.map(jnp.zeros_like, initial)
    held = {"params": initial, "states": tuple((jnp.zeros(()), zeros, zeros) for zeros in fresh)}
    keys = Keys()

    def call():
        held["params"], held["states"], metrics = iteration(held["params"], held["states"], observed, keys())
        return np.array([float(metric) for metric in metrics])

    return Work(call, lambda: [descent(initial, observed, fixed_input(1, (batch, latent), 1))])


def learning_iteration():
    def generate(affines, z):
        return jnp.tanh(mlp(affines, z))

    weights = Weights()
    params = weights.mlp(16, 64, 64, 1), weights.mlp(16, 128, 256, 784)
    return iteration_case(params, generate, 16, fixed_input(0, (100, 784), 1))


def conv_learning_iteration():
    def generate(layers, z):
        (weight, bias), *grow = layers
        h = (z @ weight + bias).reshape(-1, 7, 7, 64)
        for weight, bias in grow:
            h = transposed(leaky(h), weight, 2) + bias
        return jnp.tanh(h)

    weights = Weights()
    energy = weights.mlp(100, 200, 200, 1)
    first = weights.affine(100, 7 * 7 * 64)
    grow = [weights.affine(4, 4, out, fan_in, out=out) for fan_in, out in ((64, 32), (32, 1))]
    return iteration_case((energy, [first, *grow]), generate, 100, fixed_input(0, (100, 28, 28, 1), 1))


def pooled(x, initial, combine, stride, padding):
    return lax.reduce_window(x, initial, combine, (1, 3, 3, 1), (1, stride, stride, 1), padding)


class InceptionOperators:
    """Average pools that divide by the number of real cells, as the FID network has them."""

    largest = staticmethod(lambda x, stride: pooled(x, -jnp.inf, lax.max, stride, "SAME" if stride == 1 else "VALID"))
    concat = staticmethod(lambda parts: jnp.concatenate(parts, 3))
    mean = staticmethod(lambda x: x.mean((1, 2)))

    @staticmethod
    def average(x):
        cells = pooled(jnp.ones((1, *x.shape[1:3], 1), x.dtype), 0.0, lax.add, 1, "SAME")
        return pooled(x, 0.0, lax.add, 1, "SAME") / cells


def inception_features():
    filters = inception.Filters(lambda weight: weight)
    observed = inception.inputs()

    @jax.jit
    def features(x):
        def convolve(name, y, i, o, h, w, stride, padded):
            weight = jnp.asarray(filters.of(name, i, o, h, w))
            padding = "SAME" if padded else "VALID"
            return jax.nn.relu(lax.conv_general_dilated(y, weight, (stride, stride), padding, dimension_numbers=IMAGES))

        return inception.forward(convolve, InceptionOperators, x)

    return repeatable(lambda: [np.asarray(features(observed))])


def random_normals():
    draw = jax.jit(lambda key: jax.random.normal(key, (1_000_000,)))
    keys = Keys()
    return Work(lambda: jax.block_until_ready(draw(keys())))


def small_call():
    x = jnp.array([1.0, 2.0, 3.0, 4.0])
    affine = jax.jit(lambda x: x * 2 + 1)

    def calls():
        for _ in range(500):
            y = np.asarray(affine(x))
            float(y[0])
        return [y]

    return repeatable(calls)


CASES = {
    "latent-chain": latent_chain,
    "latent-chain-gelu": latent_chain_gelu,
    "conv-gradient": conv_gradient,
    "residual-gradient": residual_gradient,
    "residual-weight-gradients": residual_weight_gradients,
    "learning-iteration": learning_iteration,
    "conv-learning-iteration": conv_learning_iteration,
    "inception-features": inception_features,
    "random-normals": random_normals,
    "small-call": small_call,
}

if __name__ == "__main__":
    name, threads = sys.argv[1], int(sys.argv[2])
    serve(f"JAX {jax.__version__}, jit", threads, name, CASES[name]())
