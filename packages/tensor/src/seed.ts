/**
 * Turns a seed, such as `0`, `-3` or `"chains"`, into the 64 bits of a key.
 *
 * - Whole numbers keep their bits, in two's complement.
 * - Text is hashed with Threefry in Davies-Meyer mode.
 * - Nearby seeds give unrelated numbers, because every number of a key passes through Threefry.
 */
import { threefry2x32, type Words } from "./threefry.js";
import { describeValue, fail } from "./validation.js";

const lowest = -(2n ** 63n);
const highest = 2n ** 64n - 1n;

/** The initial value of the hash of a text: "ergodic!" as two words. */
const textStart: Words = [0x6572676f, 0x64696321];

function hashText(text: string): Words {
  const bytes = new TextEncoder().encode(text);
  const blocks = Math.ceil(bytes.length / 8);
  const padded = new DataView(new ArrayBuffer(blocks * 8));
  bytes.forEach((byte, i) => padded.setUint8(i, byte));
  let [h0, h1] = textStart;
  const absorb = (a: number, b: number): void => {
    const [c0, c1] = threefry2x32([a, b], [h0, h1]);
    [h0, h1] = [(h0 ^ c0) >>> 0, (h1 ^ c1) >>> 0];
  };
  for (let i = 0; i < blocks; i++) absorb(padded.getUint32(8 * i), padded.getUint32(8 * i + 4));
  absorb(bytes.length, 0xffffffff);
  return [h0, h1];
}

/**
 * The 64 bits of a seed.
 *
 * @throws ValidationError for fractions, unsafe numbers, bigints beyond 64 bits and other types.
 */
export function seedWords(seed: number | bigint | string): Words {
  if (typeof seed === "string") return hashText(seed);
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
    fail(`seed is ${seed}`, "a whole number of at most 2^53 in size", "round it, or pass a bigint or a text");
  }
  if (typeof seed !== "number" && typeof seed !== "bigint") {
    fail(`seed is ${describeValue(seed)}`, "a whole number, bigint or text", "for example random.key(0)");
  }
  const whole = BigInt(seed);
  if (whole < lowest || whole > highest) {
    fail(`seed is ${whole}n`, "a bigint of at most 64 bits", "pass it as text to have it hashed");
  }
  const bits = BigInt.asUintN(64, whole);
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}
