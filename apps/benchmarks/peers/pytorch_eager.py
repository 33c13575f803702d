"""The cases of this folder in PyTorch, eager, the way its users write them: `python pytorch_eager.py CASE THREADS`."""

import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import glow
import inception
import latent_diffusion
from common import Weights, Work, fixed_input, recovery_ladder, repeatable, sentences, serve


def parameter(layer, weight, bias):
    """Puts arrays into a layer."""
    layer.weight.data = torch.from_numpy(weight.copy())
    layer.bias.data = torch.from_numpy(bias)
    return layer


def linear(affine):
    """[in, out] becomes torch's [out, in]."""
    weight, bias = affine
    return parameter(nn.Linear(*weight.shape), weight.T, bias)


def channels_first(weight):
    """[h, w, in, out] becomes torch's [out, in, h, w], and [h, w, out, in] of a transposed convolution [in, out, h, w]."""
    return weight.transpose(3, 2, 0, 1)


def images(array):
    """[batch, h, w, channels] becomes torch's [batch, channels, h, w]."""
    return torch.from_numpy(array.transpose(0, 3, 1, 2).copy())


def channels_last(tensor):
    """Images or convolution weights as the other peers lay them out."""
    return tensor.numpy().transpose(0, 2, 3, 1)


class Leaky(nn.Module):
    def forward(self, x):
        return F.leaky_relu(x, 0.2)


def mlp(affines, activation=Leaky):
    layers = []
    for i, affine in enumerate(affines):
        layers += ([activation()] if i else []) + [linear(affine)]
    return nn.Sequential(*layers)


def langevin(z, steps, step_size, energy, noise=True):
    """z' = z - step_size^2 / 2 * gradient + step_size * noise in every layer; `energy` gives the sum over the chains."""
    for _ in range(steps):
        z = [layer.detach().requires_grad_(True) for layer in z]
        gradients = torch.autograd.grad(energy(z), z)
        z = [layer - step_size**2 / 2 * gradient for layer, gradient in zip(z, gradients)]
        if noise:
            z = [layer + step_size * torch.randn_like(layer) for layer in z]
    return [layer.detach() for layer in z]


def latent_chain(activation=Leaky):
    tilt = mlp(Weights().mlp(100, 200, 200, 1), activation)
    start = torch.from_numpy(fixed_input(0, (100, 100), 2))

    def energy(z):
        return tilt(z[0]).sum() + 0.5 * z[0].square().sum()

    def chain(noise):
        return langevin([start], 60, 0.4, energy, noise)

    return Work(lambda: chain(True)[0], lambda: chain(False))


def latent_chain_gelu():
    return latent_chain(nn.GELU)


class ConvEnergy(nn.Module):
    """Strides 1, 2, 2 with "same" padding."""

    def __init__(self):
        super().__init__()
        weights = Weights()
        self.first = self.convolution(weights.affine(3, 3, 1, 32), 1)
        self.second = self.convolution(weights.affine(4, 4, 32, 64), 2)
        self.third = self.convolution(weights.affine(4, 4, 64, 128), 2)
        weight, bias = weights.affine(7 * 7 * 128, 1)
        rows = weight.reshape(7, 7, 128).transpose(2, 0, 1).reshape(-1, 1)
        self.head = linear((rows, bias))

    @staticmethod
    def convolution(affine, stride):
        weight, bias = affine
        side, _, fan_in, fan_out = weight.shape
        return parameter(nn.Conv2d(fan_in, fan_out, side, stride, padding=1), channels_first(weight), bias)

    def forward(self, x):
        for layer in (self.first, self.second, self.third):
            x = F.leaky_relu(layer(x), 0.2)
        return self.head(x.flatten(1)).squeeze(1)


def input_gradient(energy, inputs):
    def gradient():
        x = inputs.detach().requires_grad_(True)
        return torch.autograd.grad(energy(x).sum(), x)[0]

    return Work(gradient, lambda: [channels_last(gradient())])


def conv_gradient():
    return input_gradient(ConvEnergy(), images(fixed_input(0, (64, 28, 28, 1), 1)))


class ResidualEnergy(nn.Module):
    """3x3 stem to 64 channels, four residual blocks of two 3x3 convolutions, sum over all places, dense; no biases."""

    def __init__(self):
        super().__init__()
        weights = Weights()
        shapes = [(3, 3, 3, 64)] + [(3, 3, 64, 64)] * 8
        self.convolutions = nn.ParameterList(
            torch.from_numpy(channels_first(weights.array(*shape)).copy()) for shape in shapes
        )
        self.head = nn.Parameter(torch.from_numpy(weights.array(64, 1)))

    def forward(self, x):
        stem, *blocks = self.convolutions
        h = F.conv2d(x, stem, padding=1)
        for first, second in zip(blocks[::2], blocks[1::2]):
            inner = F.conv2d(F.leaky_relu(h, 0.2), first, padding=1)
            h = h + F.conv2d(F.leaky_relu(inner, 0.2), second, padding=1)
        return F.leaky_relu(h, 0.2).sum((2, 3)) @ self.head


