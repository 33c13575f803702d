/**
 * Damaged or malicious torch files: each is refused by name, or read, in bounded time and memory.
 */
import { ValidationError } from "@ergodic/tensor";
import { expect, it } from "vitest";
import { readZip, writeZip } from "@ergodic/formats";
import { weightsIn } from "../../src/weights/weights-in.js";
import { legacy, zipped } from "./torch-files.js";

/** A zip archive of `torch.save` around this pickle. */
const around = (pickle: Uint8Array): Uint8Array => writeZip(new Map([["a/data.pkl", pickle]]));
const pickle = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const TWO = "\x80\x02";
const times = (count: number, part: string): string => part.repeat(count);

/**
 * A call of torch's rebuilding function up to the shape: the storage "0" of four floats from
 * position 0.
 */
const storage = "(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ";
const rebuild = (rest: string) => `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\0${rest}`;
const noHooks = "\x89ccollections\nOrderedDict\n)RtR";

it.each<[string, Uint8Array, RegExp]>([
  [
    "a text of negative length",
    pickle(TWO, "X", [0xfb, 0xff, 0xff, 0xff], "."),
    /ends inside its pickle, in the instruction at byte 2,/,
  ],
  [
    "a text longer than the file",
    pickle(TWO, "X", [0xff, 0xff, 0xff, 0x7f], "a."),
    /ends inside its pickle, in the instruction at byte 2,/,
  ],
  ["a text that is no UTF-8", pickle(TWO, "U\x01\xff."), /a text that is no UTF-8 at byte 2,/],
  ["a number cut off", pickle(TWO, "J\x01"), /ends inside its pickle, in the instruction at byte 2,/],
  ["a name without its end", pickle(TWO, "ctorch"), /ends inside its pickle, in the instruction at byte 2,/],
  ["no end", pickle(TWO, "}"), /ends inside its pickle, in the instruction at byte 3,/],
  ["nothing", pickle(), /ends inside its pickle, in the instruction at byte 0,/],
  ["an end without a value", pickle(TWO, "."), /without its values at byte 2,/],
  ["an end at a mark", pickle(TWO, "(."), /without its values at byte 3,/],
  ["a tuple that takes a mark", pickle(TWO, "(\x85."), /without its values at byte 3,/],
  ["a mark that is remembered", pickle(TWO, "(q\0."), /without its values at byte 3,/],
  ["a tuple without its mark", pickle(TWO, "K\x01t."), /without its mark at byte 4,/],
  ["an empty place of memory", pickle(TWO, "h\x05."), /place 5 of its memory, which is empty at byte 2,/],
  ["an item for no list", pickle(TWO, "}K\x01a."), /on something else than its Array at byte 5,/],
  ["an item for no dictionary", pickle(TWO, "]K\x01K\x02s."), /on something else than its Map at byte 7,/],
  ["a name without its value", pickle(TWO, "}(K\x01u."), /a name without a value at byte 6,/],
  ["an instruction of another protocol", pickle(TWO, "\x95."), /pickle instruction 0x95 at byte 2,/],
  ["another protocol", pickle("\x80\x04."), /protocol 4 at byte 0, expected protocol 2/],
  ["a call of a number", pickle(TWO, "K\x01)R."), /a tensor described in an unknown way.* at byte 5,/],
  [
    "a call of a list of numbers",
    pickle(TWO, "ccollections\nOrderedDict\nK\x01R."),
    /a tensor described in an unknown way/,
  ],
  ["a function", pickle(TWO, "cos\nsystem\n."), /byte 2 of .* refers to os\.system, expected plain tensors alone/],
  ["a function with a long name", pickle(TWO, `c${times(1e6, "o")}\nsystem\n.`), /refers to "o{57}\.\.\.", expected/],
  ["a name of an object's own", pickle(TWO, "cconstructor\n\n."), /refers to constructor\., expected/],
  [
    "numbers of a negative count",
    pickle(TWO, storage.replace("K\x04", "J\xff\xff\xff\xff"), "."),
    /numbers described in an unknown way/,
  ],
  [
    "numbers described twice",
    pickle(TWO, storage, storage.replace("K\x04", "K\x05"), "\x86."),
    /numbers described in an unknown way/,
  ],
  [
    "a negative side",
    pickle(TWO, rebuild(`J\xff\xff\xff\xff\x85K\x01\x85${noHooks}`), "."),
    /a tensor described in an unknown way/,
  ],
  [
    "a shape beyond its numbers",
    pickle(TWO, rebuild(`K\x05\x85K\x01\x85${noHooks}`), "."),
    /reaches beyond its numbers at byte/,
  ],
  [
    "strides beyond its numbers",
    pickle(TWO, rebuild(`K\x02\x85J\xff\xff\xff\x7f\x85${noHooks}`), "."),
    /reaches beyond its numbers at byte/,
  ],
  [
    "other counts of sides and strides",
    pickle(TWO, rebuild(`K\x02\x85)${noHooks}`), "."),
    /a tensor described in an unknown way/,
  ],
  ["a number alone", pickle(TWO, "K\x01."), /holds something else than named tensors/],
  ["a list that holds itself", pickle(TWO, "]q\0h\0a."), /holds something else than named tensors/],
  ["tuples in tuples", pickle(TWO, `K\x01${times(500_000, "\x85")}.`), /holds something else than named tensors/],
  [
    "doubled memory, thirty thousand times",
    pickle(TWO, `)q\0${times(30_000, "h\0h\0\x86q\0")}.`),
    /something else than named tensors/,
  ],
  [
    "more items than a call takes",
    pickle(TWO, `](${times(500_000, "K\x01")}e.`),
    /holds something else than named tensors/,
  ],
  [
    "millions of dictionaries",
    pickle(TWO, times(2_000_000, "}"), "."),
    /more than 1048576 pickle instructions at byte 1048577,/,
  ],
  [
    "a shape of more axes than a tensor has",
    pickle(TWO, rebuild(`(${times(65, "K\x01")}tq\x01h\x01${noHooks}`), "."),
    /a tensor described in an unknown way/,
  ],
])("refuses %s", async (_, bytes, message) => {
  const error: unknown = await weightsIn(around(bytes), "x.pth").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toContain("x.pth");
  expect((error as Error).message.length).toBeLessThan(400);
});

