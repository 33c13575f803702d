"""The FID Inception network over any framework's operators; its table stands in packages/evaluation/src/inception/layers.ts."""

import numpy as np

from common import FIRST_INPUT, numbers

SIDE, IMAGES = 299, 8


def block_a(channels, pooled):
    return lambda c, x, ops: ops.concat([
        c("branch1x1", x, channels, 64, 1, 1),
        c("branch5x5_2", c("branch5x5_1", x, channels, 48, 1, 1), 48, 64, 5, 5),
        c("dbl_3", c("dbl_2", c("dbl_1", x, channels, 64, 1, 1), 64, 96, 3, 3), 96, 96, 3, 3),
        c("branch_pool", ops.average(x), channels, pooled, 1, 1),
    ])


def block_b(c, x, ops):
    return ops.concat([
        c("branch3x3", x, 288, 384, 3, 3, 2),
        c("dbl_3", c("dbl_2", c("dbl_1", x, 288, 64, 1, 1), 64, 96, 3, 3), 96, 96, 3, 3, 2),
        ops.largest(x, 2),
    ])


def block_c(n):
    def block(c, x, ops):
        point = c("branch1x1", x, 768, 192, 1, 1)
        y = c("7x7_3", c("7x7_2", c("7x7_1", x, 768, n, 1, 1), n, n, 1, 7), n, 192, 7, 1)
        z = c("dbl_3", c("dbl_2", c("dbl_1", x, 768, n, 1, 1), n, n, 7, 1), n, n, 1, 7)
        z = c("dbl_5", c("dbl_4", z, n, n, 7, 1), n, 192, 1, 7)
        pooled = c("branch_pool", ops.average(x), 768, 192, 1, 1)
        return ops.concat([point, y, z, pooled])

    return block


def block_d(c, x, ops):
    y = c("3x3_2", c("3x3_1", x, 768, 192, 1, 1), 192, 320, 3, 3, 2)
    z = c("7x7x3_3", c("7x7x3_2", c("7x7x3_1", x, 768, 192, 1, 1), 192, 192, 1, 7), 192, 192, 7, 1)
    return ops.concat([y, c("7x7x3_4", z, 192, 192, 3, 3, 2), ops.largest(x, 2)])


def block_e(channels, pool):
    def block(c, x, ops):
        point = c("branch1x1", x, channels, 320, 1, 1)
        single = c("3x3_1", x, channels, 384, 1, 1)
        singles = [c("3x3_2a", single, 384, 384, 1, 3), c("3x3_2b", single, 384, 384, 3, 1)]
        double = c("dbl_2", c("dbl_1", x, channels, 448, 1, 1), 448, 384, 3, 3)
        doubles = [c("dbl_3a", double, 384, 384, 1, 3), c("dbl_3b", double, 384, 384, 3, 1)]
        pooled = ops.average(x) if pool == "average" else ops.largest(x, 1)
        return ops.concat([point, *singles, *doubles, c("branch_pool", pooled, channels, 192, 1, 1)])

    return block


BLOCKS = [
    block_a(192, 32), block_a(256, 64), block_a(288, 64), block_b, block_c(128), block_c(160), block_c(160), block_c(192),
    block_d, block_e(1280, "average"), block_e(2048, "max"),
]


def forward(convolve, ops, images):
    """`convolve(name, x, in, out, height, width, stride, padded)` ends in a rectifier; images as the framework lays them out."""
    def named(prefix):
        return lambda name, x, i, o, h, w, stride=1: convolve(prefix + name, x, i, o, h, w, stride, stride == 1)

    x = convolve("1a", images, 3, 32, 3, 3, 2, False)
    x = convolve("2a", x, 32, 32, 3, 3, 1, False)
    x = ops.largest(convolve("2b", x, 32, 64, 3, 3, 1, True), 2)
    x = convolve("3b", x, 64, 80, 1, 1, 1, False)
    x = ops.largest(convolve("4a", x, 80, 192, 3, 3, 1, False), 2)
    for number, block in enumerate(BLOCKS):
        x = block(named(f"{number} "), x, ops)
    return ops.mean(x)


class Filters:
    """Weights [h, w, in, out] by name, made by `prepare` from arrays numbered in the order in which the network asks first."""

    def __init__(self, prepare):
        self.made, self.prepare = {}, prepare

    def of(self, name, i, o, h, w):
        if name not in self.made:
            self.made[name] = self.prepare(numbers(len(self.made), (h, w, i, o), np.sqrt(6 / (i * h * w))))
        return self.made[name]


def inputs():
    """Images [batch, side, side, 3] as the network sees them, in [-1, 1]."""
    return numbers(FIRST_INPUT, (IMAGES, SIDE, SIDE, 3), 1)