def residual_images():
    return images(fixed_input(0, (16, 32, 32, 3), 1))


def residual_gradient():
    return input_gradient(ResidualEnergy(), residual_images())


def residual_weight_gradients():
    energy, inputs = ResidualEnergy(), residual_images()
    parameters = [*energy.convolutions, energy.head]

    def gradients():
        return torch.autograd.grad(energy(inputs).sum(), parameters)

    def check():
        *convolutions, head = gradients()
        return [*(gradient.numpy().transpose(2, 3, 1, 0) for gradient in convolutions), head]

    return Work(lambda: gradients()[0], check)


class WideResidual(nn.Module):
    """The network of diffusion recovery likelihood: 32 channels, a block at each resolution, a level for each image."""

    def __init__(self):
        super().__init__()
        weights, made = Weights(), {}

        def spectral(name, *shape):
            made[name + ".u"] = weights.array(shape[-1], 1)
            made[name + ".bias"] = weights.array(shape[-1])
            made[name + ".weight"] = weights.array(*shape)

        self.widths, before = [32, 64, 64, 64], 32
        for level, width in enumerate(self.widths):
            spectral(f"{level}.first", 3, 3, before, width)
            spectral(f"{level}.project", 128, width)
            spectral(f"{level}.second", 3, 3, width, width)
            made[f"{level}.gain"] = weights.array(width)
            if width != before:
                spectral(f"{level}.skip", 3, 3, before, width)
            before = width
        spectral("embed.1", 32, 128)
        spectral("embed.2", 128, 128)
        made["head.bias"], made["head.weight"] = weights.array(64), weights.array(128, 64)
        spectral("stem", 3, 3, 3, 32)
        self.u = {name[:-2]: torch.from_numpy(array) for name, array in made.items() if name.endswith(".u")}
        laid = {
            name: channels_first(array).copy() if array.ndim == 4 else array
            for name, array in made.items()
            if not name.endswith(".u")
        }
        self.arrays = nn.ParameterDict({name.replace(".", "_"): nn.Parameter(torch.from_numpy(x)) for name, x in laid.items()})

    def array(self, name):
        return self.arrays[name.replace(".", "_")]

    def normed(self):
        """Weights with one step of power iteration. Chains use them for all of their steps."""
        weights = {}
        for name, u in self.u.items():
            weight = self.array(name + ".weight")
            matrix = weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0]) if weight.ndim == 4 else weight
            with torch.no_grad():
                left = F.normalize(matrix @ u, dim=0)
                right = F.normalize(matrix.T @ left, dim=0)
            norm = (left * (matrix @ right)).sum()
            weights[name] = weight / ((norm + 1e-6).clamp(min=1) if name.endswith("second") else norm)
        return weights

    def forward(self, x, levels, weights=None):
        weights = self.normed() if weights is None else weights
        conv = lambda h, name: F.conv2d(h, weights[name], self.array(name + ".bias"), padding=1)
        dense = lambda h, name: h @ weights[name] + self.array(name + ".bias")
        frequencies = 10_000 ** (-torch.arange(16) / 15)
        angles = levels[:, None] * frequencies
        embedded = dense(torch.cat([angles.sin(), angles.cos()], 1), "embed.1")
        embedded = F.leaky_relu(dense(F.leaky_relu(embedded, 0.2), "embed.2"), 0.2)
        h = conv(x, "stem")
        for level in range(len(self.widths)):
            h = F.avg_pool2d(h, 2) if level > 0 else h
            inside = conv(F.leaky_relu(h, 0.2), f"{level}.first") + dense(embedded, f"{level}.project")[:, :, None, None]
            moved = conv(F.leaky_relu(inside, 0.2), f"{level}.second") * self.array(f"{level}.gain")[:, None, None]
            h = (conv(h, f"{level}.skip") if f"{level}.skip" in weights else h) + moved
        head = embedded @ self.array("head.weight") + self.array("head.bias")
        return -(F.relu(h).sum((2, 3)) * head).sum(1)


def recovery_images():
    return images(fixed_input(0, (16, 32, 32, 3), 1)), torch.arange(16).remainder(6).float()


def recovery_slope(network):
    x, levels = recovery_images()
    for parameter in network.parameters():
        parameter.requires_grad_(False)

    def work():
        at = x.detach().requires_grad_(True)
        return torch.autograd.grad(network(at, levels).sum(), at)[0]

    return work


def recovery_gradient():
    work = recovery_slope(WideResidual())
    return Work(work, lambda: [channels_last(work())])


