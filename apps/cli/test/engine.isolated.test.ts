/**
 * `ergodic engine`: platforms, archives, downloads and arguments. Failures leave nothing behind.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nativeTensorFlow } from "@ergodic/engine";
import { changeSources } from "../src/native/changes.js";
import { addTensorFlow, listBuilds, removeBuilds } from "../src/native/install.js";
import { platformOf } from "../src/native/platform.js";
import { telling } from "../src/native/processes.js";
import { reporter } from "../src/native/reporter.js";
import { unpack } from "../src/native/unpack.js";
import { checkHash, download, releaseAt } from "../src/native/wheel.js";
import { run } from "../src/program.js";

let folder = "";
const servers: Server[] = [];
const silent = { step: () => undefined, progress: () => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
  vi.stubEnv("LOCALAPPDATA", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A ZIP archive of stored files. */
function archive(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [file, data] = [Buffer.from(name), Buffer.from(text)];
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt32LE(crc32(data), 10);
    header.writeUInt32LE(data.length, 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt16LE(file.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), header, file, data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), header, place, file]));
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, central, Buffer.from("PK\u0005\u0006"), end]);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Creates a fake build with all files of a real one. */
async function pretend(name: string): Promise<void> {
  const { addonIn, enginesFolder } = await nativeTensorFlow();
  const addon = addonIn(join(enginesFolder(), name));
  await mkdir(join(addon, ".."), { recursive: true });
  await writeFile(addon, "12345");
}

describe("the wheels of a platform", () => {
  it.each([
    ["linux x64", "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"],
    ["linux x64", "tensorflow_cpu-2.12.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"],
    ["linux arm64", "tensorflow_cpu-2.21.0-cp313-cp313-manylinux_2_27_aarch64.whl"],
    ["darwin arm64", "tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl"],
  ])("on %s match %s and no others", (platform, file) => {
    for (const other of ["linux x64", "linux arm64", "darwin arm64"]) {
      expect(platformOf(other, false).wheel.test(file)).toBe(other === platform);
    }
    expect(platformOf(platform, false).wheel.test("tensorflow-2.21.0-cp312-cp312-win_amd64.whl")).toBe(false);
  });

  it("are refused where there are none, with another way", () => {
    expect(() => platformOf("win32 x64", false)).toThrow(/no TensorFlow wheel.*npm install @tensorflow\/tfjs-node/);
    expect(() => platformOf("darwin arm64", true)).toThrow(/CUDA on linux x64 only/);
    expect(platformOf("linux x64", true).packages).toEqual(["tensorflow"]);
  });
});

it("takes chosen files out of an archive", async () => {
  const wheel = join(folder, "a.whl");
  await writeFile(wheel, archive({ "lib/one.so": "1", "lib/": "", "docs/two.md": "2", "lib/deep/three.so": "three" }));
  const written = await unpack(wheel, (name) => (name.startsWith("lib/") ? join(folder, "out", name) : undefined));
  expect(written).toEqual(["lib/one.so", "lib/deep/three.so"]);
  expect(await readFile(join(folder, "out", "lib", "deep", "three.so"), "utf8")).toBe("three");
  expect((await readdir(join(folder, "out"))).sort()).toEqual(["lib"]);
});

