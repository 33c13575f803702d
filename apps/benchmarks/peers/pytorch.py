"""The cases of this folder in PyTorch, eager, the way its users write them: `python pytorch.py CASE THREADS`.

Speaks the protocol of src/protocol.ts: one JSON line when ready, then one line with a sample for every line read.
"""

import json
import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

try:
    import resource
except ImportError:  # Windows
    resource = None


class Activation(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.function = (lambda x: F.leaky_relu(x, 0.2)) if name == "leaky" else F.gelu

    def forward(self, x):
        return self.function(x)


def mlp(sizes, activation):
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        layers += ([Activation(activation)] if i else []) + [nn.Linear(fan_in, fan_out)]
    return nn.Sequential(*layers)


def langevin(z, steps, step_size, energy):
    """z' = z - step_size^2 / 2 * gradient + step_size * noise; `energy` gives the sum over the chains."""
    for _ in range(steps):
        z = z.detach().requires_grad_(True)
        gradient = torch.autograd.grad(energy(z), z)[0]
        z = z - step_size**2 / 2 * gradient + step_size * torch.randn_like(z)
    return z.detach()


def latent_chain(activation="leaky"):
    tilt = mlp([100, 200, 200, 1], activation)
    start = torch.randn(100, 100)
    return lambda: langevin(start, 60, 0.4, lambda z: tilt(z).sum() + 0.5 * z.square().sum())


def latent_chain_gelu():
    return latent_chain("gelu")


class ConvEnergy(nn.Module):
    """Strides 1, 2, 2 with "same" padding. Torch's own images are channels first."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 64, 4, stride=2, padding=1)
        self.third = nn.Conv2d(64, 128, 4, stride=2, padding=1)
        self.head = nn.Linear(7 * 7 * 128, 1)

    def forward(self, x):
        for layer in (self.first, self.second, self.third):
            x = F.leaky_relu(layer(x), 0.2)
        return self.head(x.flatten(1)).squeeze(1)


def conv_gradient():
    energy = ConvEnergy()
    images = torch.randn(64, 1, 28, 28)

    def gradient():
        x = images.detach().requires_grad_(True)
        return torch.autograd.grad(energy(x).sum(), x)[0]

    return gradient


def learning_iteration():
    batch, latent, sigma = 100, 16, 0.3
    generator = nn.Sequential(mlp([latent, 128, 256, 784], "leaky"), nn.Tanh())
    energy = mlp([latent, 64, 64, 1], "leaky")
    generator_optimizer = torch.optim.Adam(generator.parameters(), 3e-4)
    energy_optimizer = torch.optim.Adam(energy.parameters(), 1e-4)
    images = torch.rand(batch, 784) * 2 - 1

    def prior(z):
        return energy(z).sum() + 0.5 * z.square().sum()

    def posterior(z):
        return prior(z) + (images - generator(z)).square().sum() / (2 * sigma**2)

    def iteration():
        positive = langevin(torch.randn(batch, latent), 20, 0.1, posterior)
        negative = langevin(torch.randn(batch, latent), 60, 0.4, prior)

        generator_optimizer.zero_grad()
        reconstruction = (images - generator(positive)).square().sum(1).mean()
        reconstruction.backward()
        generator_optimizer.step()

        energy_optimizer.zero_grad()
        energy_positive, energy_negative = energy(positive).mean(), energy(negative).mean()
        gap = energy_positive - energy_negative
        gap.backward()
        energy_optimizer.step()

        metrics = [reconstruction / 784, energy_positive, energy_negative, gap]
        for z in (positive, negative):
            metrics += [z.std(), z.abs().max()]
        return torch.tensor([metric.item() for metric in metrics])

    return iteration


def random_normals():
    return lambda: torch.randn(1_000_000)


def small_call():
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])

    def calls():
        for _ in range(500):
            y = x * 2 + 1
            y[0].item()
        return y

    return calls


CASES = {
    "latent-chain": latent_chain,
    "latent-chain-gelu": latent_chain_gelu,
    "conv-gradient": conv_gradient,
    "learning-iteration": learning_iteration,
    "random-normals": random_normals,
    "small-call": small_call,
}


def peak_mebibytes():
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def say(message):
    print(json.dumps(message), flush=True)


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    call = CASES[name]()
    started = time.perf_counter()
    value = call().flatten()[0].item()
    first = time.perf_counter() - started
    if not math.isfinite(value):
        raise ArithmeticError(f"the case {name} gave {value}")
    say({"about": f"PyTorch {torch.__version__}, eager", "threads": torch.get_num_threads(), "firstCallMs": first * 1e3})
    for line in sys.stdin:
        request = json.loads(line)
        if request["warm"]:
            call()
        started = time.perf_counter()
        for _ in range(request["calls"]):
            call()
        ms = (time.perf_counter() - started) / request["calls"] * 1e3
        say({"ms": ms, "peakMiB": peak_mebibytes()})


main()