def recovery_iteration():
    """Algorithm 1 of arXiv 2012.08125 with its six levels."""
    network, steps = WideResidual(), 30
    optimizer = torch.optim.Adam(network.parameters(), 1e-4)
    observed, _ = recovery_images()
    tables = recovery_ladder()
    sizes = np.sqrt(2e-4 * tables["noise"][:6] / tables["noise"][0]) * tables["step_noise"]
    tables["pull"] = np.array([1, 1, 1, 1, 1, 0]) * (sizes / tables["step_noise"]) ** 2
    tables["sizes"] = sizes
    tables = {name: torch.tensor(table, dtype=torch.float32) for name, table in tables.items()}

    def iteration():
        levels = torch.randint(6, (16,))
        at = lambda name: tables[name][levels][:, None, None, None]
        near = at("signal") * observed + at("noise") * torch.randn_like(observed)
        far = at("step_signal") * near + at("step_noise") * torch.randn_like(observed)
        time, y = levels.float(), far
        for parameter in network.parameters():
            parameter.requires_grad_(False)
        weights = network.normed()
        for _ in range(steps):
            y = y.detach().requires_grad_(True)
            gradient = torch.autograd.grad(network(y, time, weights).sum(), y)[0]
            with torch.no_grad():
                y = y - 0.5 * gradient - 0.5 * at("pull") * (y - far) + at("sizes") * torch.randn_like(y)
        for parameter in network.parameters():
            parameter.requires_grad_(True)
        optimizer.zero_grad()
        both = network(torch.cat([at("scale") * near, y.detach()]), torch.cat([time, time]))
        positive, negative = both.chunk(2)
        loss = (tables["weight"][levels] * (positive - negative)).mean()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for name, u in network.u.items():
                weight = network.array(name + ".weight")
                matrix = weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0]) if weight.ndim == 4 else weight
                network.u[name] = F.normalize(matrix.T @ F.normalize(matrix @ u, dim=0), dim=0)
        return loss.detach()

    slope = recovery_slope(WideResidual())
    return Work(iteration, lambda: [channels_last(slope())])


class Vectors(nn.Module):
    """One layer of latents with the base law N(0, I)."""

    def __init__(self, size):
        super().__init__()
        self.sizes = [size]

    def forward(self, z):
        return 0.5 * z[0].square().sum(1)


class TwoLayers(nn.Module):
    """z2 ~ N(0, I) and z1 given z2 normal, with mean and log sd of a network."""

    def __init__(self, law, bottom, top):
        super().__init__()
        self.law, self.sizes = law, [bottom, top]

    def forward(self, z):
        mean, log_sd = self.law(z[1]).chunk(2, 1)
        sd = log_sd.exp() + 0.01
        return (0.5 * ((z[0] - mean) / sd).square() + sd.log()).sum(1) + 0.5 * z[1].square().sum(1)


def iterations(tilts, generator, base, observed):
    """Learning iterations of a latent-space EBM prior, one tilt a layer; images in torch's layout."""
    batch, sigma = len(observed), 0.3
    generator_optimizer = torch.optim.Adam(generator.parameters(), 3e-4)
    energy_optimizer = torch.optim.Adam(tilts.parameters(), 1e-4)
    learned = list(base.parameters())
    base_optimizer = torch.optim.Adam(learned, 3e-4) if learned else None

    def tilt(z):
        return sum(energy(layer).squeeze(1) for energy, layer in zip(tilts, z))

    def prior(z):
        return tilt(z).sum() + base(z).sum()

    def posterior(z):
        return prior(z) + (observed - generator(z[0])).square().sum() / (2 * sigma**2)

    def starts():
        return [torch.randn(batch, size) for size in base.sizes]

    def iteration():
        positive = langevin(starts(), 20, 0.1, posterior)
        negative = langevin(starts(), 60, 0.4, prior)

        generator_optimizer.zero_grad()
        reconstruction = (observed - generator(positive[0])).square().flatten(1).sum(1).mean()
        reconstruction.backward()
        generator_optimizer.step()

        energy_optimizer.zero_grad()
        energy_positive, energy_negative = tilt(positive).mean(), tilt(negative).mean()
        gap = energy_positive - energy_negative
        gap.backward()
        energy_optimizer.step()

        if base_optimizer:
            base_optimizer.zero_grad()
            (base(positive).mean() - base(negative).mean()).backward()
            base_optimizer.step()

        metrics = [reconstruction / 784, energy_positive, energy_negative, gap]
        for z in (*positive, *negative):
            metrics += [z.std(), z.abs().max()]
        return torch.tensor([metric.item() for metric in metrics])

    return iteration, posterior


def iteration_case(make, observed):
    """`make` gives fresh tilts, a generator and the base law of the latents."""

    def check():
        tilts, generator, base = make()
        _, posterior = iterations(tilts, generator, base, observed)
        start = [
            torch.from_numpy(fixed_input(1 + i, (len(observed), size), 1)) for i, size in enumerate(base.sizes)
        ]
        return langevin(start, 20, 0.01, posterior, noise=False)

    iteration, _ = iterations(*make(), observed)
    return Work(iteration, check)