describe("a download", () => {
  const data = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  const file = (url: string) => ({
    url,
    filename: "x.whl",
    size: data.length,
    digests: { sha256: createHash("sha256").update(data).digest("hex") },
  });

  it("goes on where the connection broke off, and tells how far it is", async () => {
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, { "content-length": data.length - start });
      if (start > 0) return void response.end(data.subarray(start));
      response.write(data.subarray(0, 40_000), () => setTimeout(() => response.destroy(), 50));
    });
    const said: number[] = [];
    const path = join(folder, "x.whl");
    await download(file(url), path, { ...silent, progress: (done) => said.push(done) });
    expect((await readFile(path)).equals(data)).toBe(true);
    expect(ranges).toHaveLength(2);
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(said.at(-1)).toBe(data.length);
    await checkHash(file(url), path);
    await writeFile(path, "other");
    await expect(checkHash(file(url), path)).rejects.toThrow(/SHA-256/);
  });

  it("gives up when it breaks off again and again, is refused, or there is no server", async () => {
    const broken = await serve((_, response) => {
      response.writeHead(200, { "content-length": data.length });
      response.write("x", () => setTimeout(() => response.destroy(), 5));
    });
    await expect(download(file(broken), join(folder, "a"), silent)).rejects.toThrow(/broke off 5 times/);
    const refused = await serve((_, response) => response.writeHead(403).end());
    await expect(download(file(refused), join(folder, "b"), silent)).rejects.toThrow(/refused: 403/);
    await expect(download(file("http://127.0.0.1:1/"), join(folder, "c"), silent)).rejects.toThrow(
      /127\.0\.0\.1:1 cannot be reached/,
    );
  });

  it("gives up a server that falls silent or trickles, and one that sends more than PyPI states", async () => {
    const silentServer = await serve((_, response) => {
      response.writeHead(200, { "content-length": data.length });
      response.write(data.subarray(0, 10));
    });
    await expect(download(file(silentServer), join(folder, "d"), silent, { idleSeconds: 0.1 })).rejects.toThrow(
      /broke off 5 times \(the server (sent nothing|did not answer) for 0\.1 s\)|cannot be reached: the server did not answer/,
    );
    const trickling = await serve((_, response) => {
      const timer = setInterval(() => response.write("x"), 2);
      response.on("close", () => clearInterval(timer));
    });
    await expect(
      download(file(trickling), join(folder, "e"), silent, { leastRate: 1e6, rateSeconds: 0.02 }),
    ).rejects.toThrow(/broke off 5 times \(the server sent \d+ bytes in/);
    const endless = await serve((_, response) => {
      const timer = setInterval(() => response.write(data), 2);
      response.on("close", () => clearInterval(timer));
    });
    await expect(download(file(endless), join(folder, "f"), silent)).rejects.toThrow(
      /x\.whl is longer than the 100000 bytes that PyPI states/,
    );
  });

  it("of PyPI's list of files is read within bounds, and told from other answers", async () => {
    const answers: Record<string, string> = {
      "/html": "<html>sign in</html>",
      "/null": "null",
      "/good": '{"urls":[]}',
    };
    const url = await serve((request, response) => {
      const answer = answers[request.url!];
      if (request.url === "/none") response.writeHead(404).end();
      else if (answer !== undefined) response.end(answer);
    });
    expect(await releaseAt(`${url}good`)).toEqual({ urls: [] });
    expect(await releaseAt(`${url}none`)).toBeUndefined();
    await expect(releaseAt(`${url}html`)).rejects.toThrow(/html cannot be read: .*JSON.* Try again later/);
    await expect(releaseAt(`${url}null`)).rejects.toThrow(/null lists no files/);
    await expect(releaseAt(`${url}mute`, { idleSeconds: 0.1 })).rejects.toThrow(
      /cannot be reached: the server did not/,
    );
  });

  it("is reported at every tenth", () => {
    const lines: string[] = [];
    const report = reporter((text) => lines.push(text));
    report.step("download");
    for (let done = 0; done <= 100; done += 5) report.progress(done * 2 ** 20, 100 * 2 ** 20);
    expect(lines).toHaveLength(11);
    expect(lines[1]).toBe("  10 % of 100 MiB");
  });
});

describe("builds", () => {
  it("are listed, the newest and of one version the one for CUDA first, and removed", async () => {
    for (const name of ["tensorflow-2.9.0", "tensorflow-2.21.0", "tensorflow-2.21.0-gpu", ".adding-abc", "other"]) {
      await pretend(name);
    }
    const builds = await listBuilds();
    expect(builds.map(({ version, gpu, bytes }) => [version, gpu, bytes])).toEqual([
      ["2.21.0", true, 5],
      ["2.21.0", false, 5],
      ["2.9.0", false, 5],
    ]);
    expect(await removeBuilds("2.21.0")).toHaveLength(2);
    expect((await listBuilds()).map(({ version }) => version)).toEqual(["2.9.0"]);
    await removeBuilds(undefined);
    await expect(removeBuilds(undefined)).rejects.toThrow(/there is no build in/);
    await expect(removeBuilds("2.9.0")).rejects.toThrow(/no build of version 2\.9\.0/);
  });

  it.skipIf(process.platform === "win32")("leave nothing behind where a step fails, and say which", async () => {
    const tools = join(folder, "tools");
    await mkdir(tools);
    await writeFile(join(tools, "npm"), "#!/bin/sh\necho 'npm error network is unreachable' >&2\nexit 1\n");
    await chmod(join(tools, "npm"), 0o755);
    vi.stubEnv("PATH", tools);
    const add = addTensorFlow({ version: "2.21.0", gpu: false }, ["false"], silent);
    await expect(add).rejects.toThrow(/npm cannot get .*npm error network is unreachable/);
    const { enginesFolder } = await nativeTensorFlow();
    expect(await readdir(enginesFolder())).toEqual([]);
  });

  it("are not built twice", async () => {
    await pretend("tensorflow-2.21.0");
    await expect(addTensorFlow({ version: "2.21.0", gpu: false }, ["false"], silent)).rejects.toThrow(
      /exists already.*engine remove tensorflow --version 2\.21\.0/,
    );
  });
});

