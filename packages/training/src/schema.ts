/**
 * Checks values against zod schemas.
 *
 * Messages name the setting, its value and what was expected. For an unknown name they suggest a
 * known one.
 */
import * as z from "zod";
import { ConfigError } from "./errors.js";
import { isPlainObject } from "./json.js";
import { closestName } from "./suggest.js";

type AnySchema = z.core.$ZodType;

/**
 * Parses `value`. Unknown names inside plain objects are errors. `path` is the dotted path of
 * `value`, for messages.
 */
export function parseOrThrow<T>(schema: z.ZodType<T>, value: unknown, path: string, remedy = ""): T {
  const unknown = unknownNames(schema, value, path);
  if (unknown.length > 0) throw unknownNameError(unknown);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, value, path));
  throw new ConfigError(problems.join("\n"), remedy);
}

/** All dotted paths below `path` that the schema knows, including groups. */
export function knownPaths(schema: AnySchema, path: string): string[] {
  const fields = fieldsOf(schema);
  if (fields === undefined) return [];
  return Object.entries(fields).flatMap(([name, field]) => [
    `${path}.${name}`,
    ...knownPaths(field, `${path}.${name}`),
  ]);
}

interface UnknownName {
  readonly path: string;
  readonly name: string;
  readonly siblings: readonly string[];
}

function unknownNames(schema: AnySchema, value: unknown, path: string): UnknownName[] {
  const fields = fieldsOf(schema);
  if (fields === undefined || !isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined
      ? [{ path: `${path}.${name}`, name, siblings: Object.keys(fields) }]
      : unknownNames(field, item, `${path}.${name}`);
  });
}

function unknownNameError(unknown: readonly UnknownName[]): ConfigError {
  const lines = unknown.map(({ path, name, siblings }) => {
    const meant = closestName(name, siblings);
    return `unknown setting ${path}.${meant === undefined ? "" : ` Did you mean ${path.slice(0, -name.length)}${meant}?`}`;
  });
  const first = unknown[0];
  const place = first === undefined ? "" : first.path.slice(0, -first.name.length - 1);
  const names = first?.siblings.join(", ") ?? "";
  return new ConfigError(
    lines.join("\n"),
    names === "" ? `${place} has no settings.` : `Settings of ${place}: ${names}`,
  );
}

/**
 * Fields of an object schema, looking through defaults and optionals. Undefined when any name is
 * allowed.
 */
function fieldsOf(schema: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  if (schema instanceof z.ZodObject) {
    const open = schema.def.catchall !== undefined && !(schema.def.catchall instanceof z.ZodNever);
    return open ? undefined : (schema.shape as Record<string, AnySchema>);
  }
  const wrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly;
  return wrapped ? fieldsOf(schema.def.innerType) : undefined;
}

function describeIssue(issue: z.core.$ZodIssue, root: unknown, path: string): string {
  const at = issue.path.map(String);
  const value = at.reduce<unknown>(
    (inside, name) =>
      typeof inside === "object" && inside !== null ? (inside as Record<string, unknown>)[name] : undefined,
    root,
  );
  const shown = value === undefined ? "is missing" : `is ${show(value)}`;
  const rule = issue.message.replace(/^Invalid (input|option): /, "");
  return `${[path, ...at].join(".")} ${shown}: ${rule.charAt(0).toLowerCase()}${rule.slice(1)}`;
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint" || typeof value === "symbol" || Number.isNaN(value)) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