def learning_iteration():
    def make():
        weights = Weights()
        tilts = nn.ModuleList([mlp(weights.mlp(16, 64, 64, 1))])
        return tilts, nn.Sequential(mlp(weights.mlp(16, 128, 256, 784)), nn.Tanh()), Vectors(16)

    return iteration_case(make, torch.from_numpy(fixed_input(0, (100, 784), 1)))


def joint_iteration():
    def make():
        weights = Weights()
        tilts = nn.ModuleList([mlp(weights.mlp(16, 64, 64, 1)), mlp(weights.mlp(8, 64, 1))])
        generator = nn.Sequential(mlp(weights.mlp(16, 128, 256, 784)), nn.Tanh())
        return tilts, generator, TwoLayers(mlp(weights.mlp(8, 64, 64, 32)), 16, 8)

    return iteration_case(make, torch.from_numpy(fixed_input(0, (100, 784), 1)))


def transposed(weights, fan_in, fan_out, side, stride, padding):
    weight, bias = weights.affine(side, side, fan_out, fan_in, out=fan_out)
    layer = nn.ConvTranspose2d(fan_in, fan_out, side, stride, padding)
    return parameter(layer, channels_first(weight), bias)


def mnist_iteration():
    def make():
        weights = Weights()
        tilts = nn.ModuleList([mlp(weights.mlp(16, 200, 200, 1))])
        generator = nn.Sequential(
            nn.Unflatten(1, (16, 1, 1)),
            transposed(weights, 16, 1024, 7, 1, 0),
            Leaky(),
            transposed(weights, 1024, 512, 4, 2, 1),
            Leaky(),
            transposed(weights, 512, 256, 4, 2, 1),
            Leaky(),
            transposed(weights, 256, 1, 3, 1, 1),
            nn.Tanh(),
        )
        return tilts, generator, Vectors(16)

    return iteration_case(make, images(fixed_input(0, (10, 28, 28, 1), 1)))


def conv_learning_iteration():
    def make():
        weights = Weights()
        energy = mlp(weights.mlp(100, 200, 200, 1))
        weight, bias = weights.affine(100, 7 * 7 * 64)
        columns = weight.reshape(100, 7, 7, 64).transpose(0, 3, 1, 2).reshape(100, -1)
        first = linear((columns, bias.reshape(7, 7, 64).transpose(2, 0, 1).ravel().copy()))
        grow = []
        for fan_in, fan_out in ((64, 32), (32, 1)):
            grow += [Leaky(), transposed(weights, fan_in, fan_out, 4, 2, 1)]
        generator = nn.Sequential(first, nn.Unflatten(1, (64, 7, 7)), *grow, nn.Tanh())
        return nn.ModuleList([energy]), generator, Vectors(100)

    return iteration_case(make, images(fixed_input(0, (100, 28, 28, 1), 1)))


