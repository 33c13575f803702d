/**
 * A reader of pickles that executes nothing.
 *
 * A pickle is a small program. This reader runs only the instructions that build plain data. The
 * caller receives every name of a class or function, accepts a few and refuses all others.
 *
 * Source: CPython's `pickletools`, protocol 2.
 */
import { describeValue, fail } from "@ergodic/tensor";

/** References that the caller allows in a pickle. Undefined refuses a reference. */
export interface PickleWorld {
  /** The file, for messages. */
  readonly file: string;
  /** The value for a name such as `torch FloatStorage`. */
  global(name: string): unknown;
  /** The result of a call of an allowed name with these arguments. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** The value of a persistent id. */
  persistent(id: unknown): unknown;
}

export interface Unpickled {
  readonly value: unknown;
  /** Position of the end of the pickle, for files with several pickles. */
  readonly end: number;
}

const MARK = Symbol("mark");

/**
 * Maximum number of instructions.
 *
 * One byte of instruction can make an object of several hundred bytes. A tensor takes about 35
 * instructions, so this is enough for 30,000 tensors.
 */
const MOST_INSTRUCTIONS = 2 ** 20;

const utf8 = new TextDecoder("utf-8", { fatal: true });

type Step = (machine: Machine) => void;

/**
 * State of the reader.
 *
 * Each step advances in the bytes, copies only its own input, and visits no nested value. Time and
 * memory are bounded.
 */
class Machine {
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;
  /** Position of the current instruction. */
  private start = 0;
  private instructions = 0;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly world: PickleWorld,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  instruction(): number {
    this.start = this.at;
    if (++this.instructions > MOST_INSTRUCTIONS) this.refuse(`more than ${MOST_INSTRUCTIONS} pickle instructions`);
    return this.byte();
  }
  /** Advances by `count >= 0` bytes, and returns their start. */
  advance(count: number): number {
    const from = this.at;
    if (from + count > this.bytes.length)
      fail(
        `${this.world.file} ends inside its pickle, in the instruction at byte ${this.start}`,
        "a whole file",
        "get it again",
      );
    this.at += count;
    return from;
  }

  byte = (): number => this.bytes[this.advance(1)]!;
  short = (): number => this.view.getUint16(this.advance(2), true);
  int = (): number => this.view.getInt32(this.advance(4), true);
  count = (): number => this.view.getUint32(this.advance(4), true);
  double = (): number => this.view.getFloat64(this.advance(8), false);
  text(length: number): string {
    const from = this.advance(length);
    return this.decoded(this.bytes.subarray(from, from + length));
  }
  line(): string {
    const from = this.at;
    const end = this.bytes.indexOf(10, from);
    this.advance(end < 0 ? Infinity : end + 1 - from);
    return this.decoded(this.bytes.subarray(from, end));
  }
  private decoded(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      return this.refuse("a text that is no UTF-8");
    }
  }

  push(value: unknown): void {
    this.stack.push(value);
  }
  mark(): void {
    this.stack.push(MARK);
  }
  pop(): unknown {
    const value = this.top();
    this.stack.pop();
    return value;
  }
  popMany = (count: number): unknown[] => Array.from({ length: count }, () => this.pop()).reverse();
  popToMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.refuse("an instruction without its mark");
    return this.stack.splice(mark).slice(1);
  }
  top(): unknown {
    const value = this.stack.at(-1);
    return this.stack.length === 0 || value === MARK ? this.refuse("an instruction without its values") : value;
  }
  topAs<T>(kind: new () => T): T {
    const value = this.top();
    return value instanceof kind ? value : this.refuse(`an instruction on something else than its ${kind.name}`);
  }
  remember(place: number): void {
    this.memo.set(place, this.top());
  }
  recall(place: number): unknown {
    return this.memo.has(place)
      ? this.memo.get(place)
      : this.refuse(`a use of place ${place} of its memory, which is empty`);
  }
  refuseName(name: string): never {
    return fail(
      `byte ${this.start} of ${this.world.file} refers to ${name.length > 100 ? describeValue(name) : name}`,
      "plain tensors alone",
      "a weights file needs no other names, and code in a file is never run; save a state_dict()",
    );
  }
  refuse(what: string, expected = "plain tensors alone", remedy = "save a state_dict() with torch.save"): never {
    return fail(`${this.world.file} has ${what} at byte ${this.start}`, expected, remedy);
  }
}

