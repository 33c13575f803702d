/**
 * A reader of pickles that executes nothing: a pickle is a little program, and this runs only the instructions that build
 * plain data. Every name of a class or function is handed to the caller, who knows a few and refuses all others.
 *
 * Source: CPython's `pickletools`, protocol 2.
 */
import { fail } from "@ergodic/tensor";

/** What the caller allows a pickle to refer to. */
export interface PickleWorld {
  /** The file, for messages. */
  readonly file: string;
  /** The value for a name such as `torch FloatStorage`; undefined refuses it. */
  global(name: string): unknown;
  /** What calling an allowed name with these arguments gives. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** What a persistent id stands for. */
  persistent(id: unknown): unknown;
}

export interface Unpickled {
  readonly value: unknown;
  /** Where the pickle ends, for files that hold several. */
  readonly end: number;
}

const MARK = Symbol("mark");

type Step = (machine: Machine) => void;

class Machine {
  readonly stack: unknown[] = [];
  readonly memo = new Map<number, unknown>();
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly world: PickleWorld,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  advance(count: number): number {
    const from = this.at;
    if (from + count > this.bytes.length)
      fail(`${this.world.file} ends inside its pickle`, "a whole file", "get it again");
    this.at += count;
    return from;
  }

  byte = (): number => this.bytes[this.advance(1)]!;
  short = (): number => this.view.getUint16(this.advance(2), true);
  int = (): number => this.view.getInt32(this.advance(4), true);
  double = (): number => this.view.getFloat64(this.advance(8), false);
  text(length: number): string {
    const from = this.advance(length);
    return new TextDecoder().decode(this.bytes.subarray(from, from + length));
  }
  line(): string {
    const from = this.at;
    while (this.byte() !== 10);
    return new TextDecoder().decode(this.bytes.subarray(from, this.at - 1));
  }

  pop(): unknown {
    if (this.stack.length === 0) this.broken("an instruction finds nothing to work on");
    return this.stack.pop();
  }
  popMany = (count: number): unknown[] => Array.from({ length: count }, () => this.pop()).reverse();
  popToMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.broken("a mark is missing");
    return this.stack.splice(mark).slice(1);
  }
  top<T>(kind: new () => T): T {
    const value = this.stack.at(-1);
    return value instanceof kind ? value : this.broken(`an instruction expects a ${kind.name}`);
  }
  broken(why: string): never {
    fail(
      `${this.world.file} holds a pickle that makes no sense: ${why}`,
      "a file written by torch.save",
      "get it again",
    );
  }
}

function setItems(machine: Machine, items: readonly unknown[]): void {
  const target = machine.top<Map<unknown, unknown>>(Map);
  for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i], items[i + 1]);
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
    machine.stack.push(value(machine));

const remember =
  (index: (machine: Machine) => number): Step =>
  (machine) =>
    machine.memo.set(index(machine), machine.stack.at(-1));

const recall =
  (index: (machine: Machine) => number): Step =>
  (machine) => {
    const at = index(machine);
    if (!machine.memo.has(at)) machine.broken(`place ${at} of its memory is empty`);
    machine.stack.push(machine.memo.get(at));
  };

/** By the byte of the instruction. */
const steps: Readonly<Record<number, Step>> = {
  0x28: push(() => MARK), // MARK
  0x29: push(() => []), // EMPTY_TUPLE
  0x47: push((m) => m.double()), // BINFLOAT
  0x4a: push((m) => m.int()), // BININT
  0x4b: push((m) => m.byte()), // BININT1
  0x4d: push((m) => m.short()), // BININT2
  0x4e: push(() => null), // NONE
  0x51: push((m) => m.world.persistent(m.pop())), // BINPERSID
  0x52: (m) => {
    // REDUCE
    const [callee, args] = m.popMany(2);
    m.stack.push(m.world.call(callee, Array.isArray(args) ? args : m.broken("a call has no list of arguments")));
  },
  0x55: push((m) => m.text(m.byte())), // SHORT_BINSTRING
  0x58: push((m) => m.text(m.int())), // BINUNICODE
  0x5d: push(() => []), // EMPTY_LIST
  0x61: (m) => {
    // APPEND
    const item = m.pop();
    m.top<unknown[]>(Array).push(item);
  },
  0x62: (m) => {
    // BUILD: attributes of an ordered dictionary (PyTorch's version numbers), which are not data
    m.pop();
    m.top(Map);
  },
  0x63: push((m) => {
    // GLOBAL
    const name = `${m.line()} ${m.line()}`;
    return (
      m.world.global(name) ??
      fail(
        `${m.world.file} refers to ${name.replace(" ", ".")}`,
        "plain tensors alone",
        "a weights file needs no other names, and code in a file is never run; save a state_dict()",
      )
    );
  }),
  0x65: (m) => {
    // APPENDS
    const items = m.popToMark();
    m.top<unknown[]>(Array).push(...items);
  },
  0x68: recall((m) => m.byte()), // BINGET
  0x6a: recall((m) => m.int()), // LONG_BINGET
  0x71: remember((m) => m.byte()), // BINPUT
  0x72: remember((m) => m.int()), // LONG_BINPUT
  0x73: (m) => setItems(m, m.popMany(2)), // SETITEM
  0x74: (m) => m.stack.push(m.popToMark()), // TUPLE
  0x75: (m) => setItems(m, m.popToMark()), // SETITEMS
  0x7d: push(() => new Map()), // EMPTY_DICT
  0x80: (m) => {
    // PROTO
    const protocol = m.byte();
    if (protocol !== 2)
      fail(`${m.world.file} is a pickle of protocol ${protocol}`, "protocol 2", "torch.save's default");
  },
  0x85: (m) => m.stack.push(m.popMany(1)), // TUPLE1
  0x86: (m) => m.stack.push(m.popMany(2)), // TUPLE2
  0x87: (m) => m.stack.push(m.popMany(3)), // TUPLE3
  0x88: push(() => true), // NEWTRUE
  0x89: push(() => false), // NEWFALSE
  0x8a: push((m) => longInteger(m, m.byte())), // LONG1
};

const STOP = 0x2e;

/**
 * The value a pickle builds: dictionaries as `Map`, lists and tuples as arrays, `None` as null.
 *
 * @param at where the pickle starts
 * @throws ValidationError at the first instruction that is not known, the first name that is not allowed, or the file's end
 */
export function unpickle(bytes: Uint8Array, at: number, world: PickleWorld): Unpickled {
  const machine = new Machine(bytes, at, world);
  for (;;) {
    const code = machine.byte();
    if (code === STOP) return { value: machine.pop(), end: machine.at };
    const step = steps[code];
    if (step === undefined)
      fail(
        `${world.file} has the pickle instruction 0x${code.toString(16)} at byte ${machine.at - 1}`,
        "those of plain tensors alone",
        "save a state_dict() with torch.save",
      );
    step(machine);
  }
}