class SwishEnergy(nn.Module):
    """28x28 images: 5x5 and three 3x3 convolutions of stride 2 with symmetric padding, then an affine number."""

    def __init__(self):
        super().__init__()
        weights = Weights()
        layers = []
        for shape in ((5, 5, 1, 16), (3, 3, 16, 32), (3, 3, 32, 64), (3, 3, 64, 64)):
            weight, bias = weights.affine(*shape)
            convolution = nn.Conv2d(shape[2], shape[3], shape[0], stride=2, padding=shape[0] // 2)
            layers += [parameter(convolution, channels_first(weight), bias), nn.SiLU()]
        weight, bias = weights.affine(2 * 2 * 64, 1)
        rows = weight.reshape(2, 2, 64).transpose(2, 0, 1).reshape(-1, 1)
        self.layers = nn.Sequential(*layers, nn.Flatten(), linear((rows, bias)))

    def forward(self, x):
        return self.layers(x).squeeze(1)


def clamped_langevin(energy, x, steps, drift, limit, noise, bound=None):
    """Langevin steps of images with clamped gradients, inside [-bound, bound]."""
    for parameter in energy.parameters():
        parameter.requires_grad_(False)
    for _ in range(steps):
        x = x.detach().requires_grad_(True)
        gradient = torch.autograd.grad(energy(x).sum(), x)[0]
        with torch.no_grad():
            x = x - drift * gradient.clamp_(-limit, limit)
            if noise:
                x = x + noise * torch.randn_like(x)
            if bound is not None:
                x = x.clamp_(-bound, bound)
    for parameter in energy.parameters():
        parameter.requires_grad_(True)
    return x


def persistent_iteration():
    batch, size, steps = 64, 8192, 60
    observed = images(fixed_input(0, (batch, 28, 28, 1), 1))
    energy = SwishEnergy()
    optimizer = torch.optim.Adam(energy.parameters(), 1e-4, betas=(0.0, 0.999))
    buffer = 2 * torch.rand(size, 1, 28, 28) - 1

    def descend(energy, x, noise=True):
        return clamped_langevin(energy, x, steps, drift=10, limit=0.03, noise=0.005 if noise else 0, bound=1)

    def iteration():
        places = torch.randperm(size)[:batch]
        start = buffer[places]
        fresh = torch.rand(batch) < 0.05
        start[fresh] = 2 * torch.rand(int(fresh.sum()), 1, 28, 28) - 1
        negatives = descend(energy, start)
        buffer[places] = negatives
        positives = observed + 0.005 * torch.randn_like(observed)
        optimizer.zero_grad()
        positive, negative = energy(positives), energy(negatives)
        gap = positive.mean() - negative.mean()
        (gap + 0.1 * (positive.square().mean() + negative.square().mean())).backward()
        norm = nn.utils.clip_grad_norm_(energy.parameters(), 0.1)
        optimizer.step()
        metrics = [negative.mean(), positive.mean(), gap, norm]
        return torch.tensor([metric.item() for metric in metrics])

    def check():
        start = images(fixed_input(1, (batch, 28, 28, 1), 1))
        return [channels_last(descend(SwishEnergy(), start, noise=False))]

    return Work(iteration, check)


def recurrent_gradients(layer, weights):
    """Gradients of sum(output * G) to the layer's parameters of these names, and to the input; `weights` by name."""
    for name, weight in weights.items():
        getattr(layer, name).data = torch.from_numpy(np.ascontiguousarray(weight))
    shape = (64, 20, 256)
    inputs = torch.from_numpy(fixed_input(0, shape, 1)).requires_grad_(True)
    weighting = torch.from_numpy(fixed_input(1, shape, 1))

    def gradients():
        layer.zero_grad()
        inputs.grad = None
        (layer(inputs)[0] * weighting).sum().backward()
        return inputs.grad

    def check():
        found = gradients().numpy()
        return found, {name: getattr(layer, name).grad.numpy() for name in weights}

    return gradients, check


def lstm_gradients():
    numbers = Weights()
    bias, inputs, recurrent = numbers.array(1024), numbers.array(256, 1024), numbers.array(256, 1024)
    weights = {
        "weight_ih_l0": inputs.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": np.zeros_like(bias),
    }
    work, gradients = recurrent_gradients(nn.LSTM(256, 256, batch_first=True), weights)

    def check():
        of_inputs, of = gradients()
        return [of_inputs, of["bias_ih_l0"], of["weight_ih_l0"].T, of["weight_hh_l0"].T]

    return Work(work, check)


def gru_gradients():
    numbers = Weights()
    bias, inputs, recurrent, inner = (
        numbers.array(768),
        numbers.array(256, 768),
        numbers.array(256, 768),
        numbers.array(256),
    )
    weights = {
        "weight_ih_l0": inputs.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": np.concatenate([np.zeros(512, np.float32), inner]),
    }
    work, gradients = recurrent_gradients(nn.GRU(256, 256, batch_first=True), weights)

    def check():
        of_inputs, of = gradients()
        return [of_inputs, of["bias_ih_l0"], of["weight_ih_l0"].T, of["weight_hh_l0"].T, of["bias_hh_l0"][512:]]

    return Work(work, check)


def recurrent_layer(kind, inputs, hidden, weights):
    """A layer with the parameters of the other peers, `weights` by their names there; inputs are [words; z]."""
    layer = getattr(nn, kind.upper())(inputs, hidden, batch_first=True)
    bias, inner = weights["bias"], np.zeros_like(weights["bias"])
    if kind == "gru":
        inner[2 * hidden :] = weights["recurrentBias"]
    values = {
        "weight_ih_l0": weights["input"].T,
        "weight_hh_l0": weights["recurrent"].T,
        "bias_ih_l0": bias,
        "bias_hh_l0": inner,
    }
    for name, value in values.items():
        getattr(layer, name).data = torch.from_numpy(np.ascontiguousarray(value))
    return layer


def surprise(logits, targets, weight):
    """-log p of every place, zero where the weight is zero."""
    lost = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return lost.view_as(targets) * weight


class SentenceDecoder(nn.Module):
    """An LSTM or GRU whose initial state is affine in z, with z beside every word."""

    def __init__(self, kind, weights, symbols, size=64, latent=32):
        super().__init__()
        gates = (4 if kind == "lstm" else 3) * size
        beside = weights.array(latent, gates)
        next_bias, next_weight = weights.array(symbols), weights.array(symbols, size)
        own = {"bias": weights.array(gates), "input": weights.array(size, gates), "recurrent": weights.array(size, gates)}
        if kind == "gru":
            own["recurrentBias"] = weights.array(size)
        own["input"] = np.concatenate([own["input"], beside])
        self.layer = recurrent_layer(kind, size + latent, size, own)
        parts = ("cell", "hidden") if kind == "lstm" else ("hidden",)
        self.start = nn.ModuleDict({part: linear(weights.affine(latent, size)) for part in parts})
        self.words = nn.Embedding(symbols, size)
        self.words.weight.data = torch.from_numpy(weights.array(symbols, size))
        self.next = parameter(nn.Linear(size, symbols), next_weight, next_bias)

    def forward(self, z, before, dropout=0.0):
        words = F.dropout(self.words(before), dropout)
        inputs = torch.cat([words, z[:, None].expand(-1, before.shape[1], -1)], 2)
        state = {name: start(z)[None] for name, start in self.start.items()}
        hidden = state["hidden"]
        output, _ = self.layer(inputs, (hidden, state["cell"]) if "cell" in state else hidden)
        return self.next(F.dropout(output, dropout))


def text_iteration(kind):
    symbols, rows, latent = 2002, 32, 32
    before, targets, weight = map(torch.from_numpy, sentences(rows, symbols))

    def make():
        weights = Weights()
        return mlp(weights.mlp(latent, 200, 200, 1), nn.GELU), SentenceDecoder(kind, weights, symbols)

    def energies(tilt, decoder):
        def prior(z):
            return tilt(z[0]).sum() + 0.5 * z[0].square().sum()

        def posterior(z):
            return prior(z) + surprise(decoder(z[0], before), targets, weight).sum()

        return prior, posterior

    tilt, decoder = make()
    prior, posterior = energies(tilt, decoder)
    generator_optimizer = torch.optim.Adam(decoder.parameters(), 1e-3)
    energy_optimizer = torch.optim.Adam(tilt.parameters(), 1e-4, weight_decay=1e-3)

    def iteration():
        for parameter in (*decoder.parameters(), *tilt.parameters()):
            parameter.requires_grad_(False)
        positive = langevin([torch.randn(rows, latent)], 20, 0.5, posterior, noise=False)[0]
        negative = langevin([torch.randn(rows, latent)], 40, 0.5, prior)[0]
        for parameter in (*decoder.parameters(), *tilt.parameters()):
            parameter.requires_grad_(True)

        generator_optimizer.zero_grad()
        logits = decoder(positive, before, 0.2)
        surprise(logits, targets, weight).sum(1).mean().backward()
        nn.utils.clip_grad_norm_(decoder.parameters(), 5)
        generator_optimizer.step()

        energy_optimizer.zero_grad()
        energy_positive, energy_negative = tilt(positive).mean(), tilt(negative).mean()
        gap = energy_positive - energy_negative
        gap.backward()
        nn.utils.clip_grad_norm_(tilt.parameters(), 1)
        energy_optimizer.step()

        wrong = ((logits.argmax(2) != targets) * weight).sum(1) / weight.sum(1)
        metrics = [wrong.mean(), energy_positive, energy_negative, gap]
        for z in (positive, negative):
            metrics += [z.std(), z.abs().max()]
        return torch.tensor([metric.item() for metric in metrics])

    def check():
        _, descended = energies(*make())
        start = torch.from_numpy(fixed_input(1, (rows, latent), 1))
        return [langevin([start], 5, 0.5, descended, noise=False)[0] - start]

    return Work(iteration, check)


def latent_diffusion_iteration():
    return latent_diffusion.points()


def latent_diffusion_text():
    return latent_diffusion.text()


def text_iteration_lstm():
    return text_iteration("lstm")


def text_iteration_gru():
    return text_iteration("gru")


class LanguageModel(nn.Module):
    def __init__(self, kind, weights, symbols, size=256):
        super().__init__()
        gates = (4 if kind == "lstm" else 3) * size
        next_bias, next_weight = weights.array(symbols), weights.array(symbols, size)
        own = {"bias": weights.array(gates), "input": weights.array(size, gates), "recurrent": weights.array(size, gates)}
        if kind == "gru":
            own["recurrentBias"] = weights.array(size)
        self.layer = recurrent_layer(kind, size, size, own)
        self.words = nn.Embedding(symbols, size)
        self.words.weight.data = torch.from_numpy(weights.array(symbols, size))
        self.next = parameter(nn.Linear(size, symbols), next_weight, next_bias)

    def forward(self, before, dropout=0.0):
        output, _ = self.layer(F.dropout(self.words(before), dropout))
        return self.next(F.dropout(output, dropout))


def language_model(kind="lstm"):
    symbols = 2002
    before, targets, weight = map(torch.from_numpy, sentences(32, symbols))
    model = LanguageModel(kind, Weights(), symbols)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def update():
        optimizer.zero_grad()
        nats = surprise(model(before, 0.5), targets, weight).sum() / weight.sum()
        nats.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
        return torch.tensor([nats.item(), norm.item()])

    @torch.no_grad()
    def check():
        return [surprise(LanguageModel(kind, Weights(), symbols)(before), targets, weight).sum(1).numpy()]

    return Work(update, check)


def language_model_gru():
    return language_model("gru")


def language_model_scores():
    symbols = 2002
    before, targets, weight = map(torch.from_numpy, sentences(32, symbols))
    model = LanguageModel("lstm", Weights(), symbols)

    @torch.no_grad()
    def scores():
        total = 0.0
        for _ in range(313):
            total += surprise(model(before), targets, weight).sum(1)[0].item()
        return torch.tensor([total])

    return Work(scores)


def digit_flow():
    return glow.Glow(Weights(), side=16, channels=1, levels=2, steps=4, width=32)


def flow_round_trip():
    flow = digit_flow()
    x, z = images(fixed_input(0, (64, 16, 16, 1), 2)), torch.from_numpy(fixed_input(1, (64, 256), 2))

    @torch.no_grad()
    def work():
        return [flow.log_density(x).numpy(), channels_last(flow.inverse(z))]

    return repeatable(work)


class DigitEnergy(nn.Module):
    """16x16 images in [-1, 1]: strides 1, 2, 2, then one 4x4 convolution over what is left, and an affine number."""

    def __init__(self):
        super().__init__()
        weights = Weights()
        shapes = [(3, 3, 1, 16), (4, 4, 16, 32), (4, 4, 32, 64), (4, 4, 64, 64)]
        places = [(1, 1), (2, 1), (2, 1), (4, 0)]
        for i, (shape, (stride, padding)) in enumerate(zip(shapes, places)):
            weight, bias = weights.affine(*shape)
            layer = nn.Conv2d(shape[2], shape[3], shape[0], stride, padding)
            setattr(self, f"layer{i}", parameter(layer, channels_first(weight), bias))
        self.head = linear(weights.affine(64, 1))

    def forward(self, x):
        for layer in (self.layer0, self.layer1, self.layer2, self.layer3):
            x = F.silu(layer(x))
        return self.head(x.flatten(1)).squeeze(1)


def flow_transition():
    flow, tilt = digit_flow(), DigitEnergy()
    start = torch.from_numpy(fixed_input(0, (64, 256), 2))

    def energy(z):
        u = (torch.sigmoid(flow.inverse(z)) - 0.05) / 0.9
        return 0.5 * z.square().sum(1) + tilt(2 * u - 1)

    def slope(z):
        z = z.detach().requires_grad_(True)
        value = energy(z)
        return value.detach(), torch.autograd.grad(value.sum(), z)[0]

    state = (start, *slope(start))

    def transition():
        nonlocal state
        z, value, gradient = state
        momentum = torch.randn_like(z)
        before = value + 0.5 * momentum.square().sum(1)
        step = 0.1 * (0.9 + 0.2 * torch.rand(len(z), 1))
        at, p, here, force = z, momentum - step / 2 * gradient, value, gradient
        for _ in range(5):
            at = at + step * p
            here, force = slope(at)
            p = p - step * force
        p = p + step / 2 * force
        accepted = torch.rand(len(z)) < (before - here - 0.5 * p.square().sum(1)).exp()
        state = (
            torch.where(accepted[:, None], at, z),
            torch.where(accepted, here, value),
            torch.where(accepted[:, None], force, gradient),
        )
        return state[1]

    return Work(transition, lambda: [slope(start)[1]])


class InceptionOperators:
    """Average pools that divide by the number of real cells, as the FID network has them."""

    average = staticmethod(lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
    largest = staticmethod(lambda x, stride: F.max_pool2d(x, 3, stride, padding=1 if stride == 1 else 0))
    concat = staticmethod(lambda parts: torch.cat(parts, 1))
    mean = staticmethod(lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1))


def normalised(weight):
    """A convolution and its batch norm that changes nothing, as evaluation mode computes it."""
    height, width, fan_in, fan_out = weight.shape
    convolution = nn.Conv2d(fan_in, fan_out, (height, width), bias=False)
    convolution.weight.data = torch.from_numpy(channels_first(weight).copy())
    norm = nn.BatchNorm2d(fan_out, eps=0.001)
    norm.running_var.fill_(1 - 0.001)
    return convolution, norm.eval()


@torch.no_grad()
def inception_features():
    filters = inception.Filters(normalised)
    observed = images(inception.inputs())

    def convolve(name, x, i, o, h, w, stride, padded):
        convolution, norm = filters.of(name, i, o, h, w)
        convolution.stride, convolution.padding = (stride, stride), (h // 2, w // 2) if padded else (0, 0)
        return F.relu(norm(convolution(x)), inplace=True)

    @torch.no_grad()
    def work():
        return [inception.forward(convolve, InceptionOperators, observed).numpy()]

    return repeatable(work)


def random_normals():
    return Work(lambda: torch.randn(1_000_000))


def small_call():
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])

    def calls():
        for _ in range(5000):
            y = x * 2 + 1
            y[0].item()
        return [y]

    return repeatable(calls)


