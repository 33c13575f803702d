"""The cases of this folder in TensorFlow, one tf.function each, written by hand: `python tensorflow_graph.py CASE THREADS`."""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from common import Weights, Work, fixed_input, repeatable, serve


def leaky(x):
    return tf.nn.leaky_relu(x, 0.2)


def gelu(x):
    return tf.nn.gelu(x, approximate=False)


def mlp(affines, x, activation=leaky):
    for i, (weight, bias) in enumerate(affines):
        x = (activation(x) if i else x) @ weight + bias
    return x


def convolution(x, weight, stride=1):
    return tf.nn.conv2d(x, weight, stride, "SAME")


def transposed(x, weight, stride):
    """`weight` is [h, w, out, in]."""
    batch, height, width, _ = x.shape
    shape = [batch, height * stride, width * stride, weight.shape[2]]
    return tf.nn.conv2d_transpose(x, weight, shape, stride, "SAME")


def gradient_of(function, at):
    value = function(at)
    return tf.gradients(value, at)[0]


def langevin(z, steps, step_size, energy, with_noise=True):
    """z' = z - step_size^2 / 2 * gradient + step_size * noise, the steps one after another in the graph."""
    for _ in range(steps):
        z = z - step_size**2 / 2 * gradient_of(energy, z)
        if with_noise:
            z = z + step_size * tf.random.normal(z.shape)
    return z


def prior_of(affines, activation=leaky):
    return lambda z: tf.reduce_sum(mlp(affines, z, activation)) + 0.5 * tf.reduce_sum(tf.square(z))


def constants(arrays):
    return tf.nest.map_structure(tf.constant, arrays)


def latent_chain(activation=leaky):
    @tf.function
    def chain(weights, start):
        return langevin(start, 60, 0.4, prior_of(weights, activation))

    @tf.function
    def descent(weights, start):
        return langevin(start, 60, 0.4, prior_of(weights, activation), with_noise=False)

    weights = constants(Weights().mlp(100, 200, 200, 1))
    start = tf.constant(fixed_input(0, (100, 100), 2))
    return Work(lambda: chain(weights, start).numpy(), lambda: [descent(weights, start)])


def latent_chain_gelu():
    return latent_chain(gelu)


def conv_energy(weights, x):
    *convolutions, (head, head_bias) = weights
    for (weight, bias), stride in zip(convolutions, (1, 2, 2)):
        x = leaky(convolution(x, weight, stride) + bias)
    return tf.reduce_sum(tf.reshape(x, [x.shape[0], -1]) @ head + head_bias)


def conv_gradient():
    draw = Weights()
    shapes = [(3, 3, 1, 32), (4, 4, 32, 64), (4, 4, 64, 128), (7 * 7 * 128, 1)]
    weights = constants([draw.affine(*shape) for shape in shapes])
    images = tf.constant(fixed_input(0, (64, 28, 28, 1), 1))
    gradient = tf.function(lambda weights, x: gradient_of(lambda at: conv_energy(weights, at), x))
    return repeatable(lambda: [gradient(weights, images).numpy()])


def residual_energy(weights, x):
    """3x3 stem to 64 channels, four residual blocks of two 3x3 convolutions, sum over all places, dense; no biases."""
    stem, *blocks, head = weights
    h = convolution(x, stem)
    for first, second in zip(blocks[::2], blocks[1::2]):
        h = h + convolution(leaky(convolution(leaky(h), first)), second)
    return tf.reduce_sum(tf.reduce_sum(leaky(h), [1, 2]) @ head)


def residual_inputs():
    draw = Weights()
    shapes = [(3, 3, 3, 64)] + [(3, 3, 64, 64)] * 8 + [(64, 1)]
    weights = constants([draw.array(*shape) for shape in shapes])
    return weights, tf.constant(fixed_input(0, (16, 32, 32, 3), 1))


def residual_gradient():
    weights, images = residual_inputs()
    gradient = tf.function(lambda weights, x: gradient_of(lambda at: residual_energy(weights, at), x))
    return repeatable(lambda: [gradient(weights, images).numpy()])


def residual_weight_gradients():
    weights, images = residual_inputs()
    gradients = tf.function(lambda weights, x: tf.gradients(residual_energy(weights, x), weights))
    return repeatable(lambda: [gradient.numpy() for gradient in gradients(weights, images)])


