/**
 * The layout of safetensors files.
 *
 * - Eight bytes with the length of a JSON header.
 * - The header, which names the type, shape and place of each tensor.
 * - The numbers of all tensors. The places must cover them exactly once.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { describeValue, fail } from "@ergodic/tensor";

/** One tensor of the header. Its place is counted in bytes from the end of the header. */
export interface SafetensorsEntry {
  readonly name: string;
  /** The type in the header, for example "F32". */
  readonly type: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** Bits of one element, for every type of the format. */
const bits: ReadonlyMap<unknown, number> = new Map(
  Object.entries({
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
    ...{ BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E5M2FNUZ: 8, F8_E4M3FNUZ: 8 },
    ...{ U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32, U64: 64, I64: 64, F64: 64, C64: 64 },
  }),
);

/** Bytes before the header. */
export const SAFETENSORS_PREFIX = 8;
/** The longest header that the format allows. */
const LONGEST_HEADER = 100_000_000;

/**
 * The offset at which the header ends and the numbers start.
 *
 * @param prefix at least the first eight bytes of the file
 * @param size bytes of the whole file
 * @param file the name to use in messages
 * @throws ValidationError when the file is too short for a header, or for the header that it
 * announces
 */
export function safetensorsDataStart(prefix: Uint8Array, size: number, file: string): number {
  if (size < SAFETENSORS_PREFIX) refuse(file, `has ${size} bytes`);
  const view = new DataView(prefix.buffer, prefix.byteOffset, SAFETENSORS_PREFIX);
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER) refuse(file, `announces a header of ${length} bytes; ${LONGEST_HEADER} are allowed`);
  if (SAFETENSORS_PREFIX + length > size) refuse(file, `has ${size} bytes and is shorter than its header says`);
  return SAFETENSORS_PREFIX + length;
}

/**
 * The tensors of a header by name, in the header's order.
 *
 * @param header the bytes between the prefix and the numbers
 * @param dataLength bytes of numbers that follow the header
 * @param file the name to use in messages
 * @throws ValidationError for a header that is no JSON record of tensors, a name that is written
 * twice, a place that does not fit its shape, and places that overlap, leave bytes out, or reach
 * beyond the file
 */
export function safetensorsEntries(
  header: Uint8Array,
  dataLength: number,
  file: string,
): ReadonlyMap<string, SafetensorsEntry> {
  const record = recordIn(header, file);
  if (!isMetadata(record["__metadata__"])) refuse(file, "has __metadata__ that is no record of texts");
  const entries = Object.entries(record)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => entryOf(name, value, dataLength, file));
  assertCovered(entries, dataLength, file);
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function refuse(file: string, what: string): never {
  return fail(`${file} ${what}`, "a safetensors file", "check the path, or get the file again");
}

function recordIn(header: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  const text = textOf(header);
  const record = text?.startsWith("{") ? jsonIn(text) : undefined;
  if (text === undefined || !isRecord(record))
    return fail(`the header of ${file} is no record of tensors`, "a record in JSON", "check the path, or get it again");
  const twice = repeatedName(text);
  return twice === undefined ? record : refuse(file, `names ${describeValue(twice)} twice in its header`);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A name that one record of valid JSON text contains twice.
 *
 * `JSON.parse` keeps the last value silently.
 */
function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] === "{") open.push(new Set());
    if (json[at] === "}") open.pop();
    if (json[at] !== '"') continue;
    const start = at++;
    while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
    let next = at + 1;
    while (/\s/.test(json[next]!)) next++;
    if (json[next] !== ":") continue;
    const name = JSON.parse(json.slice(start, at + 1)) as string;
    if (open.at(-1)!.has(name)) return name;
    open.at(-1)!.add(name);
  }
  return undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isMetadata = (value: unknown): boolean =>
  value === undefined || (isRecord(value) && Object.values(value).every((text) => typeof text === "string"));
const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);

function entryOf(name: string, value: unknown, dataLength: number, file: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: place } = isRecord(value) ? value : {};
  if (typeof dtype !== "string" || !areCounts(shape) || !areCounts(place) || place.length !== 2)
    return fail(
      `the header of ${file} is no record of tensors: its entry ${name}`,
      "{ dtype, shape, data_offsets } of whole numbers",
      "get the file again",
    );
  const width = bits.get(dtype);
  if (width === undefined)
    return fail(`${name} in ${file} is of the unknown type ${dtype}`, `one of ${[...bits.keys()].join(", ")}`);
  const [start, end] = place as [number, number];
  const needed = shape.reduce((product, side) => product * side, width) / 8;
  if (!Number.isSafeInteger(needed) || end - start !== needed)
    return fail(
      `${name} in ${file} has ${end - start} bytes`,
      `${needed} for ${dtype} of shape [${shape.join(",")}]`,
      "get the file again",
    );
  if (end > dataLength)
    fail(
      `${name} in ${file} lies outside the file`,
      `${end} bytes of numbers where there are ${dataLength}`,
      "get it again",
    );
  return { name, type: dtype, shape, start, end };
}

/** Checks that the places follow one another without a gap, from the first byte to the last. */
function assertCovered(entries: readonly SafetensorsEntry[], dataLength: number, file: string): void {
  let covered = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < covered)
      refuse(file, `gives ${name} numbers of another tensor: it starts at byte ${start} of ${covered}`);
    if (start > covered)
      refuse(file, `has ${start - covered} bytes of numbers before ${name} that belong to no tensor`);
    covered = end;
  }
  if (covered < dataLength) refuse(file, `goes on for ${dataLength - covered} bytes after its last tensor`);
}