class TranslationEnergy(nn.Module):
    """28x28 images: three 4x4 convolutions of stride 2 with leaky units, then an affine number."""

    def __init__(self, weights):
        super().__init__()
        layers = []
        for shape in ((4, 4, 1, 32), (4, 4, 32, 64), (4, 4, 64, 64)):
            weight, bias = weights.affine(*shape)
            convolution = nn.Conv2d(shape[2], shape[3], 4, stride=2, padding=1)
            layers += [parameter(convolution, channels_first(weight), bias), Leaky()]
        weight, bias = weights.affine(3 * 3 * 64, 1)
        rows = weight.reshape(3, 3, 64).transpose(2, 0, 1).reshape(-1, 1)
        self.layers = nn.Sequential(*layers, nn.Flatten(), linear((rows, bias)))

    def forward(self, x):
        return self.layers(x).squeeze(1)


class DigitTranslator(nn.Module):
    """Images to images: 16 channels at full size, two residual blocks of 32 at half of it, instance normalisation."""

    def __init__(self, weights):
        super().__init__()

        def convolution(kernel, inputs, outputs, stride=1):
            weight, bias = weights.affine(kernel, kernel, inputs, outputs)
            layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1)
            return parameter(layer, channels_first(weight), bias)

        def norm(channels):
            offset, scale = weights.array(channels), weights.array(channels)
            return parameter(nn.InstanceNorm2d(channels, affine=True), scale, offset)

        def block():
            layers = [convolution(3, 32, 32), norm(32), nn.ReLU(), convolution(3, 32, 32), norm(32)]
            return nn.Sequential(*layers)

        self.down = nn.Sequential(
            *[convolution(3, 1, 16), norm(16), nn.ReLU()], *[convolution(4, 16, 32, 2), norm(32), nn.ReLU()]
        )
        self.blocks = nn.ModuleList([block(), block()])
        self.up = nn.Sequential(
            *[nn.Upsample(scale_factor=2), convolution(3, 32, 16), norm(16), nn.ReLU()],
            *[convolution(3, 16, 1), nn.Tanh()],
        )

    def forward(self, x):
        x = self.down(x)
        for block in self.blocks:
            x = x + block(x)
        return self.up(x)


