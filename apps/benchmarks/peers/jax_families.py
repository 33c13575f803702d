"""Learning iterations of the other families in JAX, one jitted function each: the cases of pytorch_eager.py."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from common import Weights, Work, fixed_input, recovery_ladder, sentences
from jax_common import adam, clipped, convolution, fresh, gelu, langevin, leaky, mlp, repeated


def clamped_langevin(energy, x, steps, key, drift, limit, noise, bound=None):
    """Langevin steps of images with clamped gradients, inside [-bound, bound]; without noise when there is no key."""

    def step(x, step_key):
        x = x - drift * jnp.clip(jax.grad(energy)(x), -limit, limit)
        if step_key is not None:
            x = x + noise * jax.random.normal(step_key, x.shape)
        return (x if bound is None else jnp.clip(x, -bound, bound)), None

    return lax.scan(step, x, None if key is None else jax.random.split(key, steps), length=steps)[0]


def strided_energy(activation, paddings):
    """Convolutions of stride 2, then an affine number for every image."""

    def energies(layers, x):
        *convolutions, (head, head_bias) = layers
        for (weight, bias), padding in zip(convolutions, paddings):
            x = activation(convolution(x, weight, 2, padding) + bias)
        return (x.reshape(x.shape[0], -1) @ head + head_bias)[:, 0]

    return energies


def persistent_iteration():
    batch, size, steps = 64, 8192, 60
    energies = strided_energy(jax.nn.silu, (2, 1, 1, 1))
    weights = Weights()
    shapes = ((5, 5, 1, 16), (3, 3, 16, 32), (3, 3, 32, 64), (3, 3, 64, 64), (2 * 2 * 64, 1))
    params = [weights.affine(*shape) for shape in shapes]

    def descend(params, x, key):
        return clamped_langevin(lambda x: energies(params, x).sum(), x, steps, key, 10, 0.03, 0.005, 1)

    @jax.jit
    def iteration(params, states, key, observed):
        state, buffer = states
        place, again, start, chain, noise = jax.random.split(key, 5)
        places = jax.random.permutation(place, size)[:batch]
        renewed = jax.random.uniform(start, observed.shape, minval=-1, maxval=1)
        is_renewed = (jax.random.uniform(again, (batch,)) < 0.05)[:, None, None, None]
        negatives = descend(params, jnp.where(is_renewed, renewed, buffer[places]), chain)
        buffer = buffer.at[places].set(negatives)
        positives = observed + 0.005 * jax.random.normal(noise, observed.shape)

        def loss(params):
            positive, negative = energies(params, positives), energies(params, negatives)
            gap = positive.mean() - negative.mean()
            penalty = jnp.square(positive).mean() + jnp.square(negative).mean()
            return gap + 0.1 * penalty, [negative.mean(), positive.mean(), gap]

        gradients, metrics = jax.grad(loss, has_aux=True)(params)
        gradients, norm = clipped(gradients, 0.1)
        params, state = adam(1e-4, params, gradients, state, first_decay=0.0)
        return params, (state, buffer), [*metrics, norm]

    buffer = jax.random.uniform(jax.random.key(1), (size, 28, 28, 1), minval=-1, maxval=1)
    call = repeated(iteration, params, (fresh(params), buffer), fixed_input(0, (batch, 28, 28, 1), 1))
    start = fixed_input(1, (batch, 28, 28, 1), 1)
    return Work(call, lambda: [jax.jit(descend)(params, start, None)])


def affine(layer, x):
    return x @ layer["weight"] + layer["bias"]


def sines(levels, count):
    angles = levels[:, None] * 10_000 ** (-jnp.arange(count) / (count - 1))
    return jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], 1)


def unit(x):
    return x / jnp.linalg.norm(x)


def singular(matrix, u):
    """The norm of a matrix by one step of power iteration, and the next vector of the iteration."""
    fixed = lax.stop_gradient(matrix)
    left = unit(fixed @ u)
    right = unit(fixed.T @ left)
    return (left * (matrix @ right)).sum(), right


def rows_of(weight):
    return weight.reshape(-1, weight.shape[-1])


def recovery_tables():
    return {name: jnp.array(table, jnp.float32) for name, table in recovery_ladder().items()}


RECOVERY_WIDTHS = (32, 64, 64, 64)


def recovery_params():
    """Parameters of the wide residual energy, and the vectors of its power iterations."""
    weights, made, vectors = Weights(), {}, {}

    def spectral(name, *shape):
        vectors[name] = weights.array(shape[-1], 1)
        made[name] = {"bias": weights.array(shape[-1]), "weight": weights.array(*shape)}

    before = 32
    for level, width in enumerate(RECOVERY_WIDTHS):
        spectral(f"{level}.first", 3, 3, before, width)
        spectral(f"{level}.project", 128, width)
        spectral(f"{level}.second", 3, 3, width, width)
        made[f"{level}.gain"] = weights.array(width)
        if width != before:
            spectral(f"{level}.skip", 3, 3, before, width)
        before = width
    spectral("embed.1", 32, 128)
    spectral("embed.2", 128, 128)
    made["head"] = {"bias": weights.array(64), "weight": weights.array(128, 64)}
    spectral("stem", 3, 3, 3, 32)
    return made, vectors


def normed(params, vectors):
    """Parameters with weights over their norms. Chains use them for all of their steps."""
    made = dict(params)
    for name, u in vectors.items():
        weight = params[name]["weight"]
        norm, _ = singular(rows_of(weight), u)
        most = jnp.maximum(norm + 1e-6, 1) if name.endswith("second") else norm
        made[name] = {"bias": params[name]["bias"], "weight": weight / most}
    return made


def recovery_energies(params, x, levels):
    def conv(h, name):
        return convolution(h, params[name]["weight"]) + params[name]["bias"]

    embedded = leaky(affine(params["embed.2"], leaky(affine(params["embed.1"], sines(levels, 16)))))
    h = conv(x, "stem")
    for level in range(len(RECOVERY_WIDTHS)):
        if level > 0:
            n, height, width, channels = h.shape
            h = h.reshape(n, height // 2, 2, width // 2, 2, channels).mean((2, 4))
        inside = conv(leaky(h), f"{level}.first") + affine(params[f"{level}.project"], embedded)[:, None, None]
        moved = conv(leaky(inside), f"{level}.second") * params[f"{level}.gain"]
        h = (conv(h, f"{level}.skip") if f"{level}.skip" in params else h) + moved
    return -(jax.nn.relu(h).sum((1, 2)) * affine(params["head"], embedded)).sum(1)


def recovery_slope():
    params, vectors = recovery_params()
    x, levels = fixed_input(0, (16, 32, 32, 3), 1), np.arange(16, dtype=np.float32) % 6

    @jax.jit
    def slope(params, vectors, x, levels):
        return jax.grad(lambda x: recovery_energies(normed(params, vectors), x, levels).sum())(x)

    return lambda: [jax.block_until_ready(slope(params, vectors, x, levels))]


def recovery_gradient():
    slope = recovery_slope()
    return Work(lambda: np.asarray(slope()[0]), slope)


def recovery_iteration():
    """Algorithm 1 of arXiv 2012.08125."""
    table, steps = recovery_tables(), 30
    sizes = jnp.sqrt(2e-4 * table["noise"][:6] / table["noise"][0]) * table["step_noise"]
    pull = jnp.array([1, 1, 1, 1, 1, 0]) * jnp.square(sizes / table["step_noise"])

    @jax.jit
    def iteration(params, states, key, observed):
        state, vectors = states
        level, near_key, far_key, chain = jax.random.split(key, 4)
        levels = jax.random.randint(level, (16,), 0, 6)
        time = levels.astype(jnp.float32)
        at = lambda values: values[levels][:, None, None, None]
        near = at(table["signal"]) * observed + at(table["noise"]) * jax.random.normal(near_key, observed.shape)
        far = at(table["step_signal"]) * near + at(table["step_noise"]) * jax.random.normal(far_key, observed.shape)
        frozen = normed(params, vectors)

        def step(y, step_key):
            gradient = jax.grad(lambda y: recovery_energies(frozen, y, time).sum())(y)
            noise = at(sizes) * jax.random.normal(step_key, y.shape)
            return y - 0.5 * gradient - 0.5 * at(pull) * (y - far) + noise, None

        negative = lax.scan(step, far, jax.random.split(chain, steps))[0]

        def loss(params):
            both = jnp.concatenate([at(table["scale"]) * near, negative])
            found = recovery_energies(normed(params, vectors), both, jnp.concatenate([time, time]))
            return (table["weight"][levels] * (found[:16] - found[16:])).mean()

        value, gradients = jax.value_and_grad(loss)(params)
        params, state = adam(1e-4, params, gradients, state)
        vectors = {name: singular(rows_of(params[name]["weight"]), u)[1] for name, u in vectors.items()}
        return params, (state, vectors), [value]

    params, vectors = recovery_params()
    return Work(
        repeated(iteration, params, (fresh(params), vectors), fixed_input(0, (16, 32, 32, 3), 1)), recovery_slope()
    )


def translator(weights):
    """Images to images: 16 channels at full size, two residual blocks of 32 at half of it, instance normalisation."""

    def layer(kernel, inputs, outputs):
        weight, bias = weights.affine(kernel, kernel, inputs, outputs)
        return {"weight": weight, "bias": bias}

    def normalised(kernel, inputs, outputs):
        made = layer(kernel, inputs, outputs)
        return {**made, "offset": weights.array(outputs), "scale": weights.array(outputs)}

    shapes = [(3, 1, 16), (4, 16, 32), *[(3, 32, 32)] * 4, (3, 32, 16)]
    return [*(normalised(*shape) for shape in shapes), layer(3, 16, 1)]


def translated(layers, x):
    first, half, *blocks, wide, last = layers

    def normal(x, layer, stride=1):
        x = convolution(x, layer["weight"], stride, 1) + layer["bias"]
        x = (x - x.mean((1, 2), keepdims=True)) * lax.rsqrt(x.var((1, 2), keepdims=True) + 1e-5)
        return x * layer["scale"] + layer["offset"]

    x = jax.nn.relu(normal(jax.nn.relu(normal(x, first)), half, 2))
    for inner, outer in zip(blocks[::2], blocks[1::2]):
        x = x + normal(jax.nn.relu(normal(x, inner)), outer)
    x = jax.nn.relu(normal(x.repeat(2, 1).repeat(2, 2), wide))
    return jnp.tanh(convolution(x, last["weight"], 1, 1) + last["bias"])


def cyclecoop_iteration():
    x, y = (fixed_input(i, (32, 28, 28, 1), 1) for i in (0, 1))
    energies = strided_energy(leaky, (1, 1, 1))
    shapes = ((4, 4, 1, 32), (4, 4, 32, 64), (4, 4, 64, 64), (3 * 3 * 64, 1))
    weights = Weights()
    energy_x, energy_y = ([weights.affine(*shape) for shape in shapes] for _ in range(2))
    params = {"x": energy_x, "y": energy_y, "translators": [translator(weights), translator(weights)]}

    def descend(energy, x, key):
        return clamped_langevin(lambda x: energies(energy, x).sum(), x, 15, key, 1, 0.05, 0.02)

    @jax.jit
    def iteration(params, states, key, x, y):
        to_x, to_y = params["translators"]
        key_x, key_y = jax.random.split(key)
        revised_y = descend(params["y"], translated(to_y, x), key_y)
        revised_x = descend(params["x"], translated(to_x, y), key_x)

        def contrast(energy, data, revised):
            return energies(energy, data).mean() - energies(energy, revised).mean()

        gap_x, gradients_x = jax.value_and_grad(contrast)(params["x"], x, revised_x)
        gap_y, gradients_y = jax.value_and_grad(contrast)(params["y"], y, revised_y)

        def loss(translators):
            to_x, to_y = translators
            made_y, made_x = translated(to_y, x), translated(to_x, y)
            teaching = jnp.square(made_y - revised_y).mean() + jnp.square(made_x - revised_x).mean()
            cycle = jnp.abs(translated(to_x, made_y) - x).mean() + jnp.abs(translated(to_y, made_x) - y).mean()
            return 5.56 * teaching + cycle, [teaching, cycle]

        (value, terms), gradients = jax.value_and_grad(loss, has_aux=True)(params["translators"])
        found = {"x": (3e-4, gradients_x), "y": (3e-4, gradients_y), "translators": (5e-4, gradients)}
        moved = {name: adam(rate, params[name], slope, states[name], 0.5) for name, (rate, slope) in found.items()}
        params, states = ({name: pair[i] for name, pair in moved.items()} for i in (0, 1))
        return params, states, [value, *terms, gap_x, gap_y]

    @jax.jit
    def revision(params, x):
        made = translated(params["translators"][1], x)
        return [made, descend(params["y"], made, None)]

    states = {name: fresh(part) for name, part in params.items()}
    return Work(repeated(iteration, params, states, x, y), lambda: revision(params, x))


def symbol_params(latent, symbols, width=64, blocks=4):
    """Parameters of the network of symbols, and the vectors of its power iterations."""
    weights, made, vectors = Weights(), {}, {}
    sizes = {"level1": (width, width), "level2": (width, width), "merge": (2 * width, width)}
    sizes.update({"point1": (latent, width), "point2": (width, width)})
    sizes.update({f"block{i}": (width, width) for i in range(blocks)})
    sizes["head"] = (width, symbols)
    for name, size in sizes.items():
        vectors[name] = weights.array(size[1], 1)
        made[name] = {"bias": weights.array(size[1]), "weight": weights.array(*size)}
    return made, vectors


def embedded_levels(params, levels):
    inside = sines(levels, params["level1"]["bias"].shape[0] // 2)
    return affine(params["level2"], leaky(affine(params["level1"], inside)))


def symbol_logits(params, y, embedded):
    point = affine(params["point2"], leaky(affine(params["point1"], y)))
    r = affine(params["merge"], leaky(jnp.concatenate([point, embedded], 1)))
    for i in range(4):
        r = r + affine(params[f"block{i}"], leaky(r))
    return affine(params["head"], leaky(r))


def latent_diffusion_iteration():
    latent, symbols, batch, steps = 2, 16, 256, 20
    table = recovery_tables()
    pull = 2e-3 * table["noise"][:6] / table["noise"][0]
    sizes, centred = jnp.sqrt(pull) * table["step_noise"], jnp.array([1, 1, 1, 1, 1, 0])
    divergence, information, symbol_weight = 1, 0.05, 0.05

    def coupled(params, y, embedded):
        return jax.nn.logsumexp(symbol_logits(params, y, embedded), 1)

    @jax.jit
    def iteration(params, states, key, x, labels):
        (optimizer_states, vectors), parts = states, params
        level, chain, *noise = jax.random.split(key, 6)
        levels = jnp.concatenate([jax.random.randint(level, (batch,), 0, 5), jnp.full((batch,), 5)])
        time, at = levels.astype(jnp.float32), lambda values: values[levels][:, None]
        counts = (batch, 2 * batch, 2 * batch, batch)
        drawn = [jax.random.normal(one, (count, latent)) for one, count in zip(noise, counts)]
        frozen = lax.stop_gradient(normed(parts["network"], vectors))
        still = embedded_levels(frozen, time)

        def perturbed(encoder):
            mean, log_sd = jnp.split(mlp(encoder, x, jax.nn.relu), 2, 1)
            z = mean + jnp.exp(log_sd) * drawn[0]
            near = at(table["signal"]) * jnp.concatenate([z, z]) + at(table["noise"]) * drawn[1]
            return z, log_sd, near

        _, _, near = perturbed(parts["encoder"])
        far = at(table["step_signal"]) * near + at(table["step_noise"]) * drawn[2]

        def step(y, step_key):
            gradient = jax.grad(lambda y: coupled(frozen, y, still).sum())(y)
            drift = 0.5 * gradient - 0.5 * at(pull) * (y - at(centred) * far)
            return y + drift + at(sizes) * jax.random.normal(step_key, y.shape), None

        y = lax.scan(step, far, jax.random.split(chain, steps))[0]

        def loss(params):
            z, log_sd, near = perturbed(params["encoder"])
            positive, weight = at(table["scale"]) * near, table["weight"][levels]
            prior = -(weight * coupled(frozen, positive, still)).sum() / batch
            prior = prior + table["weight"][5] / 2 * jnp.square(near[batch:]).sum() / batch
            entropy = (-0.5 - log_sd).sum(1).mean()
            live = normed(params["network"], vectors)
            levels_seen = embedded_levels(live, time)
            images = jnp.concatenate([lax.stop_gradient(positive), y])
            both = coupled(live, images, jnp.concatenate([levels_seen, levels_seen]))
            contrast = -(weight * (both[: 2 * batch] - both[2 * batch :])).sum() / batch
            bottom = table["scale"][0] * (table["signal"][0] * z + table["noise"][0] * drawn[3])
            logs = jax.nn.log_softmax(symbol_logits(live, bottom, embedded_levels(live, jnp.zeros(batch))), 1)
            shares = jnp.exp(logs).mean(0) + 1e-15
            mutual = -(shares * jnp.log(shares)).sum() + (jnp.exp(logs) * logs).sum(1).mean()
            cross = -jnp.take_along_axis(logs, labels[:, None], 1).mean()
            squares = jnp.square(mlp(params["decoder"], z, jax.nn.relu) - x)
            surprise = 0.5 * squares.sum(1).mean() + np.log(2 * np.pi)
            total = surprise + divergence * (prior + entropy + contrast) - information * mutual + symbol_weight * cross
            return total, [surprise, squares.mean(), prior, entropy, contrast, mutual, cross, z.std(), jnp.abs(y).max()]

        gradients, metrics = jax.grad(loss, has_aux=True)(params)
        rates = {"encoder": 1e-3, "decoder": 1e-3, "network": 1e-4}
        moved = {name: adam(rates[name], params[name], gradients[name], optimizer_states[name]) for name in params}
        params, optimizer_states = ({name: pair[i] for name, pair in moved.items()} for i in (0, 1))
        network = params["network"]
        vectors = {name: singular(network[name]["weight"], u)[1] for name, u in vectors.items()}
        return params, (optimizer_states, vectors), metrics

    network, vectors = symbol_params(latent, symbols)
    weights = Weights()
    params = {"encoder": weights.mlp(2, 128, 128, 4), "decoder": weights.mlp(2, 128, 2), "network": network}
    states = {name: fresh(part) for name, part in params.items()}, vectors
    labels = np.arange(batch) % symbols

    @jax.jit
    def slope(network, vectors, y, levels):
        live = normed(network, vectors)
        return jax.grad(lambda y: -coupled(live, y, embedded_levels(live, levels)).sum())(y)

    def check():
        return [slope(network, vectors, fixed_input(0, (64, latent), 3), np.arange(64, dtype=np.float32) % 6)]

    return Work(repeated(iteration, params, states, fixed_input(0, (batch, 2), 10), labels), check)


def decoder_params(kind, weights, symbols, size=64, latent=32):
    """An LSTM or GRU whose initial state is affine in z, with z beside every word."""
    gates = (4 if kind == "lstm" else 3) * size
    made = {"beside": weights.array(latent, gates)}
    made["next"] = {"bias": weights.array(symbols), "weight": weights.array(symbols, size)}
    made.update(bias=weights.array(gates), input=weights.array(size, gates), recurrent=weights.array(size, gates))
    if kind == "gru":
        made["inner"] = weights.array(size)
    made["start"] = [weights.affine(latent, size) for _ in range(2 if kind == "lstm" else 1)]
    made["words"] = weights.array(symbols, size)
    return made


def dropped(x, rate, key):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def decoded(params, z, before, key=None):
    """Logits of the next symbol at every place; with a key words and outputs drop out."""
    keys = (None, None) if key is None else jax.random.split(key)
    words = dropped(params["words"][before], 0.2, keys[0])
    inputs = words @ params["input"] + (z @ params["beside"] + params["bias"])[:, None]
    states = tuple(z @ weight + bias for weight, bias in params["start"])

    def lstm(states, inside):
        cell, hidden = states
        i, f, g, o = jnp.split(inside + hidden @ params["recurrent"], 4, 1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (cell, hidden), hidden

    def gru(states, inside):
        (hidden,) = states
        r, u, n = jnp.split(inside, 3, 1)
        again_r, again_u, again_n = jnp.split(hidden @ params["recurrent"], 3, 1)
        r, u = jax.nn.sigmoid(r + again_r), jax.nn.sigmoid(u + again_u)
        n = jnp.tanh(n + r * (again_n + params["inner"]))
        hidden = (1 - u) * n + u * hidden
        return (hidden,), hidden

    _, outputs = lax.scan(gru if "inner" in params else lstm, states, inputs.swapaxes(0, 1))
    outputs = dropped(outputs.swapaxes(0, 1), 0.2, keys[1])
    return outputs @ params["next"]["weight"].T + params["next"]["bias"]


def surprise(logits, targets, weight):
    """-log p of every place, zero where the weight is zero."""
    logs = jax.nn.log_softmax(logits, 2)
    return -jnp.take_along_axis(logs, targets[:, :, None], 2)[:, :, 0] * weight


def text_iteration(kind):
    symbols, rows, latent = 2002, 32, 32
    data = sentences(rows, symbols)
    weights = Weights()
    params = {"tilt": weights.mlp(latent, 200, 200, 1), "decoder": decoder_params(kind, weights, symbols)}

    def prior_of(params):
        return lambda z: mlp(params["tilt"], z, gelu).sum() + 0.5 * jnp.square(z).sum()

    def posterior_of(params, before, targets, weight):
        prior = prior_of(params)
        return lambda z: prior(z) + surprise(decoded(params["decoder"], z, before), targets, weight).sum()

    @jax.jit
    def iteration(params, states, key, before, targets, weight):
        *starts, chain, dropout = jax.random.split(key, 4)
        positive, negative = (jax.random.normal(start, (rows, latent)) for start in starts)
        positive = langevin(positive, 20, 0.5, posterior_of(params, before, targets, weight), None)
        negative = langevin(negative, 40, 0.5, prior_of(params), chain)

        def loss(decoder):
            logits = decoded(decoder, positive, before, dropout)
            return surprise(logits, targets, weight).sum(1).mean(), logits

        def contrast(tilt):
            means = mlp(tilt, positive, gelu).mean(), mlp(tilt, negative, gelu).mean()
            return means[0] - means[1], means

        gradients, logits = jax.grad(loss, has_aux=True)(params["decoder"])
        decoder, decoder_state = adam(1e-3, params["decoder"], clipped(gradients, 5)[0], states["decoder"])
        (gap, means), gradients = jax.value_and_grad(contrast, has_aux=True)(params["tilt"])
        slopes = clipped(gradients, 1)[0]
        tilt, tilt_state = adam(1e-4, params["tilt"], slopes, states["tilt"], weight_decay=1e-3)
        wrong = ((logits.argmax(2) != targets) * weight).sum(1) / weight.sum(1)
        metrics = [wrong.mean(), *means, gap]
        for z in (positive, negative):
            metrics += [z.std(), jnp.abs(z).max()]
        return {"tilt": tilt, "decoder": decoder}, {"tilt": tilt_state, "decoder": decoder_state}, metrics

    @jax.jit
    def descent(params, start, before, targets, weight):
        return langevin(start, 5, 0.5, posterior_of(params, before, targets, weight), None) - start

    states = {name: fresh(part) for name, part in params.items()}
    start = fixed_input(1, (rows, latent), 1)
    return Work(repeated(iteration, params, states, *data), lambda: [descent(params, start, *data)])


def text_iteration_lstm():
    return text_iteration("lstm")


def text_iteration_gru():
    return text_iteration("gru")
