"""Golden numbers for keys and draws, from an implementation of its own (plain Python integers, standard library only).

Run:  python3 packages/tensor/test/golden/golden.py > packages/tensor/test/golden/golden.json
"""

import json
import math
import struct

MASK = 0xFFFFFFFF


def rotl(x, r):
    return ((x << r) | (x >> (32 - r))) & MASK


def threefry(key, counter):
    ks = [key[0], key[1], 0x1BD11BDA ^ key[0] ^ key[1]]
    x0, x1 = (counter[0] + ks[0]) & MASK, (counter[1] + ks[1]) & MASK
    for block, rotations in enumerate([(13, 15, 26, 6), (17, 29, 16, 24)] * 2 + [(13, 15, 26, 6)], start=1):
        for r in rotations:
            x0 = (x0 + x1) & MASK
            x1 = rotl(x1, r) ^ x0
        x0 = (x0 + ks[block % 3]) & MASK
        x1 = (x1 + ks[(block + 1) % 3] + block) & MASK
    return x0, x1


def key(seed):
    bits = seed % 2**64
    return bits & MASK, bits >> 32


def derive(words, path):
    return threefry(words, (path & MASK, path >> 32))


def stream(words, block=0):
    s = list(threefry(words, (2 * block, 1 << 31)) + threefry(words, (2 * block + 1, 1 << 31)))
    while True:
        yield (rotl((s[0] + s[3]) & MASK, 7) + s[0]) & MASK
        t = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)


def float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def by_blocks(words, n, fill):
    return [x for block in range(-(-n // 256)) for x in fill(stream(words, block), min(256, n - 256 * block))]


def bits(x):
    return struct.unpack("I", struct.pack("f", x))[0]


def uniform(words, n):
    return by_blocks(words, n, lambda s, m: [(next(s) >> 8) / 2**24 for _ in range(m)])


def permutation(words, n):
    s = stream(words)
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        limit = 2**32 // (i + 1) * (i + 1)
        word = next(s)
        while word >= limit:
            word = next(s)
        j = word % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order


def f(x):
    return math.exp(-x * x / 2)


R = 3.6541528853610088
AREA = R * f(R) + math.sqrt(math.pi / 2) * math.erfc(R / math.sqrt(2))
X = [AREA / f(R), R]
while len(X) < 256:
    X.append(math.sqrt(-2 * math.log(f(X[-1]) + AREA / X[-1])))
X.append(0.0)


def normal(words, n):
    slow = 0

    def fill(s, m):
        nonlocal slow
        unit = lambda: (next(s) + 0.5) / 2**32
        out = []
        while len(out) < m:
            word = next(s)
            layer = word & 255
            signed = (word >> 8) - (2**24 if word >> 31 else 0)
            x = float32((signed + 0.5) * float32(X[layer] / 2**23))
            if abs(x) < X[layer + 1]:
                out.append(x)
                continue
            slow += 1
            if layer == 0:
                while True:
                    a, b = -math.log(unit()) / R, -math.log(unit())
                    if 2 * b > a * a:
                        break
                out.append(float32(math.copysign(R + a, x)))
            elif f(X[layer]) + unit() * (f(X[layer + 1]) - f(X[layer])) < f(x):
                out.append(x)
        return out

    return by_blocks(words, n, fill), slow


k = key(0)
normals, slow = normal(key(7), 20000)
print(
    json.dumps(
        {
            "words": {str(seed): key(seed) for seed in [0, 1, -1, 2**53 - 1, -(2**53 - 1)]},
            "fold": {str(i): derive(k, i) for i in [0, 1, 2, 1000, 2**32 + 5]},
            "split": [derive(k, 2**52 + i) for i in range(3)],
            "uniform": {"first": uniform(k, 8), "sumOfBits": sum(map(bits, uniform(k, 1000))) & MASK},
            "permutation": permutation(k, 20),
            "normal": {"first": normals[:8], "sumOfBits": sum(map(bits, normals)) & MASK, "slow": slow},
        },
        indent=2,
    )
)