def cyclecoop_iteration():
    shape, steps = (32, 28, 28, 1), 15
    x, y = (images(fixed_input(i, shape, 1)) for i in (0, 1))

    def networks():
        weights = Weights()
        return TranslationEnergy(weights), TranslationEnergy(weights), DigitTranslator(weights), DigitTranslator(weights)

    def descend(energy, x, noise=True):
        return clamped_langevin(energy, x, steps, drift=1, limit=0.05, noise=0.02 if noise else 0)

    energy_x, energy_y, to_x, to_y = networks()
    adam = lambda rate, *parts: torch.optim.Adam([p for part in parts for p in part.parameters()], rate, (0.5, 0.999))
    optimizers = {energy_x: adam(3e-4, energy_x), energy_y: adam(3e-4, energy_y)}
    translators = adam(5e-4, to_x, to_y)

    def iteration():
        made_y, made_x = to_y(x), to_x(y)
        revised_y, revised_x = descend(energy_y, made_y.detach()), descend(energy_x, made_x.detach())
        metrics = []
        for energy, data, revised in ((energy_x, x, revised_x), (energy_y, y, revised_y)):
            optimizers[energy].zero_grad()
            gap = energy(data).mean() - energy(revised).mean()
            gap.backward()
            optimizers[energy].step()
            metrics.append(gap)
        translators.zero_grad()
        teaching = (made_y - revised_y).square().mean() + (made_x - revised_x).square().mean()
        cycle = (to_x(made_y) - x).abs().mean() + (to_y(made_x) - y).abs().mean()
        loss = 5.56 * teaching + cycle
        loss.backward()
        translators.step()
        return torch.tensor([metric.item() for metric in [loss, teaching, cycle, *metrics]])

    def check():
        _, energy_y, _, to_y = networks()
        with torch.no_grad():
            made = to_y(x)
        return [channels_last(made), channels_last(descend(energy_y, made, noise=False))]

    return Work(iteration, check)


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
    "mnist-iteration": mnist_iteration,
    "joint-iteration": joint_iteration,
    "latent-diffusion-iteration": latent_diffusion_iteration,
    "latent-diffusion-text": latent_diffusion_text,
    "persistent-iteration": persistent_iteration,
    "cyclecoop-iteration": cyclecoop_iteration,
    "lstm-gradients": lstm_gradients,
    "gru-gradients": gru_gradients,
    "text-iteration-lstm": text_iteration_lstm,
    "text-iteration-gru": text_iteration_gru,
    "language-model": language_model,
    "language-model-gru": language_model_gru,
    "language-model-scores": language_model_scores,
    "flow-round-trip": flow_round_trip,
    "flow-transition": flow_transition,
    "inception-features": inception_features,
    "random-normals": random_normals,
    "small-call": small_call,
}

if __name__ == "__main__":
    name, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    serve(f"PyTorch {torch.__version__}, eager", torch.get_num_threads(), name, CASES[name]())