function setItems(machine: Machine, items: readonly unknown[]): void {
  if (items.length % 2 !== 0) machine.refuse("a name without a value");
  const target = machine.topAs<Map<unknown, unknown>>(Map);
  for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
}

function append(machine: Machine, items: readonly unknown[]): void {
  const target = machine.topAs<unknown[]>(Array);
  for (const item of items) target.push(item);
}

/** Little-endian two's complement. */
function longInteger(machine: Machine, length: number): number | bigint {
  const from = machine.advance(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(machine.bytes[from + i]!);
  const signed = BigInt.asIntN(8 * length, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

const push =
  (value: (machine: Machine) => unknown): Step =>
  (machine) =>
    machine.push(value(machine));

/** Steps by the byte of their instruction. */
const steps: Readonly<Record<number, Step>> = {
  0x28: (m) => m.mark(), // MARK
  0x29: push(() => []), // EMPTY_TUPLE
  0x47: push((m) => m.double()), // BINFLOAT
  0x4a: push((m) => m.int()), // BININT
  0x4b: push((m) => m.byte()), // BININT1
  0x4d: push((m) => m.short()), // BININT2
  0x4e: push(() => null), // NONE
  0x51: push((m) => m.world.persistent(m.pop()) ?? m.refuse("numbers described in an unknown way")), // BINPERSID
  0x52: push((m) => {
    // REDUCE
    const [callee, args] = m.popMany(2);
    const made = Array.isArray(args) ? m.world.call(callee, args) : undefined;
    return made ?? m.refuse("a tensor described in an unknown way, or one that reaches beyond its numbers");
  }),
  0x55: push((m) => m.text(m.byte())), // SHORT_BINSTRING
  0x58: push((m) => m.text(m.count())), // BINUNICODE
  0x5d: push(() => []), // EMPTY_LIST
  0x61: (m) => append(m, [m.pop()]), // APPEND
  0x62: (m) => {
    // BUILD: attributes of an ordered dictionary (PyTorch's version numbers), which are not data
    m.pop();
    m.topAs(Map);
  },
  0x63: push((m) => {
    // GLOBAL
    const name = `${m.line()} ${m.line()}`;
    return m.world.global(name) ?? m.refuseName(name.replace(" ", "."));
  }),
  0x65: (m) => append(m, m.popToMark()), // APPENDS
  0x68: push((m) => m.recall(m.byte())), // BINGET
  0x6a: push((m) => m.recall(m.count())), // LONG_BINGET
  0x71: (m) => m.remember(m.byte()), // BINPUT
  0x72: (m) => m.remember(m.count()), // LONG_BINPUT
  0x73: (m) => setItems(m, m.popMany(2)), // SETITEM
  0x74: push((m) => m.popToMark()), // TUPLE
  0x75: (m) => setItems(m, m.popToMark()), // SETITEMS
  0x7d: push(() => new Map()), // EMPTY_DICT
  0x80: (m) => {
    // PROTO
    const protocol = m.byte();
    if (protocol !== 2) m.refuse(`protocol ${protocol}`, "protocol 2", "torch.save's default");
  },
  0x85: push((m) => m.popMany(1)), // TUPLE1
  0x86: push((m) => m.popMany(2)), // TUPLE2
  0x87: push((m) => m.popMany(3)), // TUPLE3
  0x88: push(() => true), // NEWTRUE
  0x89: push(() => false), // NEWFALSE
  0x8a: push((m) => longInteger(m, m.byte())), // LONG1
};

const STOP = 0x2e;

/**
 * The value of a pickle: dictionaries as `Map`, lists and tuples as arrays, `None` as null.
 *
 * @param at start of the pickle
 * @throws ValidationError naming the byte of the first instruction that is unknown, invalid or
 *   incomplete, and the first name that is not allowed
 */
export function unpickle(bytes: Uint8Array, at: number, world: PickleWorld): Unpickled {
  const machine = new Machine(bytes, at, world);
  for (;;) {
    const code = machine.instruction();
    if (code === STOP) return { value: machine.pop(), end: machine.at };
    const step = steps[code];
    if (step === undefined) machine.refuse(`the pickle instruction 0x${code.toString(16)}`);
    else step(machine);
  }
}