def adam(rate, params, gradients, state):
    step, first, second = state
    step = step + 1
    first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
    second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients)]
    moved = [
        p - rate * (m / (1 - 0.9**step)) / (tf.sqrt(v / (1 - 0.999**step)) + 1e-8)
        for p, m, v in zip(params, first, second)
    ]
    return moved, (step, first, second)


def iteration_case(params, generate, latent, observed):
    """Learning iterations of a latent-space EBM prior; `params` are those of the energy and those of the generator."""
    batch, sigma = 100, 0.3
    observed = tf.constant(observed)

    def posterior_of(energy, generator, images):
        prior = prior_of(energy)
        return lambda z: prior(z) + tf.reduce_sum(tf.square(images - generate(generator, z))) / (2 * sigma**2)

    @tf.function
    def iteration(params, states, images):
        energy, generator = params
        positive, negative = (tf.random.normal((batch, latent)) for _ in range(2))
        positive = tf.stop_gradient(langevin(positive, 20, 0.1, posterior_of(energy, generator, images)))
        negative = tf.stop_gradient(langevin(negative, 60, 0.4, prior_of(energy)))
        reconstruction = tf.reduce_sum(tf.square(images - generate(generator, positive))) / batch
        means = [tf.reduce_mean(mlp(energy, z)) for z in (positive, negative)]
        gap = means[0] - means[1]
        updated = []
        for rate, loss, part, state in ((1e-4, gap, energy, states[0]), (3e-4, reconstruction, generator, states[1])):
            flat = tf.nest.flatten(part)
            moved, state = adam(rate, flat, tf.gradients(loss, flat), state)
            updated.append((tf.nest.pack_sequence_as(part, moved), state))
        metrics = [reconstruction / 784, *means, gap]
        for z in (positive, negative):
            metrics += [tf.math.reduce_std(z), tf.reduce_max(tf.abs(z))]
        (energy, first), (generator, second) = updated
        return (energy, generator), (first, second), metrics

    @tf.function
    def descent(params, images, start):
        return langevin(start, 20, 0.01, posterior_of(*params, images), with_noise=False)

    initial = constants(params)

    def fresh(part):
        zeros = [tf.zeros_like(p) for p in tf.nest.flatten(part)]
        return tf.zeros(()), zeros, zeros

    held = {"params": initial, "states": tuple(fresh(part) for part in initial)}

    def call():
        held["params"], held["states"], metrics = iteration(held["params"], held["states"], observed)
        return np.array([float(metric) for metric in metrics])

    start = tf.constant(fixed_input(1, (batch, latent), 1))
    return Work(call, lambda: [descent(initial, observed, start)])


def learning_iteration():
    def generate(affines, z):
        return tf.tanh(mlp(affines, z))

    weights = Weights()
    params = weights.mlp(16, 64, 64, 1), weights.mlp(16, 128, 256, 784)
    return iteration_case(params, generate, 16, fixed_input(0, (100, 784), 1))


def conv_learning_iteration():
    def generate(layers, z):
        (weight, bias), *grow = layers
        h = tf.reshape(z @ weight + bias, [z.shape[0], 7, 7, 64])
        for weight, bias in grow:
            h = transposed(leaky(h), weight, 2) + bias
        return tf.tanh(h)

    weights = Weights()
    energy = weights.mlp(100, 200, 200, 1)
    first = weights.affine(100, 7 * 7 * 64)
    grow = [weights.affine(4, 4, out, fan_in, out=out) for fan_in, out in ((64, 32), (32, 1))]
    return iteration_case((energy, [first, *grow]), generate, 100, fixed_input(0, (100, 28, 28, 1), 1))


def random_normals():
    draw = tf.function(lambda: tf.random.normal((1_000_000,)))
    return Work(lambda: draw().numpy())


def small_call():
    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    affine = tf.function(lambda x: x * 2 + 1)

    def calls():
        for _ in range(5000):
            y = affine(x).numpy()
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
    "random-normals": random_normals,
    "small-call": small_call,
}

if __name__ == "__main__":
    name, threads = sys.argv[1], int(sys.argv[2])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    serve(f"TensorFlow {tf.__version__}, tf.function", threads, name, CASES[name]())
