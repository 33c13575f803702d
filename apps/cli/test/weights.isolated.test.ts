/** `ergodic weights`: downloads from a local server, checks, lists, and reports missing weights. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchWeights } from "../src/evaluation/weights.js";
import { run } from "../src/program.js";
import { writeSeededInception } from "./seeded-inception.js";

const published = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";
const content = Buffer.from("these stand for 95 megabytes");
const checksum = createHash("sha256").update(content).digest("hex");

let folder = "";
let server: Server;
let url = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("LOCALAPPDATA", join(folder, "cache"));
  server = createServer((_, response) => response.writeHead(200, { "content-length": content.length }).end(content));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights.pth`;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.close();
  await rm(folder, { recursive: true });
});

let said = "";
let printed = "";
beforeEach(() => {
  [said, printed] = ["", ""];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
});

describe("weights", () => {
  it("are fetched once and whole, with progress", async () => {
    const cache = join(folder, "fetched");
    const received: number[] = [];
    const wanted = { folder: cache, url, checksum, onProgress: (p: { received: number }) => received.push(p.received) };
    const file = await fetchWeights(wanted);
    expect(file).toEqual({
      ...{ path: join(cache, "pt_inception-2015-12-05-6726825d.pth"), bytes: content.length },
      ...{ sha256: checksum, published: false },
    });
    expect(received.at(-1)).toBe(content.length);
    expect(await fetchWeights({ ...wanted, url: "http://127.0.0.1:9" })).toEqual(file);
    expect(await run(["weights", "list", "--cache", cache, "--json"])).toBe(0);
    expect(JSON.parse(printed)).toEqual([file]);
  });

  it("that are something else do not stay, and the other address is named", async () => {
    const cache = join(folder, "else");
    expect(await run(["weights", "inception", "--url", url, "--cache", cache])).toBe(1);
    expect(said).toContain("  100 % of 0 MiB");
    expect(said).toMatch(new RegExp(`has SHA-256 ${checksum} .*expected ${published}`));
    expect(said).toContain("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/");
    expect(await readdir(cache).catch(() => [])).toEqual([]);
  });

  it("that cannot be reached are told so", async () => {
    expect(await run(["weights", "inception", "--url", "http://127.0.0.1:9/x"])).toBe(1);
    expect(said).toMatch(/^error: http:\/\/127\.0\.0\.1:9\/x cannot be fetched/);
    expect(await run(["weights", "list"])).toBe(0);
    expect(printed).toMatch(/^no weights in .*ergodic.weights$/m);
  });

  it("are checked: the network's arrays, and whether they are the published file", async () => {
    const path = join(folder, "seeded.safetensors");
    await writeSeededInception(path, 1);
    expect(await run(["weights", "inception", "--check", path])).toBe(0);
    expect(printed).toMatch(/seeded\.safetensors: 91 MiB, SHA-256 [0-9a-f]{64}, not the published file/);
    await writeFile(path, "no weights");
    expect(await run(["weights", "inception", "--check", path])).toBe(1);
    expect(said).toMatch(/seeded\.safetensors starts with .*expected a \.pth file/);
    expect(await run(["weights", "inception", "--check", path, "--url", url])).toBe(2);
  });

  it("that are missing are asked for by address, hash and command; nothing takes their place", async () => {
    const pixels = sharp(new Uint8Array(12), { raw: { width: 2, height: 2, channels: 3 } });
    await pixels.toFile(join(folder, "one.png"));
    expect(await run(["evaluate", folder, "--metrics", "is", "--quiet"])).toBe(1);
    expect(said).toContain("https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/");
    expect(said).toContain(published);
    expect(said).toContain('"ergodic weights inception" does that');
    expect(printed).toBe("");
  });
});
