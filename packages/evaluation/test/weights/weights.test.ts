import { createHash } from "node:crypto";
import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeSafetensors, readZip, writeZip } from "@ergodic/formats";
import { inceptionFile } from "../../src/entries/networks.js";
import { downloadInception, findInception } from "../../src/entries/node.js";
import { readWeights } from "../../src/weights/read-weights.js";
import type { StoredTensor } from "../../src/weights/stored-tensor.js";
import { evilLegacy, evilZipped, legacy, zipped } from "./torch-files.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weights-"));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, bytes: Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};

const at = ({ strides, offset = 0, values }: StoredTensor, ...index: number[]) =>
  values[index.reduce((sum, i, axis) => sum + i * strides[axis]!, offset)];

/** `arange(24)` as [2, 3, 1, 4], axes in the order 3, 2, 0, 1. */
function expectPermuted(tensor: StoredTensor) {
  expect(tensor.shape).toEqual([4, 1, 2, 3]);
  for (let o = 0; o < 4; o++)
    for (let h = 0; h < 2; h++) for (let w = 0; w < 3; w++) expect(at(tensor, o, 0, h, w)).toBe((h * 3 + w) * 4 + o);
}

describe("weights", () => {
  it("are read from the old layout of torch.save, strides and offsets respected, counters left out", async () => {
    const { tensors, sha256 } = await readWeights(await written("legacy.pth", legacy));
    expect([...tensors.keys()].sort()).toEqual(["a.conv.weight", "b", "c", "scalar"]);
    expectPermuted(tensors.get("a.conv.weight")!);
    expect([0, 1].map((i) => at(tensors.get("b")!, i))).toEqual([0.5, -1.5]);
    expect([0, 1, 2].map((i) => at(tensors.get("c")!, i))).toEqual([2, 3, 4]);
    expect(at(tensors.get("scalar")!)).toBe(2.5);
    expect(sha256).toBe(createHash("sha256").update(legacy).digest("hex"));
  });

  it("are read from the zip layout, of a state_dict() with its versions", async () => {
    const { tensors } = await readWeights(await written("zipped.pth", zipped));
    expect([...tensors.keys()]).toEqual(["weight", "bias", "running_mean", "running_var", "w"]);
    expectPermuted(tensors.get("w")!);
    expect([0, 1].map((i) => at(tensors.get("running_mean")!, i))).toEqual([1, 2]);
  });

  it("are read from safetensors", async () => {
    const bytes = encodeSafetensors([
      { name: "count", dtype: "int32", shape: [1], values: Int32Array.of(3) },
      { name: "w", dtype: "float32", shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
    ]);
    const { tensors } = await readWeights(await written("weights.safetensors", bytes));
    expect([...tensors.keys()]).toEqual(["w"]);
    expect(at(tensors.get("w")!, 1, 0)).toBe(3);
    const path = await written("short.safetensors", bytes.subarray(0, bytes.length - 1));
    await expect(readWeights(path)).rejects.toThrow(/w in .* lies outside the file/);
    const long = await written("long.safetensors", Buffer.concat([bytes, Buffer.of(0)]));
    await expect(readWeights(long)).rejects.toThrow(/long\.safetensors goes on for 1 bytes after its last tensor/);
  });

  it("are read from safetensors of 16-bit floats", async () => {
    const header = Buffer.from(
      JSON.stringify({
        half: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
        brain: { dtype: "BF16", shape: [2, 1], data_offsets: [4, 8] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    // 0.5 and -2, as both types.
    const numbers = Buffer.of(0x00, 0x38, 0x00, 0xc0, 0x00, 0x3f, 0x00, 0xc0);
    const { tensors } = await readWeights(
      await written("halves.safetensors", Buffer.concat([length, header, numbers])),
    );
    expect([0, 1].map((i) => at(tensors.get("half")!, i))).toEqual([0.5, -2]);
    expect([0, 1].map((i) => at(tensors.get("brain")!, i, 0))).toEqual([0.5, -2]);
  });

  it("in the zip layout are unpacked only where they have as many bytes as their tensors", async () => {
    const members = new Map<string, Uint8Array>();
    for (const [name, unpack] of readZip(zipped, "zipped")) members.set(name, await unpack());
    const storage = [...members.keys()].find((name) => name.includes("/data/"))!;
    members.set(storage, new Uint8Array(1000));
    await expect(readWeights(await written("long.pth", writeZip(members)))).rejects.toThrow(
      /data\/\d+ in .*long\.pth has 1000 bytes, expected at most \d\d?;/,
    );
  });

  it.each([
    ["zip", evilZipped],
    ["old", evilLegacy],
  ])("run nothing that a file in the %s layout asks for", async (name, bytes) => {
    const path = await written(`evil-${name}.pth`, bytes);
    await expect(readWeights(path)).rejects.toThrow(/refers to posix.system, expected plain tensors alone/);
    await expect(access("/tmp/owned")).rejects.toThrow();
  });

  it("refuse every cut of a file in the old layout", async () => {
    for (const length of [6, 100, 400, legacy.length - 100, legacy.length - 1]) {
      const path = await written("cut.pth", legacy.subarray(0, length));
      await expect(readWeights(path)).rejects.toThrow(/cut.pth (ends inside its pickle|is cut short)/);
    }
  });

  it("refuse unknown instructions, tensors beyond their numbers, and other files", async () => {
    const text = Buffer.from(legacy).toString("latin1");
    const start = text.indexOf("}q", 80);
    const unknown = Buffer.from(`${text.slice(0, start)}\x81${text.slice(start + 1)}`, "latin1");
    await expect(readWeights(await written("x.pth", unknown))).rejects.toThrow(/pickle instruction 0x81 at byte \d+/);
    // The permuted tensor's size (4, 1, 2, 3) becomes (9, 1, 2, 3).
    const size = text.indexOf("K\x04K\x01K\x02K\x03");
    const beyond = Buffer.from(`${text.slice(0, size)}K\x09${text.slice(size + 2)}`, "latin1");
    await expect(readWeights(await written("y.pth", beyond))).rejects.toThrow(/reaches beyond its numbers/);
    await expect(readWeights(await written("z.pth", Buffer.from("not weights")))).rejects.toThrow(
      /z.pth starts with 6e 6f 74 20 77 65 69 67, expected a .pth file/,
    );
    await expect(readWeights(join(folder, "none.pth"))).rejects.toThrow(/none.pth cannot be read \(ENOENT/);
  });
});

describe("the published weights", () => {
  let server: Server;
  let url = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/cut")
        response.writeHead(200, { "content-length": 9999 }).write(legacy, () => response.destroy());
      else response.writeHead(200, { "content-length": legacy.length }).end(legacy);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const checksum = createHash("sha256").update(legacy).digest("hex");

  it("are fetched once, with progress, and checked", async () => {
    const cache = join(folder, "cache");
    const received: number[] = [];
    const options = {
      folder: cache,
      url,
      checksum,
      onProgress: (p: { received: number }) => received.push(p.received),
    };
    const path = await downloadInception(options);
    expect(path).toBe(join(cache, inceptionFile.name));
    expect(received.at(-1)).toBe(legacy.length);
    expect(await downloadInception({ ...options, url: "http://127.0.0.1:9" })).toBe(path);
    expectPermuted((await readWeights(path)).tensors.get("a.conv.weight")!);
  });

  it("are not there after a transfer that broke or brought something else", async () => {
    const cache = join(folder, "other");
    await expect(downloadInception({ folder: cache, url: `${url}/cut`, checksum })).rejects.toThrow();
    await expect(downloadInception({ folder: cache, url })).rejects.toThrow(/has SHA-256 .* expected 6726825d/);
    expect(await readdir(cache).catch(() => [])).toEqual([]);
  });

  it("are asked for by name and address where they are missing or others", async () => {
    await expect(findInception(join(folder, "nowhere"))).rejects.toThrow(
      /is not there, expected the weights .* SHA-256 6726825d.*fetch https:\/\/github.com\/mseitzer\/pytorch-fid\/releases/,
    );
    await expect(findInception(join(folder, "cache"))).rejects.toThrow(/is not the published file/);
  });
});
