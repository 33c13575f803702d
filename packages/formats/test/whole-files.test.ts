/** Files appear whole or not at all, after any failure and with many writers. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ValidationError } from "@ergodic/tensor";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isTemporary, saveFile, temporaryName, writeFileWhole, writeFolderWhole } from "../src/entries/node.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "whole-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("a file is created and replaced, from text, bytes or parts", async () => {
  const path = join(folder, "a");
  await writeFileWhole(path, "text");
  expect(await readFile(path, "utf8")).toBe("text");
  await writeFileWhole(path, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(folder)).toEqual(["a"]);
});

it("many writers of one file in one process leave the content of one of them and nothing else", async () => {
  const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000));
  await Promise.all(contents.map((content) => writeFileWhole(join(folder, "a"), content)));
  expect(contents).toContain(await readFile(join(folder, "a"), "utf8"));
  expect(await readdir(folder)).toEqual(["a"]);
});

it("what fails leaves what was there, and nothing unfinished", async () => {
  await mkdir(join(folder, "taken"));
  await writeFile(join(folder, "taken", "x"), "1");
  await expect(writeFileWhole(join(folder, "taken"), "2")).rejects.toMatchObject({ syscall: "rename" });
  await expect(writeFolderWhole(join(folder, "taken"), { y: "2" })).rejects.toMatchObject({ syscall: "rename" });
  await expect(writeFolderWhole(join(folder, "new"), { x: "1", "x/y": "2" })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(["taken"]);
  expect(await readdir(join(folder, "taken"))).toEqual(["x"]);
});

it.skipIf(process.platform === "win32")("a link of the file's name is replaced, not followed", async () => {
  await writeFile(join(folder, "precious"), "kept");
  await symlink(join(folder, "precious"), join(folder, "a"));
  await writeFileWhole(join(folder, "a"), "new");
  expect(await readFile(join(folder, "precious"), "utf8")).toBe("kept");
  expect(await readFile(join(folder, "a"), "utf8")).toBe("new");
});

it("saveFile makes the folders above, and says in words why it cannot", async () => {
  await saveFile(join(folder, "b", "c", "d"), "1");
  expect(await readFile(join(folder, "b", "c", "d"), "utf8")).toBe("1");
  const below = saveFile(join(folder, "b", "c", "d", "e"), "1");
  await expect(below).rejects.toThrow(ValidationError);
  await expect(below).rejects.toThrow(/e cannot be written \(E(NOTDIR|EXIST): .*expected a path that can be written/);
});

it("temporary names lie beside the file, differ, and are known as such", () => {
  const names = [temporaryName(join("a", "b")), temporaryName(join("a", "b"))];
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(isTemporary(name.slice(2)) && name.startsWith(join("a", ".tmp-"))).toBe(true);
});