describe("the sources of the addon", () => {
  const [gyp, backend] = [
    "{\n  'targets' : [{",
    `#include "tfjs_backend.h"
  std::string tags;
  nstatus = GetStringParam(env, tags_value, tags);
  if (TF_GetCode(tf_status.status) != TF_OK) {
    NAPI_THROW_ERROR(env, "Session fail to run with error: %s",`,
  ];
  const write = async (text: string): Promise<void> => {
    await mkdir(join(folder, "binding"));
    await writeFile(join(folder, "binding.gyp"), gyp);
    await writeFile(join(folder, "binding", "tfjs_backend.cc"), text);
    const exported = `static napi_value DeleteSavedModel(\n      {"TF_Version", nullptr,`;
    await writeFile(join(folder, "binding", "tfjs_binding.cc"), exported);
  };

  it("are changed so that failed runs free their inputs, sessions take options, and stderr can be silenced", async () => {
    await write(backend);
    await changeSources(folder);
    const changed = await readFile(join(folder, "binding", "tfjs_backend.cc"), "utf8");
    expect(changed).toMatch(/TF_DeleteTensor\(input\);[^]*Session fail to run/);
    expect(changed).toMatch(/TF_SetConfig\(session_options[^]*std::string tags;/);
    expect(changed).toMatch(/TF_SetTarget\(session_options[^]*std::string tags;/);
    const exported = await readFile(join(folder, "binding", "tfjs_binding.cc"), "utf8");
    expect(exported).toMatch(/TF_NewServer[^]*DeleteSavedModel[^]*"startServer"[^]*"TF_Version"/);
    expect(await readFile(join(folder, "binding.gyp"), "utf8")).toContain("binding/stderr.c");
    expect(await readFile(join(folder, "binding", "stderr.c"), "utf8")).toContain("NAPI_MODULE_INIT");
  });

  it("are refused where they are others", async () => {
    await write(backend.replace("Session fail to run", "Session failed"));
    await expect(changeSources(folder)).rejects.toThrow(/tfjs_backend\.cc is not the one that is known: .*missing/s);
  });
});

it("finds the telling line in what a program said", () => {
  expect(telling("gyp info ok\nmake: c++: not found\ngyp ERR! build error\nbye\n")).toBe("gyp ERR! build error");
  expect(telling("only this\n\n")).toBe("only this");
  expect(telling("")).toBe("it said nothing");
});

describe("the command line", () => {
  const said = (): { stdout: () => string; stderr: () => string } => {
    const [out, err] = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation(() => true),
    );
    const text = (spy: typeof out) => () => spy!.mock.calls.map(([part]) => String(part)).join("");
    return { stdout: text(out), stderr: text(err) };
  };

  it.each([
    [["engine", "add", "abacus"], /the engine "abacus" needs no native library/],
    [["engine", "add", "tensorflow", "--version", "new"], /"new" is no version of TensorFlow/],
    [["engine", "remove", "onnx"], /expected tensorflow/],
    [["engine", "add"], /missing required argument/],
  ])("refuses %j", async (args, message) => {
    const output = said();
    expect(await run(args)).toBe(2);
    expect(output.stderr()).toMatch(message);
  });

  it("lists as text and as JSON", async () => {
    const output = said();
    expect(await run(["engine", "list"])).toBe(0);
    expect(output.stdout()).toBe("nothing was added\n");
    await pretend("tensorflow-2.21.0");
    expect(await run(["engine", "list", "--json"])).toBe(0);
    expect(output.stdout()).toContain('"version": "2.21.0"');
  });

  it("says that a broken library does not compute", async () => {
    await pretend("tensorflow-2.21.0");
    const { buildFolder } = await nativeTensorFlow();
    const output = said();
    expect(await run(["engine", "prove", buildFolder({ version: "2.21.0", gpu: false })])).toBe(1);
    expect(output.stderr()).toMatch(/^error: .*tfjs_binding\.node/m);
  });
});
