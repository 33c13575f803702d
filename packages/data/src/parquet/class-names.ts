/** Names of classes that the Hugging Face Hub writes into its Parquet files. */
import type { FileMetaData } from "hyparquet";

/**
 * The names of the classes of a column, if the file has them.
 *
 * They are under `info.features.COLUMN.names` in the member `huggingface` of the metadata.
 */
export function classNames(
  { key_value_metadata: members }: FileMetaData,
  column: string,
): readonly string[] | undefined {
  const text = members?.find(({ key }) => key === "huggingface")?.value;
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  for (const member of ["info", "features", column, "names"]) value = memberOf(value, member);
  return Array.isArray(value) && value.every((name) => typeof name === "string") ? value : undefined;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
