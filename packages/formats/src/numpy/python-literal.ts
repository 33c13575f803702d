/**
 * Python literals in the headers of `.npy` files.
 *
 * They are strings, integers, `True`, `False`, `None`, tuples, lists and dictionaries. Python 2
 * wrote long integers with a trailing L.
 */
import { fail } from "@ergodic/tensor";

export class PythonTuple {
  constructor(readonly items: readonly PythonValue[]) {}
}

export type PythonValue =
  string | number | boolean | null | PythonTuple | readonly PythonValue[] | ReadonlyMap<PythonValue, PythonValue>;

/** The deepest nesting of literals that is read. */
const DEEPEST = 32;

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/**
 * Parses a literal. Integers beyond 2^53 lose their last digits.
 *
 * @param what the source of the text, for messages
 * @throws ValidationError naming the character where the text is no literal of these kinds
 */
export function pythonLiteral(text: string, what: string): PythonValue {
  let at = 0;
  const broken = (): never =>
    fail(
      `${what} is no Python literal at character ${at}: ${JSON.stringify(text.slice(0, 120))}`,
      "strings, integers, True, False, None, tuples, lists and dictionaries",
      "write the file again",
    );
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  };
  const sign = (character: string): boolean => {
    take(/\s*/y);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  /** The items up to the closing bracket, and whether there is a comma. */
  function list<T>(close: string, item: () => T): { items: T[]; comma: boolean } {
    const items: T[] = [];
    let comma = false;
    while (!sign(close)) {
      if (items.length > 0 && !comma) broken();
      items.push(item());
      comma = sign(",");
    }
    return { items, comma: comma || items.length > 1 };
  }

  function value(depth: number): PythonValue {
    if (depth > DEEPEST) broken();
    const inner = () => value(depth + 1);
    if (sign("(")) {
      const { items, comma } = list(")", inner);
      return items.length === 1 && !comma ? items[0]! : new PythonTuple(items);
    }
    if (sign("[")) return list("]", inner).items;
    if (sign("{")) {
      const pair = (): [PythonValue, PythonValue] => {
        const key = inner();
        if (!sign(":")) broken();
        return [key, inner()];
      };
      return new Map(list("}", pair).items);
    }
    return plain();
  }

  function plain(): PythonValue {
    const word = take(/(True|False|None)\b/y);
    if (word !== undefined) return word[1] === "None" ? null : word[1] === "True";
    const integer = take(/([-+]?)(0[xX][\da-fA-F]+|\d+)[lL]?(?![\w.])/y);
    if (integer !== undefined) return (integer[1] === "-" ? -1 : 1) * Number(integer[2]);
    let joined = "";
    let strings = 0;
    // Python joins adjacent strings.
    for (; ; strings++) {
      const string = take(/\s*([bBuU]?[rR]?)(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/y);
      if (string === undefined) break;
      const content = string[2] ?? string[3]!;
      joined += /r/i.test(string[1]!) ? content : unescaped(content);
    }
    return strings > 0 ? joined : broken();
  }

  const result = value(0);
  take(/\s*/y);
  return at === text.length ? result : broken();
}

const unescaped = (content: string): string =>
  content.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/g,
    (all, two?: string, four?: string, eight?: string, character?: string) => {
      if (character !== undefined) return escapes[character] ?? all;
      const code = parseInt((two ?? four ?? eight)!, 16);
      return code > 0x10ffff ? all : String.fromCodePoint(code);
    },
  );
