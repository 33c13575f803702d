/** What the columns of a Parquet file hold, from the file's schema. */
import type { SchemaTree } from "hyparquet";

export interface ColumnType {
  /** "bytes" and "picture" hold encoded pictures: in the column, or in its member `bytes`. */
  readonly kind: "whole numbers" | "numbers" | "text" | "bytes" | "picture" | "other";
  /** How many lists are around the values. */
  readonly depth: number;
  /** For messages, such as "lists of whole numbers". */
  readonly words: string;
}

/** What a column has to hold. */
export interface Expected {
  /** For messages. */
  readonly words: string;
  fits(type: ColumnType): boolean;
}

const oneOf = (...kinds: readonly ColumnType["kind"][]): Expected => ({
  words: kinds.join(" or "),
  fits: ({ kind, depth }) => depth === 0 && kinds.includes(kind),
});

export const textColumn = oneOf("text");
/** Classes by name or by number. */
export const classColumn = oneOf("text", "whole numbers");
/** Encoded pictures. */
export const pictureColumn = oneOf("bytes", "picture");
export const batchColumn: Expected = {
  words: "numbers, lists of numbers or text",
  fits: (type) => classColumn.fits(type) || type.kind === "whole numbers" || type.kind === "numbers",
};

export function columnType(column: SchemaTree): ColumnType {
  if (column.children.some((child) => child.path.length === 2 && child.element.name === "bytes" && isBytes(child)))
    return { kind: "picture", depth: 0, words: "pictures" };
  let [node, depth] = [column, 0];
  for (;;) {
    if (node.element.repetition_type === "REPEATED") depth += 1;
    const [only, second] = node.children;
    if (only === undefined || second !== undefined) break;
    node = only;
  }
  const kind = node.children.length > 0 ? "other" : leafKind(node);
  return { kind, depth, words: "lists of ".repeat(depth) + (kind === "other" ? otherWords(node) : kind) };
}

const isBytes = (node: SchemaTree): boolean => leafKind(node) === "bytes";

const wholes = /^U?INT_(8|16|32|64)$/;

function leafKind({ element }: SchemaTree): ColumnType["kind"] {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (type === undefined) return "other";
  if (converted === "DECIMAL" || logical?.type === "FLOAT16" || logical?.type === "DECIMAL") return "numbers";
  if (converted === "UTF8" || logical?.type === "STRING") return "text";
  const plain = converted === undefined && logical === undefined;
  if (type === "INT32" || type === "INT64")
    return plain || logical?.type === "INTEGER" || wholes.test(converted ?? "") ? "whole numbers" : "other";
  if (!plain) return "other";
  if (type === "BOOLEAN") return "whole numbers";
  if (type === "FLOAT" || type === "DOUBLE") return "numbers";
  return type === "BYTE_ARRAY" ? "bytes" : "other";
}

const otherWords = ({ element }: SchemaTree): string =>
  (element.logical_type?.type ?? element.converted_type ?? element.type ?? "structs").toLowerCase();
