/**
 * A Parquet file: its columns, and their values by row group.
 *
 * Source: https://parquet.apache.org/docs/file-format; the reader is the npm package `hyparquet`.
 */
import { bytesAt, type ByteSource } from "@ergodic/formats";
import { fail, messageOf, ValidationError } from "@ergodic/tensor";
import type { AsyncBuffer, Compressors, FileMetaData, ParquetRowRange, RowGroup, SchemaTree } from "hyparquet";
import { fileSource } from "../files.js";
import { loadHyparquet, loadParquetCompressors } from "../npm-package.js";
import { columnType, type ColumnType } from "./column-type.js";

/** Rows of one row group, as columns. No value is missing; members of values may be. */
export interface ParquetRows<Names extends string> {
  readonly count: number;
  readonly values: Readonly<Record<Names, ArrayLike<unknown>>>;
  /** Names a row for messages, such as "row 3 of a.parquet". */
  where(place: number): string;
}

export interface ParquetFile<Names extends string> {
  readonly path: string;
  readonly size: number;
  readonly metadata: FileMetaData;
  /** By the names of the columns. */
  readonly types: ReadonlyMap<string, ColumnType>;
  /** The first `count` rows, row group by row group. */
  read(columns: readonly Names[], count: number): AsyncGenerator<ParquetRows<Names>>;
}

/**
 * Opens a file.
 *
 * @param columns the columns to be read; they may be missing
 * @throws ValidationError when the file is damaged, or a package that reads it is not installed
 */
export async function openParquetFile<Names extends string>(
  path: string,
  columns: readonly Names[],
): Promise<ParquetFile<Names>> {
  const hyparquet = await loadHyparquet();
  const source = await fileSource(path, "a Parquet file");
  const damaged = (error: unknown): never => {
    if (error instanceof ValidationError) throw error;
    return fail(`${path} cannot be read (${messageOf(error)})`, "a whole Parquet file", "get the file again");
  };
  const opened = async () => {
    const slice = async (start: number, end = source.size) => (await bytesAt(source, start, end)).buffer;
    const metadata = await hyparquet.parquetMetadataAsync({ byteLength: source.size, slice }, { geoparquet: false });
    const schema = hyparquet.parquetSchema(metadata);
    assertChunks(metadata, schema, source.size);
    return { metadata, types: new Map(schema.children.map((column) => [column.element.name, columnType(column)])) };
  };
  const { metadata, types } = await opened().catch(damaged);
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  const size = groups.reduce((sum, rows) => sum + rows, 0);
  if (!(Number.isSafeInteger(size) && groups.every((rows) => rows >= 0)) || BigInt(size) !== metadata.num_rows)
    damaged(new Error(`it says that it has ${metadata.num_rows} rows, and its row groups have ${size}`));
  const compressors: Compressors = {
    SNAPPY: (input, length) => snappy(hyparquet.snappyUncompress, input, length),
    ...(await otherCompressors(path, metadata, columns)),
  };
  const read = async (group: RowGroup, column: Names, rows: ParquetRowRange): Promise<ArrayLike<unknown>> => {
    const scan = await hyparquet.parquetScan({
      file: await inMemory(source, group, column),
      ...{ metadata, compressors, columns: [column], utf8: false, useOffsetIndex: false },
      parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && strictText.decode(bytes) },
    });
    return scan.readColumn({ column, ...rows });
  };
  return {
    ...{ path, size, metadata, types },
    async *read(wanted, count) {
      let start = 0;
      for (const [i, group] of metadata.row_groups.entries()) {
        const first = start;
        const end = Math.min(first + groups[i]!, count);
        if (first >= end) continue;
        const where = (place: number): string => `row ${first + place} of ${path}`;
        const values = {} as Record<Names, ArrayLike<unknown>>;
        for (const column of wanted) {
          const found = await read(group, column, { rowStart: first, rowEnd: end }).catch(damaged);
          for (let place = 0; place < end - first; place++)
            if (found[place] === undefined || found[place] === null)
              fail(`${where(place)} has no value in the column ${column}`, "one in every row", "remove the row");
          values[column] = found;
        }
        yield { count: end - first, values, where };
        start = end;
      }
    },
  };
}

/** The bytes of a column in a row group. */
interface Chunk {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

function chunksOf({ columns }: RowGroup): readonly Chunk[] {
  return columns.map(({ meta_data }) => {
    if (meta_data === undefined) throw new Error("it does not say where the data of a column is");
    const { path_in_schema: path, dictionary_page_offset, data_page_offset, total_compressed_size } = meta_data;
    const start = Number(dictionary_page_offset || data_page_offset);
    return { path, start, end: start + Number(total_compressed_size) };
  });
}

/** Checks before any reads that all columns are in the schema, and their data in the file. */
function assertChunks({ row_groups }: FileMetaData, schema: SchemaTree, size: number): void {
  for (const { path, start, end } of row_groups.flatMap(chunksOf)) {
    if (!(start >= 0 && start <= end && end <= size))
      throw new Error(`it says that a column is at the bytes ${start} to ${end} of ${size}`);
    let node: SchemaTree | undefined = schema;
    for (const name of path) node = node?.children.find(({ element }) => element.name === name);
    if (node === undefined) throw new Error(`it has data of a column ${path.join(".")} that its schema does not have`);
  }
}

/**
 * The data of a column in memory.
 *
 * `hyparquet` then has no reads of its own, whose failures could be unobserved.
 */
async function inMemory(source: ByteSource, group: RowGroup, column: string): Promise<AsyncBuffer> {
  const parts: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  for (const { path, start, end } of chunksOf(group))
    if (path[0] === column) parts.push({ start, bytes: await bytesAt(source, start, end) });
  return {
    byteLength: source.size,
    slice(start, end = source.size) {
      const found = new Uint8Array(end - start);
      for (const part of parts) {
        const from = Math.max(start - part.start, 0);
        const to = Math.min(end - part.start, part.bytes.length);
        if (from < to) found.set(part.bytes.subarray(from, to), part.start + from - start);
      }
      return found.buffer;
    },
  };
}

const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The largest ratio of Snappy: three bytes unpack to at most 64.
 *
 * The bound finds a damaged length before memory is allocated for it.
 */
const MOST_BY_SNAPPY = 64 / 3;

function snappy(
  unpack: (input: Uint8Array, output: Uint8Array) => void,
  input: Uint8Array,
  length: number,
): Uint8Array {
  if (!(length >= 0 && length <= input.length * MOST_BY_SNAPPY))
    throw new Error(`it says that ${input.length} bytes unpack to ${length}`);
  const output = new Uint8Array(length);
  unpack(input, output);
  return output;
}

/** Decompressors for codecs of these columns that `hyparquet` does not include. */
async function otherCompressors(path: string, { row_groups }: FileMetaData, columns: readonly string[]) {
  const chunks = row_groups.flatMap((group) => group.columns.flatMap(({ meta_data }) => meta_data ?? []));
  const other = chunks
    .filter(({ path_in_schema: [name] }) => columns.includes(name!))
    .find(({ codec }) => codec !== "UNCOMPRESSED" && codec !== "SNAPPY")?.codec;
  if (other === undefined) return {};
  const compressors = await loadParquetCompressors(other);
  if (compressors[other] === undefined)
    fail(`${path} is compressed by ${other}`, `Snappy, or one of ${Object.keys(compressors).join(", ")}`);
  return compressors;
}
