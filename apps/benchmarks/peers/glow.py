"""The flow of the flow cases in PyTorch, the way its users write it: Glow with bounded scales, images channels first."""

import math

import torch
import torch.nn.functional as F


def convolution(affine):
    """[h, w, in, out] becomes torch's [out, in, h, w]; "same" padding of odd kernels."""
    weight, bias = affine
    kernel = torch.from_numpy(weight.transpose(3, 2, 0, 1).copy())
    return lambda x: F.conv2d(x, kernel, torch.from_numpy(bias), padding=weight.shape[0] // 2)


def per_channel(array):
    return torch.from_numpy(array)[:, None, None]


def bounded(raw, bound):
    return bound * torch.tanh(raw / bound)


def total(x):
    return x.flatten(1).sum(1)


class Actnorm:
    def __init__(self, weights, channels):
        self.log_scale, self.shift = (per_channel(weights.array(channels)) for _ in range(2))

    def forward(self, x):
        return (x + self.shift) * self.log_scale.exp(), self.log_scale.sum() * x[0, 0].numel()

    def inverse(self, z):
        return z * (-self.log_scale).exp() - self.shift


class Linear:
    """W = P L (U + diag(exp)), with P the reversal."""

    def __init__(self, weights, channels):
        weights.made += 2  # the permutation and the signs, which are not the formula's
        self.factors = torch.from_numpy(weights.array(channels, channels))

    def matrix(self):
        lower = self.factors.tril(-1) + torch.eye(len(self.factors))
        return (lower @ (self.factors.triu(1) + self.factors.diagonal().exp().diag())).flip(0)

    def forward(self, x):
        log_det = self.factors.diagonal().sum() * x[0, 0].numel()
        return F.conv2d(x, self.matrix()[:, :, None, None]), log_det

    def inverse(self, z):
        return F.conv2d(z, self.matrix().inverse()[:, :, None, None])


class Coupling:
    def __init__(self, weights, channels, width):
        half = channels // 2
        self.first = convolution(weights.affine(3, 3, half, width))
        self.last = convolution(weights.affine(3, 3, width, channels))
        self.output_scale = per_channel(weights.array(channels))
        self.second = convolution(weights.affine(1, 1, width, width))

    def parameters_of(self, a):
        raw = self.last(F.relu(self.second(F.relu(self.first(a))))) * (3 * self.output_scale).exp()
        return raw[:, 0::2], bounded(raw[:, 1::2], 1)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        shift, log_scale = self.parameters_of(a)
        return torch.cat([a, (b + shift) * log_scale.exp()], 1), total(log_scale)

    def inverse(self, z):
        a, b = z.chunk(2, 1)
        shift, log_scale = self.parameters_of(a)
        return torch.cat([a, b * (-log_scale).exp() - shift], 1)


def squeeze(x):
    batch, channels, height, width = x.shape
    blocks = x.view(batch, channels, height // 2, 2, width // 2, 2)
    return blocks.permute(0, 3, 5, 1, 2, 4).reshape(batch, 4 * channels, height // 2, width // 2)


def unsqueeze(z):
    batch, channels, height, width = z.shape
    blocks = z.view(batch, 2, 2, channels // 4, height, width)
    return blocks.permute(0, 3, 4, 1, 5, 2).reshape(batch, channels // 4, 2 * height, 2 * width)


def rows(x):
    """Numbers of an image in the order of [h, w, channels]."""
    return x.permute(0, 2, 3, 1).flatten(1)


def image(z, channels, side):
    return z.view(-1, side, side, channels).permute(0, 3, 1, 2)


class Glow:
    """Levels of squeeze, steps, and a split; after the last one activation normalisation."""

    def __init__(self, weights, side, channels, levels, steps, width):
        self.side, self.channels = side // 2, 4 * channels
        self.steps = [
            part
            for _ in range(steps)
            for part in (
                Actnorm(weights, self.channels),
                Linear(weights, self.channels),
                Coupling(weights, self.channels, width),
            )
        ]
        self.rest = None
        if levels == 1:
            self.steps.append(Actnorm(weights, self.channels))
        else:
            self.gaussian = convolution(weights.affine(3, 3, self.channels // 2, self.channels))
            self.rest = Glow(weights, self.side, self.channels // 2, levels - 1, steps, width)

    def early(self, a):
        mean, raw = self.gaussian(a).chunk(2, 1)
        return mean, bounded(raw, 2)

    def forward(self, x):
        x, log_det = squeeze(x), torch.zeros(len(x))
        for step in self.steps:
            x, more = step.forward(x)
            log_det = log_det + more
        if self.rest is None:
            return rows(x), log_det
        a, b = x.chunk(2, 1)
        mean, log_sd = self.early(a)
        z, more = self.rest.forward(a)
        return torch.cat([rows((b - mean) * (-log_sd).exp()), z], 1), log_det - total(log_sd) + more

    def inverse(self, z):
        if self.rest is None:
            x = image(z, self.channels, self.side)
        else:
            half = self.channels // 2
            noise, on = z.split([half * self.side**2, z.shape[1] - half * self.side**2], 1)
            a = self.rest.inverse(on)
            mean, log_sd = self.early(a)
            x = torch.cat([a, image(noise, half, self.side) * log_sd.exp() + mean], 1)
        for step in reversed(self.steps):
            x = step.inverse(x)
        return unsqueeze(x)

    def log_density(self, x):
        z, log_det = self.forward(x)
        return log_det - 0.5 * z.square().sum(1) - z.shape[1] / 2 * math.log(2 * math.pi)
