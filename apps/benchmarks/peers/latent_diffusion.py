"""Latent diffusion with symbols in PyTorch, as in the released code of arXiv 2206.05895, with spectral norms once an update."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from common import Weights, Work, fixed_input, numbers, recovery_ladder


class SymbolNetwork(nn.Module):
    """Logits of symbols at a level; every affine map has spectral norm 1."""

    def __init__(self, latent, symbols, width=64, blocks=4):
        super().__init__()
        weights, self.u, self.width, self.blocks = Weights(), {}, width, blocks
        self.arrays = nn.ParameterDict()
        sizes = {"level1": (width, width), "level2": (width, width), "merge": (2 * width, width)}
        sizes.update({"point1": (latent, width), "point2": (width, width)})
        sizes.update({f"block{i}": (width, width) for i in range(blocks)})
        sizes["head"] = (width, symbols)
        for name, (inputs, outputs) in sizes.items():
            self.u[name] = torch.from_numpy(weights.array(outputs, 1))
            self.arrays[name + "_bias"] = nn.Parameter(torch.from_numpy(weights.array(outputs)))
            self.arrays[name] = nn.Parameter(torch.from_numpy(weights.array(inputs, outputs)))

    def directions(self, name):
        matrix = self.arrays[name]
        with torch.no_grad():
            left = F.normalize(matrix @ self.u[name], dim=0)
            return left, F.normalize(matrix.T @ left, dim=0)

    def normed(self):
        """Weights over their norms by one power iteration. Chains use them for all of their steps."""
        weights = {}
        for name in self.u:
            left, right = self.directions(name)
            weights[name] = self.arrays[name] / (left * (self.arrays[name] @ right)).sum()
        return weights

    def refresh(self):
        for name in self.u:
            self.u[name] = self.directions(name)[1]

    def embed(self, levels, weights):
        half = self.width // 2
        angles = levels[:, None] * 10_000 ** (-torch.arange(half) / (half - 1))
        inside = torch.cat([angles.sin(), angles.cos()], 1)
        return self.dense(F.leaky_relu(self.dense(inside, "level1", weights), 0.2), "level2", weights)

    def dense(self, x, name, weights):
        return torch.addmm(self.arrays[name + "_bias"], x, weights[name])

    def forward(self, y, embedded, weights):
        point = self.dense(F.leaky_relu(self.dense(y, "point1", weights), 0.2), "point2", weights)
        r = self.dense(F.leaky_relu(torch.cat([point, embedded], 1), 0.2), "merge", weights)
        for i in range(self.blocks):
            r = r + self.dense(F.leaky_relu(r, 0.2), f"block{i}", weights)
        return self.dense(F.leaky_relu(r, 0.2), "head", weights)


def tables():
    """The ladder of six levels with b^2 = 2e-3 and a tilted top."""
    made = recovery_ladder()
    made["pull"] = 2e-3 * made["noise"][:6] / made["noise"][0]
    made["sizes"] = np.sqrt(made["pull"]) * made["step_noise"]
    made["centre"] = [1, 1, 1, 1, 1, 0]
    return {name: torch.tensor(table, dtype=torch.float32) for name, table in made.items()}


def update(network, parts, optimizers, steps, weights_of_terms, clips=(None, None)):
    """An update of all parts. `parts(z)` gives -log p(x | z) and the error; `parts.infer()` mean and log sd."""
    table = tables()
    divergence, information, symbol_weight = weights_of_terms

    def iteration():
        mean, log_sd = parts.infer()
        batch = mean.shape[0]
        z = mean + log_sd.exp() * torch.randn_like(mean)
        levels = torch.cat([torch.randint(5, (batch,)), torch.full((batch,), 5)])
        at = lambda name: table[name][levels][:, None]
        near = at("signal") * torch.cat([z, z]) + at("noise") * torch.randn(2 * batch, z.shape[1])
        far = (at("step_signal") * near + at("step_noise") * torch.randn_like(near)).detach()
        positive = at("scale") * near

        for parameter in network.parameters():
            parameter.requires_grad_(False)
        frozen = network.normed()
        embedded = network.embed(levels.float(), frozen)
        y, centre, pull, sizes = far, at("centre") * far, at("pull"), at("sizes")
        for _ in range(steps):
            y = y.detach().requires_grad_(True)
            gradient = torch.autograd.grad(network(y, embedded, frozen).logsumexp(1).sum(), y)[0]
            with torch.no_grad():
                y = y + 0.5 * gradient - 0.5 * pull * (y - centre) + sizes * torch.randn_like(y)
        y = y.detach()
        weight = table["weight"][levels]
        prior = -(weight * network(positive, embedded, frozen).logsumexp(1)).sum() / batch
        prior = prior + table["weight"][5] / 2 * near[batch:].square().sum() / batch
        entropy = (-0.5 - log_sd).sum(1).mean()

        for parameter in network.parameters():
            parameter.requires_grad_(True)
        live = network.normed()
        embedded = network.embed(levels.float(), live)
        both = network(torch.cat([positive.detach(), y]), torch.cat([embedded, embedded]), live).logsumexp(1)
        contrast = -(weight * (both[: 2 * batch] - both[2 * batch :])).sum() / batch
        bottom = table["scale"][0] * (table["signal"][0] * z + table["noise"][0] * torch.randn_like(z))
        level = network.embed(torch.zeros(batch), live)
        logs = network(bottom, level, live).log_softmax(1)
        shares = logs.exp().mean(0) + 1e-15
        mutual = -(shares * shares.log()).sum() + (logs.exp() * logs).sum(1).mean()
        cross = F.nll_loss(logs, parts.labels)
        surprise, error = parts(z)
        loss = surprise + divergence * (prior + entropy + contrast) - information * mutual + symbol_weight * cross
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer, clip in zip(optimizers, clips):
            if clip is not None:
                nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], clip)
            optimizer.step()
        network.refresh()
        metrics = [surprise, error, prior, entropy, contrast, mutual, cross, z.std(), y.abs().max()]
        return torch.tensor([metric.item() for metric in metrics])

    return iteration


def slope(latent, symbols):
    """The gradient of the coupled energy at fixed latents and levels."""
    network = SymbolNetwork(latent, symbols)
    y = torch.from_numpy(fixed_input(0, (64, latent), 3)).requires_grad_(True)
    weights = network.normed()
    energy = -network(y, network.embed(torch.arange(64).remainder(6).float(), weights), weights).logsumexp(1)
    return [torch.autograd.grad(energy.sum(), y)[0]]


class Points(nn.Module):
    """Encoder and decoder of points: 256 of them, widths of 128."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 128), nn.ReLU(), nn.Linear(128, 2))
        self.x = torch.from_numpy(fixed_input(0, (256, 2), 10))
        self.labels = torch.arange(256).remainder(16)

    def infer(self):
        return self.encoder(self.x).chunk(2, 1)

    def forward(self, z):
        squares = (self.decoder(z) - self.x).square()
        return 0.5 * squares.sum(1).mean() + np.log(2 * np.pi), squares.mean()


