/** Interrupted downloads: the received part is kept, completed, and checked. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { download, type DownloadProgress } from "../src/entries/node.js";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const checksum = createHash("sha256").update(content).digest("hex");

let server: Server;
let folder = "";
let url = "";
let ranges: (string | undefined)[] = [];
let hanging: ServerResponse | undefined;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A server that supports ranges.
 *
 * It sends the bytes of the file before `upTo`, and then nothing until the connection breaks.
 */
const serve = (file: Buffer, { upTo = Infinity } = {}) =>
  ((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= file.length) return response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    const headers = {
      "content-length": file.length - from,
      "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
    };
    if (request.headers.range === undefined) response.writeHead(200, { "content-length": file.length });
    else response.writeHead(206, headers);
    if (upTo >= file.length) response.end(file.subarray(from));
    else {
      response.write(file.subarray(from, upTo));
      hanging = response;
    }
  }) satisfies typeof answer;

const withoutRanges: typeof answer = (_, response) =>
  response.writeHead(200, { "content-length": content.length }).end(content);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resume-"));
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const path = () => join(folder, "file");
const part = () => join(folder, "file.part");
const get = (more: { sum?: string; onProgress?: (progress: DownloadProgress) => void } = {}) =>
  download({
    url,
    path: path(),
    checksum: more.sum ?? checksum,
    ...(more.onProgress && { onProgress: more.onProgress }),
  });
/** The connection breaks after this many bytes. */
const getUntil = (upTo: number) => get({ onProgress: ({ received }) => received === upTo && hanging?.destroy() });
const expectWhole = async () => {
  expect((await readFile(path())).equals(content)).toBe(true);
  expect(await readdir(folder)).toEqual(["file"]);
};

it("keeps what came before the connection broke, and asks for the rest alone", async () => {
  answer = serve(content, { upTo: 100_000 });
  await expect(getUntil(100_000)).rejects.toThrow(
    /file stopped after 100000 bytes \(.*\), expected the whole file; run it again/,
  );
  expect(await readdir(folder)).toEqual(["file.part"]);
  answer = serve(content);
  const seen: DownloadProgress[] = [];
  await get({ onProgress: (progress) => seen.push(progress) });
  await expectWhole();
  expect(ranges).toEqual([undefined, "bytes=100000-"]);
  expect(seen[0]!.received).toBeGreaterThan(100_000);
  expect(seen.at(-1)).toEqual({ file: path(), received: content.length, total: content.length });
});

it("goes on after several breaks, and with a compressed file", async () => {
  const packed = gzipSync(content, { level: 0 });
  for (const upTo of [50_000, 120_000, 290_000]) {
    answer = serve(packed, { upTo });
    await expect(getUntil(upTo)).rejects.toThrow(`stopped after ${upTo} bytes`);
  }
  answer = serve(packed);
  await get();
  await expectWhole();
  expect(ranges).toEqual([undefined, "bytes=50000-", "bytes=120000-", "bytes=290000-"]);
});

it("starts again where the server knows no ranges", async () => {
  await writeFile(part(), content.subarray(0, 1000));
  answer = withoutRanges;
  await get();
  await expectWhole();
  expect(ranges).toEqual(["bytes=1000-"]);
});

it.each<[string, () => Buffer, number]>([
  ["of another file", () => Buffer.alloc(1000), 2],
  ["longer than the file", () => Buffer.alloc(content.length + 5), 2],
  ["as long as the file but damaged", () => Buffer.alloc(content.length), 2],
  ["that is all there is, but for its checking", () => content, 1],
])("makes sense of a part %s", async (_, left, requests) => {
  await writeFile(part(), left());
  answer = serve(content);
  await get();
  await expectWhole();
  expect(ranges).toHaveLength(requests);
});

it("starts again when the server answers with another range, or packs what it sends", async () => {
  await writeFile(part(), content.subarray(0, 1000));
  answer = (request, response) => {
    if (request.headers.range === undefined) return withoutRanges(request, response);
    response.writeHead(206, { "content-range": `bytes 0-9/${content.length}` }).end(content.subarray(0, 10));
  };
  await get();
  await expectWhole();
  await rm(path());
  await writeFile(part(), content.subarray(0, 1000));
  const packed = gzipSync(content);
  answer = (request, response) => {
    const from = request.headers.range === undefined ? 0 : 1000;
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${packed.length - 1}/${packed.length}` };
    response.writeHead(from === 0 ? 200 : 206, { "content-encoding": "gzip", ...range }).end(packed.subarray(from));
  };
  await get();
  await expectWhole();
});

it("keeps nothing of a file with another checksum, resumed or not", async () => {
  answer = serve(content);
  const sum = "0".repeat(64);
  await expect(get({ sum })).rejects.toThrow(new RegExp(`has SHA-256 ${checksum} .*expected ${sum}`));
  expect(await readdir(folder)).toEqual([]);
  await writeFile(part(), content.subarray(0, 1000));
  await expect(get({ sum })).rejects.toThrow(`has SHA-256 ${checksum}`);
  expect(await readdir(folder)).toEqual([]);
});

it("says where it could not write", async () => {
  await mkdir(part());
  answer = serve(content);
  await expect(get()).rejects.toThrow(/file\.part cannot be written \(.*\), expected space for the file; make room/);
});

it("says when the disk is full", async () => {
  await symlink("/dev/full", part());
  answer = serve(content);
  await expect(get()).rejects.toThrow(/file\.part cannot be written \(.*\), expected space for the file/);
});
