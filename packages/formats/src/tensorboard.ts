/**
 * Scalars as an event file of TensorBoard.
 *
 * The file is a sequence of TFRecords: a length of 64 bits, its checksum, a message, its checksum.
 * Messages are `Event` of tensorflow/core/util/event.proto.
 */

/** Scalars of one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

const table = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  table[byte] = value;
}

/** CRC-32C (polynomial 0x1edc6f41, reflected) as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}

/** The masked form in which TFRecords store checksums. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const utf8 = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** A field of bytes: its tag, their number, and they. */
const delimited = (field: number, bytes: ArrayLike<number>): number[] => [
  8 * field + 2,
  ...varint(bytes.length),
  ...Array.from(bytes),
];

/** A field of a number of 4 or 8 bytes. */
function fixed(field: number, value: number, size: 4 | 8): number[] {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 8) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  return [8 * field + (size === 8 ? 1 : 5), ...new Uint8Array(view.buffer)];
}

function record(message: readonly number[]): number[] {
  const body = Uint8Array.from(message);
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, body.length, true);
  const checksum = (bytes: Uint8Array): Uint8Array => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, maskedChecksum(bytes), true);
    return new Uint8Array(view.buffer);
  };
  const length = new Uint8Array(head.buffer);
  return [...length, ...checksum(length), ...body, ...checksum(body)];
}

/**
 * The bytes of an event file, as `tensorboard --logdir` reads it.
 *
 * @param start seconds since 1970 of the beginning
 */
export function tensorBoardEvents(start: number, events: readonly ScalarEvent[]): Uint8Array {
  const first = record([...fixed(1, start, 8), ...delimited(3, utf8.encode("brain.Event:2"))]);
  const others = events.flatMap(({ time, step, values }) => {
    const scalars = Object.entries(values).flatMap(([name, value]) =>
      delimited(1, [...delimited(1, utf8.encode(name)), ...fixed(2, value, 4)]),
    );
    return record([...fixed(1, time, 8), 8 * 2, ...varint(step), ...delimited(5, scalars)]);
  });
  return Uint8Array.from([...first, ...others]);
}