def points():
    network, parts = SymbolNetwork(2, 16), Points()
    optimizers = [torch.optim.Adam(parts.parameters(), 1e-3), torch.optim.Adam(network.parameters(), 1e-4)]
    return Work(update(network, parts, optimizers, 20, (1, 0.05, 0.05)), lambda: slope(2, 16))


class Sentences(nn.Module):
    """128 sentences of 8 places and 62 symbols: GRUs of 64, embeddings of 32, latents of 8."""

    def __init__(self):
        super().__init__()
        drawn = numbers(150, (128, 8), 1).astype(np.float64)
        tokens = 1 + np.floor((drawn + 1) / 2 * 61).astype(np.int64)
        tokens[:, 7] = 0
        self.tokens = torch.from_numpy(tokens)
        self.before = F.pad(self.tokens[:, :-1], (1, 0))
        self.labels = torch.arange(128).remainder(4)
        self.words = nn.Embedding(62, 32)
        self.encoder = nn.GRU(32, 64, batch_first=True, bidirectional=True)
        self.head = nn.Linear(128, 16)
        self.written = nn.Embedding(62, 32)
        self.decoder = nn.GRU(40, 64, batch_first=True)
        self.start = nn.Linear(8, 64)
        self.next = nn.Linear(64, 62)

    def infer(self):
        _, last = self.encoder(self.words(self.tokens))
        return self.head(F.leaky_relu(torch.cat([last[0], last[1]], 1), 0.01)).chunk(2, 1)

    def forward(self, z):
        words = self.written(self.before) * (torch.rand(128, 8, 1) >= 0.4)
        inputs = torch.cat([words, z[:, None].expand(-1, 8, -1)], 2)
        logits = self.next(self.decoder(inputs, self.start(z)[None])[0])
        lost = F.cross_entropy(logits.flatten(0, 1), self.tokens.flatten(), reduction="sum") / 128
        return lost, (logits.argmax(2) != self.tokens).float().mean()


def text():
    network, parts = SymbolNetwork(8, 4), Sentences()
    optimizers = [torch.optim.Adam(parts.parameters(), 3e-3), torch.optim.Adam(network.parameters(), 3e-4)]
    return Work(update(network, parts, optimizers, 40, (0.3, 0.5, 1), (5, 10)), lambda: slope(8, 4))
