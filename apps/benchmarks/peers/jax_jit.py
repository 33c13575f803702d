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
from jax_common import IMAGES, Keys, adam, convolution, fresh, gelu, langevin
from jax_common import leaky, mlp, normals, prior_of, repeated, transposed
from jax_families import cyclecoop_iteration, latent_diffusion_iteration, persistent_iteration, recovery_gradient
from jax_families import recovery_iteration, text_iteration_gru, text_iteration_lstm

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


def unit_normal(law, z):
    """-log N(0, I) of all layers, up to a constant."""
    return sum(0.5 * jnp.square(layer).sum() for layer in z)


def iteration_case(tilts, generator, generate, sizes, observed, law=(), base=unit_normal):
    """Learning iterations of a latent-space EBM prior; a tilt a layer, `base` gives the energy of the law they tilt."""
    batch, sigma = len(observed), 0.3

    def tilt(tilts, z):
        return sum(mlp(affines, layer).sum() for affines, layer in zip(tilts, z))

    def prior_of(tilts, law):
        return lambda z: tilt(tilts, z) + base(law, z)

    def posterior_of(tilts, generator, law, images):
        prior = prior_of(tilts, law)
        return lambda z: prior(z) + jnp.square(images - generate(generator, z[0])).sum() / (2 * sigma**2)

    @jax.jit
    def iteration(params, states, key, images):
        tilts, generator, law = params
        starts, chains = jax.random.split(key, (2, 2))
        positive, negative = (normals(start, [jnp.zeros((batch, size)) for size in sizes]) for start in starts)
        positive = langevin(positive, 20, 0.1, posterior_of(tilts, generator, law, images), chains[0])
        negative = langevin(negative, 60, 0.4, prior_of(tilts, law), chains[1])

        def reconstruction_loss(generator):
            return jnp.square(images - generate(generator, positive[0])).sum() / batch

        def contrast(energy):
            means = energy(positive) / batch, energy(negative) / batch
            return means[0] - means[1], means

        reconstruction, generator_gradients = jax.value_and_grad(reconstruction_loss)(generator)
        of_tilts = jax.value_and_grad(lambda tilts: contrast(lambda z: tilt(tilts, z)), has_aux=True)
        (gap, means), tilt_gradients = of_tilts(tilts)
        law_gradients = jax.grad(lambda law: contrast(lambda z: base(law, z))[0])(law)
        tilts, tilt_state = adam(1e-4, tilts, tilt_gradients, states[0])
        generator, generator_state = adam(3e-4, generator, generator_gradients, states[1])
        law, law_state = adam(3e-4, law, law_gradients, states[2])
        metrics = [reconstruction / 784, *means, gap]
        for z in (*positive, *negative):
            metrics += [z.std(), jnp.abs(z).max()]
        return (tilts, generator, law), (tilt_state, generator_state, law_state), metrics

    @jax.jit
    def descent(tilts, generator, law, images, start):
        return langevin(start, 20, 0.01, posterior_of(tilts, generator, law, images), None)

    params = (tilts, generator, law)
    start = [fixed_input(1 + i, (batch, size), 1) for i, size in enumerate(sizes)]
    return Work(
        repeated(iteration, params, tuple(fresh(part) for part in params), observed),
        lambda: descent(*params, observed, start),
    )


def generate_flat(affines, z):
    return jnp.tanh(mlp(affines, z))


def learning_iteration():
    weights = Weights()
    tilts, generator = [weights.mlp(16, 64, 64, 1)], weights.mlp(16, 128, 256, 784)
    return iteration_case(tilts, generator, generate_flat, [16], fixed_input(0, (100, 784), 1))


def joint_iteration():
    """z2 ~ N(0, I) and z1 given z2 normal, with mean and log sd of a network."""

    def base(law, z):
        mean, log_sd = jnp.split(mlp(law, z[1]), 2, 1)
        sd = jnp.exp(log_sd) + 0.01
        return (0.5 * jnp.square((z[0] - mean) / sd) + jnp.log(sd)).sum() + 0.5 * jnp.square(z[1]).sum()

    weights = Weights()
    tilts, generator = [weights.mlp(16, 64, 64, 1), weights.mlp(8, 64, 1)], weights.mlp(16, 128, 256, 784)
    law = weights.mlp(8, 64, 64, 32)
    return iteration_case(tilts, generator, generate_flat, [16, 8], fixed_input(0, (100, 784), 1), law, base)


def conv_learning_iteration():
    def generate(layers, z):
        (weight, bias), *grow = layers
        h = (z @ weight + bias).reshape(-1, 7, 7, 64)
        for weight, bias in grow:
            h = transposed(leaky(h), weight, 2) + bias
        return jnp.tanh(h)

    weights = Weights()
    tilts, first = [weights.mlp(100, 200, 200, 1)], weights.affine(100, 7 * 7 * 64)
    generator = [first, *(weights.affine(4, 4, out, fan_in, out=out) for fan_in, out in ((64, 32), (32, 1)))]
    return iteration_case(tilts, generator, generate, [100], fixed_input(0, (100, 28, 28, 1), 1))


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
        for _ in range(5000):
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
    "recovery-gradient": recovery_gradient,
    "recovery-iteration": recovery_iteration,
    "learning-iteration": learning_iteration,
    "conv-learning-iteration": conv_learning_iteration,
    "joint-iteration": joint_iteration,
    "latent-diffusion-iteration": latent_diffusion_iteration,
    "persistent-iteration": persistent_iteration,
    "cyclecoop-iteration": cyclecoop_iteration,
    "text-iteration-lstm": text_iteration_lstm,
    "text-iteration-gru": text_iteration_gru,
    "inception-features": inception_features,
    "random-normals": random_normals,
    "small-call": small_call,
}

if __name__ == "__main__":
    name, threads = sys.argv[1], int(sys.argv[2])
    serve(f"JAX {jax.__version__}, jit", threads, name, CASES[name]())