/** Whole numbers below `n`, the same in each run (xorshift32). */
function drawn(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/**
 * One to four changes: a byte, a cut, a repeated part, a missing part, or four bytes as a length of
 * any sign.
 */
function mutated(bytes: Uint8Array, draw: (n: number) => number): Uint8Array {
  let now = Buffer.from(bytes);
  for (let left = 1 + draw(4); left > 0 && now.length > 8; left--) {
    const [at, length] = [draw(now.length - 4), 1 + draw(40)];
    const way = draw(5);
    if (way === 0) now[at] = draw(256);
    if (way === 1 && draw(4) === 0) now = now.subarray(0, at);
    if (way === 2) now = Buffer.concat([now.subarray(0, at + length), now.subarray(at)]);
    if (way === 3) now = Buffer.concat([now.subarray(0, at), now.subarray(at + length)]);
    if (way === 4) now.writeInt32LE([-1, -5, 0x7fffffff, -0x80000000, 0][draw(5)]!, at);
  }
  return now;
}

it.each<[string, (draw: (n: number) => number) => Promise<Uint8Array>]>([
  ["in the old layout", (draw) => Promise.resolve(mutated(legacy, draw))],
  ["in the zip layout", (draw) => Promise.resolve(mutated(zipped, draw))],
  [
    "in the zip layout, whose pickle alone is changed",
    async (draw) => {
      const members = await Promise.all(
        [...readZip(zipped, "good.pth")].map(async ([name, content]) => [name, await content()] as const),
      );
      return writeZip(
        new Map(members.map(([name, content]) => [name, name.endsWith("data.pkl") ? mutated(content, draw) : content])),
      );
    },
  ],
])("names what is wrong with each of 400 changed files %s, or reads it", async (_, make) => {
  const draw = drawn(20_240_817);
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    const bytes = await make(draw);
    const error: unknown = await weightsIn(bytes, "changed.pth").then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) continue;
    refused += 1;
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toContain("changed.pth");
  }
  // Changes in names and numbers leave a valid file.
  expect(refused).toBeGreaterThan(200);
});
