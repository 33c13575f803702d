/**
 * Encodes plain objects as Protocol Buffers messages.
 *
 * A static table describes the fields of a message, in ascending order of their numbers. Fields
 * that an object omits are not written. Repeated numbers are packed.
 *
 * Source: "Encoding", https://protobuf.dev/programming-guides/encoding.
 */
import { EngineError } from "../errors.js";

/** `int` covers signed integers of 32 and 64 bits and enumerations, which are encoded alike. */
type Type = "int" | "bool" | "float" | "string" | "bytes" | (() => Message);

export interface Field {
  readonly name: string;
  readonly id: number;
  readonly type: Type;
  /** The keys of a `map` are strings. */
  readonly rule?: "repeated" | "map";
}

export type Message = readonly Field[];

export const one = (name: string, id: number, type: Type): Field => ({ name, id, type });
export const repeated = (name: string, id: number, type: Type): Field => ({ name, id, type, rule: "repeated" });
export const mapOf = (name: string, id: number, type: Type): Field => ({ name, id, type, rule: "map" });

/** ONNX Runtime, TensorFlow and Protocol Buffers itself read no larger messages. */
const LARGEST = 2 ** 31 - 1;

/**
 * Encodes a message.
 *
 * @throws EngineError when the message exceeds 2 GiB, which no reader accepts. Nothing is allocated
 *   then.
 */
export function encode(message: Message, value: object): Uint8Array<ArrayBuffer> {
  const measure = new Measure();
  write(measure, message, value);
  if (measure.size > LARGEST) {
    throw new EngineError(
      `the model takes ${measure.size} bytes with the tensors that the function captures; ONNX and TensorFlow read at ` +
        `most ${LARGEST}. Pass large tensors as arguments instead of capturing them.`,
    );
  }
  const writer = new Writer(measure);
  write(writer, message, value);
  return writer.bytes;
}

/** The target of a message: first a measurement of its size, then a buffer of that size. */
interface Sink {
  varint(value: number): void;
  float(value: number): void;
  raw(bytes: Uint8Array): void;
  text(text: string): void;
  /** Writes the length of what `fill` writes, then its bytes. */
  delimited(fill: () => void): void;
}

function write(sink: Sink, message: Message, value: object): void {
  const values = value as Readonly<Record<string, unknown>>;
  for (const field of message) {
    const fieldValue = values[field.name];
    if (fieldValue !== undefined) writeField(sink, field, fieldValue);
  }
}

function writeField(sink: Sink, field: Field, value: unknown): void {
  const { id, type, rule } = field;
  if (rule === undefined) {
    writeTagged(sink, id, type, value);
  } else if (rule === "map") {
    const entry: Message = [one("key", 1, "string"), one("value", 2, type)];
    for (const [key, each] of Object.entries(value as object)) writeTagged(sink, id, () => entry, { key, value: each });
  } else if (wireType(type) === DELIMITED) {
    for (const each of value as readonly unknown[]) writeTagged(sink, id, type, each);
  } else if ((value as readonly unknown[]).length > 0) {
    sink.varint(8 * id + DELIMITED);
    sink.delimited(() => (value as readonly unknown[]).forEach((each) => writeValue(sink, type, each)));
  }
}

function writeTagged(sink: Sink, id: number, type: Type, value: unknown): void {
  sink.varint(8 * id + wireType(type));
  writeValue(sink, type, value);
}

const VARINT = 0;
const DELIMITED = 2;
const FOUR_BYTES = 5;
const wireType = (type: Type): number =>
  type === "int" || type === "bool" ? VARINT : type === "float" ? FOUR_BYTES : DELIMITED;

function writeValue(sink: Sink, type: Type, value: unknown): void {
  if (type === "int" || type === "bool") sink.varint(Number(value));
  else if (type === "float") sink.float(value as number);
  else if (type === "string") sink.text(value as string);
  else if (type === "bytes") sink.delimited(() => sink.raw(value as Uint8Array));
  else sink.delimited(() => write(sink, type(), value as object));
}

/**
 * Number of bytes of a varint, which holds seven bits per byte. Negative numbers are written as 64
 * bits of two's complement.
 */
function varintLength(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no integer that a message can hold exactly`);
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

const utf8 = new TextEncoder();

/** The bytes of a text. Most are short names of ASCII characters, which the encoder is slow with. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return utf8.encode(text);
    bytes[i] = code;
  }
  return bytes;
}

class Measure implements Sink {
  size = 0;
  /** Lengths of delimited parts and bytes of texts, in the order in which they begin. */
  readonly lengths: number[] = [];
  readonly texts: Uint8Array[] = [];

  varint(value: number): void {
    this.size += varintLength(value);
  }

  float(): void {
    this.size += 4;
  }

  raw(bytes: Uint8Array): void {
    this.size += bytes.length;
  }

  text(text: string): void {
    const bytes = bytesOf(text);
    this.texts.push(bytes);
    this.size += varintLength(bytes.length) + bytes.length;
  }

  delimited(fill: () => void): void {
    const [place, before] = [this.lengths.push(0) - 1, this.size];
    fill();
    const length = this.size - before;
    this.lengths[place] = length;
    this.size += varintLength(length);
  }
}

class Writer implements Sink {
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private at = 0;
  private begun = 0;
  private written = 0;

  constructor(private readonly measure: Measure) {
    this.bytes = new Uint8Array(measure.size);
    this.view = new DataView(this.bytes.buffer);
  }

  varint(value: number): void {
    if (value < 0) {
      for (let rest = BigInt.asUintN(64, BigInt(value)); rest > 0n; rest >>= 7n) {
        this.bytes[this.at++] = Number(rest & 127n) | (rest > 127n ? 128 : 0);
      }
      return;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) + 128;
    this.bytes[this.at++] = rest;
  }

  float(value: number): void {
    this.view.setFloat32(this.at, value, true);
    this.at += 4;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  text(): void {
    const bytes = this.measure.texts[this.written++]!;
    this.varint(bytes.length);
    this.raw(bytes);
  }

  delimited(fill: () => void): void {
    this.varint(this.measure.lengths[this.begun++]!);
    fill();
  }
}
