/** The text of a generated program, with its buffers, index maps and other constants. */
import { sharedZeros } from "@ergodic/tensor";

/**
 * Characters of one function, about. V8 does not optimise functions beyond some 60 KB of bytecode,
 * and takes long for those near it.
 */
const longestFunction = 10_000;

const localName = /\bs\d+\b/g;

/** Entries and characters of a loop that is written out. V8 unrolls no loops. */
const [mostWrittenOut, longestWrittenOut] = [16, 5_000];

/** Statements for each i from 0 to size - 1. */
export function forEach(size: number, body: readonly string[]): string[] {
  const lines = body.map((line) => `  ${line}`);
  if (size > mostWrittenOut || size * body.join("").length > longestWrittenOut)
    return [`for (let i = 0; i < ${size}; i++) {`, ...lines, "}"];
  return Array.from({ length: size }, (_, i) => ["{", `  const i = ${i};`, ...lines, "}"]).flat();
}

/** A generated program as plain data, which threads can be sent. */
export interface ProgramText {
  /** The body of a function of helpers, buffers, maps and constants, which returns the program. */
  readonly text: string;
  readonly buffers: readonly Float64Array[];
  readonly maps: readonly Int32Array[];
  readonly constants: readonly unknown[];
}

/**
 * The program of a text. Threads run it too: it uses nothing but its arguments.
 *
 * @throws EvalError where code may not be generated, as under some content security policies.
 */
export const programOf = ({ text, buffers, maps, constants }: ProgramText, helpers: object): (() => void) =>
  (new Function("h", "B", "M", "K", text) as (...given: unknown[]) => () => void)(helpers, buffers, maps, constants);

export class Source {
  private readonly buffers: Float64Array[] = [];
  private readonly maps: Int32Array[] = [];
  private readonly known = new Map<string, number>();
  private readonly constants: unknown[] = [];
  /** Each statement, or a loop with what goes before and after it, is one entry. */
  private readonly statements: string[] = [];
  private names = 0;

  /** A buffer, of zeros or of these numbers. */
  buffer(size: number, values = new Float64Array(size)): number {
    return this.buffers.push(values) - 1;
  }

  bufferAt(index: number): Float64Array {
    return this.buffers[index]!;
  }

  /** Puts a buffer of zeros into memory that all threads read. */
  share(index: number): void {
    this.buffers[index] = sharedZeros(this.buffers[index]!.length);
  }

  map(map: Int32Array): number {
    const text = map.join();
    const index = this.known.get(text) ?? this.maps.push(map) - 1;
    this.known.set(text, index);
    return index;
  }

  constant(value: unknown): number {
    return this.constants.push(value) - 1;
  }

  /** A name for a local of a loop. */
  name(): string {
    return `e${this.names++}`;
  }

  /** A name for a constant that other statements read. */
  claimed(): string {
    return `s${this.names++}`;
  }

  /** A constant with this value. */
  local(text: string): string {
    const name = this.claimed();
    this.statements.push(`const ${name} = ${text};`);
    return name;
  }

  add(lines: readonly string[]): void {
    if (lines.length > 0) this.statements.push(lines.join("\n"));
  }

  text(): ProgramText {
    const parts: string[][] = [];
    let room = 0;
    for (const statement of this.statements) {
      if (statement.length > room) {
        parts.push([]);
        room = longestFunction;
      }
      parts.at(-1)!.push(statement);
      room -= statement.length;
    }
    const definedIn = new Map<string, number>();
    parts.forEach((part, i) => {
      for (const statement of part) {
        for (const [, name] of statement.matchAll(/^const (s\d+) =/gm)) definedIn.set(name!, i);
      }
    });
    /** Names that a later part reads, and their place in `S`. */
    const shared = new Map<string, number>();
    const usedIn = parts.map((part) => new Set(part.join("\n").match(localName) ?? []));
    usedIn.forEach((names, i) => {
      for (const name of names) if (definedIn.get(name) !== i && !shared.has(name)) shared.set(name, shared.size);
    });
    const functions = parts.map((part, i) => {
      const read = [...usedIn[i]!].filter((name) => definedIn.get(name) !== i);
      const written = [...definedIn].filter(([name, at]) => at === i && shared.has(name)).map(([name]) => name);
      return [
        `function part${i}() {`,
        ...read.map((name) => `const ${name} = S[${shared.get(name)}];`),
        ...part,
        ...written.map((name) => `S[${shared.get(name)}] = ${name};`),
        "}",
      ].join("\n");
    });
    const list = (letter: string, count: number): string =>
      count === 0
        ? ""
        : `const [${Array.from({ length: count }, (_, i) => letter + i).join()}] = ${letter.toUpperCase()};`;
    const text = [
      '"use strict";',
      list("b", this.buffers.length),
      list("m", this.maps.length),
      list("k", this.constants.length),
      `const S = new Float64Array(${Math.max(1, shared.size)});`,
      ...functions,
      `return () => { ${parts.map((_, i) => `part${i}();`).join(" ")} };`,
    ].join("\n");
    const { buffers, maps, constants } = this;
    return { text, buffers, maps, constants };
  }
}
