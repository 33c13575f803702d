/** Floats of 16 bits as float32, which holds all of them exactly. */

/** Converts IEEE 754 binary16: 1 bit of sign, 5 bits of exponent, 10 bits of fraction. */
export function float16Values(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  halves.forEach((half, i) => {
    const [sign, exponent, fraction] = [half & 0x8000, (half >> 10) & 31, half & 0x3ff];
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * fraction * 2 ** -24;
    else bits[i] = (sign << 16) | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  });
  return values;
}

/** Converts bfloat16, the upper half of a float32. */
export function bfloat16Values(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
