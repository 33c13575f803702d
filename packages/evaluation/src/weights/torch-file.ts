/**
 * Tensors of `torch.save` files: the old layout of pickles followed by raw numbers, and the newer
 * zip archive.
 */
import { fail } from "@ergodic/tensor";
import { rowStrides, numberType, type NumberType, type NumberValues, readZip } from "@ergodic/formats";
import { unpickle, type PickleWorld } from "./pickle.js";
import type { StoredTensor } from "./stored-tensor.js";

/** Types of numbers. Integers, such as counters of batches, are not weights and are skipped. */
const storages: ReadonlyMap<string, NumberType> = new Map([
  ["torch FloatStorage", numberType("float32")],
  ["torch DoubleStorage", numberType("float64")],
  ["torch HalfStorage", numberType("float16")],
  ["torch BFloat16Storage", numberType("bfloat16")],
  ["torch LongStorage", numberType("int64")],
]);

const isWeight = ({ type }: NumberType): boolean => type !== "int64";

interface Storage {
  readonly type: NumberType;
  readonly key: string;
  readonly count: number;
}

/** A tensor before its numbers are read. */
interface Reference {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const REBUILD = "torch._utils _rebuild_tensor_v2";
const ORDERED = "collections OrderedDict";

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** Maximum number of axes in PyTorch. */
const MOST_AXES = 64;
const areSides = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);

function worldOf(file: string): PickleWorld {
  const known = new Map<string, Storage>();
  return {
    file,
    global: (name) => (name === REBUILD || name === ORDERED ? name : storages.get(name)),
    persistent(id) {
      const [tag, type, key, , count] = Array.isArray(id) ? (id as unknown[]) : [];
      const found = [...storages.values()].find((storage) => storage === type);
      if (tag !== "storage" || found === undefined || typeof key !== "string" || !isCount(count)) return undefined;
      const storage = known.get(key) ?? { type: found, key, count };
      known.set(key, storage);
      return storage.type === found && storage.count === count ? storage : undefined;
    },
    call(callee, args) {
      if (callee === ORDERED && args.length === 0) return new Map();
      const [storage, offset, shape, strides] = args;
      const described =
        callee === REBUILD && isStorage(storage) && isCount(offset) && areSides(shape) && areSides(strides);
      if (!described || shape.length !== strides.length) return undefined;
      const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset);
      if (!shape.includes(0) && last >= storage.count) return undefined;
      return { storage, offset, shape, strides } satisfies Reference;
    },
  };
}

const isStorage = (value: unknown): value is Storage => typeof value === "object" && value !== null && "key" in value;

/** Whether the bytes start as in the old layout, with a pickled number of ten bytes. */
export const isLegacyTorch = (bytes: Uint8Array): boolean =>
  [0x80, 0x02, 0x8a, 0x0a, 0x6c].every((byte, i) => bytes[i] === byte);

const MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * The tensors of a file in the old layout.
 *
 * It holds pickles of a magic number, a version, the machine, the tensors, and the keys of their
 * storages. The numbers follow in the order of the keys, each storage with its count before it.
 *
 * @throws ValidationError when the file is incomplete, was written by a big-endian machine, or
 *   refers to other things than tensors
 */
export function readLegacyTorch(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const world = worldOf(file);
  let at = 0;
  const [magic, version, machine, tensors, keys] = Array.from({ length: 5 }, () => {
    const { value, end } = unpickle(bytes, at, world);
    at = end;
    return value;
  });
  const little = machine instanceof Map && machine.get("little_endian") === true;
  if (magic !== MAGIC || version !== 1001 || !little || !Array.isArray(keys))
    return fail(`${file} is not what its first bytes promise`, "a file written by torch.save", "get the file again");
  const references = referencesIn(tensors, file);
  const known = new Map([...references.values()].map(({ storage }) => [storage.key, storage]));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents = new Map<string, Uint8Array>();
  for (const key of keys as string[]) {
    const storage = known.get(key);
    const size = storage === undefined ? NaN : storage.count * storage.type.width;
    if (!(at + 8 + size <= bytes.length) || Number(view.getBigInt64(at, true)) !== storage!.count)
      fail(`${file} is cut short, or holds other counts than it says, at byte ${at}`, "a whole file", "get it again");
    contents.set(key, bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return loaded(references, (key) => contents.get(key), file);
}

/** Maximum bytes of the description of tensors; thousands of tensors take less than one million. */
const LARGEST_PICKLE = 2 ** 26;

/**
 * The tensors of a zip archive written by `torch.save`.
 *
 * @throws ValidationError when it has no `data.pkl`, a member is damaged or missing, or it refers
 *   to other things than tensors
 */
export async function readZippedTorch(bytes: Uint8Array, file: string): Promise<Map<string, StoredTensor>> {
  const members = readZip(bytes, file);
  const pickle = [...members.keys()].find((name) => name.endsWith("/data.pkl"));
  if (pickle === undefined)
    return fail(`${file} is a zip archive without data.pkl`, "a file written by torch.save", "check the path");
  const prefix = pickle.slice(0, -"data.pkl".length);
  const order = await members.get(`${prefix}byteorder`)?.(16);
  if (order !== undefined && new TextDecoder().decode(order) !== "little")
    return fail(`${file} was written by a big-endian machine`, "little-endian numbers", "save it on another machine");
  const world = worldOf(`${pickle} in ${file}`);
  const references = referencesIn(unpickle(await members.get(pickle)!(LARGEST_PICKLE), 0, world).value, file);
  const contents = new Map<string, Uint8Array>();
  for (const { storage } of references.values()) {
    const { key, count, type } = storage;
    const content = contents.get(key) ?? (await members.get(`${prefix}data/${key}`)?.(count * type.width));
    if (content !== undefined) contents.set(key, content);
  }
  return loaded(references, (key) => contents.get(key), file);
}

function referencesIn(value: unknown, file: string): Map<string, Reference> {
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : [];
  const isReference = (entry: unknown): entry is Reference =>
    typeof entry === "object" && entry !== null && "storage" in entry;
  if (entries.length === 0 || entries.some(([name, entry]) => typeof name !== "string" || !isReference(entry)))
    return fail(`${file} holds something else than named tensors`, "a state_dict()", "save model.state_dict()");
  return new Map(entries as [string, Reference][]);
}

function loaded(
  references: ReadonlyMap<string, Reference>,
  contentOf: (key: string) => Uint8Array | undefined,
  file: string,
): Map<string, StoredTensor> {
  const arrays = new Map<string, NumberValues>();
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { storage, offset, shape, strides }] of references) {
    const { type, key, count } = storage;
    if (!isWeight(type)) continue;
    const content = contentOf(key);
    if (content?.length !== count * type.width)
      return fail(
        `${file} has ${content?.length ?? "no"} bytes of numbers for ${name}`,
        `${count * type.width}`,
        "get the file again",
      );
    const values = arrays.get(key) ?? type.read(new Uint8Array(content), `${name} in ${file}`);
    arrays.set(key, values);
    tensors.set(name, { shape, strides: shape.length === 0 ? rowStrides(shape) : strides, offset, values });
  }
  return tensors;
}
