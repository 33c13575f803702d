/**
 * Servers that do not answer, stop sending, send slowly, or never end.
 *
 * Each download ends by itself, with a message that gives the reason.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { type TransferLimits } from "../src/index.js";
import { download } from "../src/entries/node.js";

const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i) % 251));
const checksum = createHash("sha256").update(content).digest("hex");

let server: Server;
let folder = "";
let url = "";
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const timers: NodeJS.Timeout[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bounded-"));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterEach(async () => {
  timers.splice(0).forEach(clearInterval);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const path = () => join(folder, "file");
const get = (more: { limits?: TransferLimits; most?: number; from?: string; signal?: AbortSignal } = {}) => {
  const { from = url, ...rest } = more;
  return download({ url: from, path: path(), checksum, ...rest });
};
const left = async () =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder)).map(async (name) => [name, (await readFile(join(folder, name))).length] as const),
    ),
  );
/** Sends these bytes again and again until the connection ends. */
const drip = (response: ServerResponse, bytes: Buffer) => timers.push(setInterval(() => response.write(bytes), 2));
const whole: typeof answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {}).end(content.subarray(from));
};

it("ends where a server never answers", async () => {
  answer = () => undefined;
  await expect(get({ limits: { idleSeconds: 0.1 } })).rejects.toThrow(
    /file cannot be fetched \(the server did not answer for 0\.1 s\), expected the file for .*; check the address/,
  );
  expect(await left()).toEqual({});
});

it("ends where an answer stops in its head", async () => {
  const mute = createTcpServer(
    (socket) =>
      void socket
        .on("error", () => undefined)
        .resume()
        .write("HTTP/1.1 200 O"),
  );
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const from = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/file`;
  await expect(get({ from, limits: { idleSeconds: 0.1 } })).rejects.toThrow(/did not answer for 0\.1 s/);
  await new Promise((resolve) => mute.close(resolve));
});

it("ends where a server falls silent, and goes on there at the next attempt", async () => {
  answer = (_, response) =>
    void response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 20_000));
  // The first bytes may take longer than this on a busy machine. Nothing is kept then, and the
  // expectation is the same.
  const error: unknown = await get({ limits: { idleSeconds: 0.5 } }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValidationError);
  expect(String(error)).toMatch(
    /(the server (sent nothing|did not answer) for 0\.5 s).*(goes on from there|check the address)/,
  );
  answer = whole;
  await get();
  expect(await left()).toEqual({ file: content.length });
});

it("ends where a server trickles, whatever it announces", async () => {
  for (const headers of [{}, { "content-length": content.length }]) {
    answer = (_, response) => void drip(response.writeHead(200, headers), Buffer.from("x"));
    await expect(get({ limits: { leastRate: 1e6, rateSeconds: 0.05 } })).rejects.toThrow(
      /stopped after \d+ bytes \(the server sent \d+ bytes in [\d.]+ s, less than 1000000 a second\), expected the whole file; run it again/,
    );
  }
});

it("takes what comes fast enough, however short the time it is measured over", async () => {
  answer = whole;
  const limits = { idleSeconds: 60, leastRate: 1, rateSeconds: 1e-9 };
  await download({ url, path: path(), checksum, limits });
  expect(await left()).toEqual({ file: content.length });
});

it.each<[string, typeof answer]>([
  ["that never ends", (_, response) => void drip(response.writeHead(200), Buffer.alloc(10_000))],
  ["that announces too much", (_, response) => void response.writeHead(200, { "content-length": 10 ** 12 }).write("x")],
  [
    "that unpacks to too much",
    (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(10 ** 6))),
  ],
])("keeps nothing of an answer %s", async (_, given) => {
  answer = given;
  await expect(get({ most: content.length })).rejects.toThrow(
    /file is longer than can be right, expected at most 51073 bytes; check the address/,
  );
  expect(await left()).toEqual({});
});

it("takes a file of exactly the bound, and counts what an earlier attempt left", async () => {
  answer = whole;
  await writeFile(join(folder, "file.part"), content.subarray(0, 30_000));
  await get({ most: content.length });
  expect(await left()).toEqual({ file: content.length });
});

it("starts again where the part that was left is longer than the bound", async () => {
  answer = whole;
  await writeFile(join(folder, "file.part"), Buffer.alloc(content.length + 2000));
  await get({ most: content.length });
  expect(await left()).toEqual({ file: content.length });
});

it("says when an answer ends before the length that it announced, and keeps what came", async () => {
  await writeFile(join(folder, "file.part"), content.subarray(0, 1000));
  // A shorter range than requested, which ends without an error.
  answer = (_, response) =>
    response.writeHead(206, { "content-range": `bytes 1000-1999/${content.length}` }).end(content.subarray(1000, 2000));
  await expect(get()).rejects.toThrow(
    /stopped after 2000 bytes \(of 50000 that were announced\), expected the whole file; run it again/,
  );
  expect(await left()).toEqual({ "file.part": 2000 });
  answer = whole;
  await get();
  expect(await left()).toEqual({ file: content.length });
});

it("says when redirects lead nowhere", async () => {
  answer = (_, response) => response.writeHead(302, { location: "/file" }).end();
  await expect(get()).rejects.toThrow(/cannot be fetched \(redirect count exceeded\)/);
  answer = (_, response) => response.writeHead(302, { location: "ftp://127.0.0.1/file" }).end();
  await expect(get()).rejects.toThrow(/cannot be fetched \(.*scheme.*\)/);
});

it("ends with the caller's reason when it is told to, at any time", async () => {
  answer = () => undefined;
  await expect(get({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  const controller = new AbortController();
  answer = (_, response) => {
    response.writeHead(200).write("x");
    controller.abort(new Error("enough now"));
  };
  await expect(get({ signal: controller.signal })).rejects.toThrow("enough now");
});

it("refuses bounds that make no sense", async () => {
  await expect(get({ most: 0 })).rejects.toThrow(/most is 0/);
  for (const name of ["idleSeconds", "leastRate", "rateSeconds"])
    await expect(get({ limits: { [name]: 0 } })).rejects.toThrow(`${name} is 0`);
});
