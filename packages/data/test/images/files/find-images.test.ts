/** The files of a folder that are its images, and the report on the others. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findImages } from "../../../src/images/files/find-images.js";

let base = "";
let folder = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "find-images-"));
  folder = join(base, "set");
  await mkdir(folder);
});
afterEach(() => rm(base, { recursive: true }));

/** Empty files; a name that ends with / is a folder. */
async function make(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    await mkdir(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) await writeFile(path, "");
  }
}
const link = (target: string, name: string) => symlink(target, join(folder, name));

describe("images of a folder", () => {
  it("are those of its folders too, in the order of their paths, by any of the names that images have", async () => {
    const names = [
      "Z.PNG",
      "a.jpeg",
      "b/c.tif",
      "b.webp",
      "b/d/e.JPG",
      "k.bmp",
      "l.ppm",
      "m.pgm",
      "n.pbm",
      "o.avif",
      "p.gif",
      "q.jfif",
    ];
    await make(...names);
    expect(await findImages(folder)).toEqual({ files: [...names].sort(), skipped: {} });
  });

  it("are no copies that are hidden, nor what systems leave behind", async () => {
    await make("a.png", ".ipynb_checkpoints/a-checkpoint.png", "._a.png", "b/.thumbnails/t.png", ".DS_Store");
    await make("__MACOSX/._a.png", "__MACOSX/b.png", "Thumbs.db", "desktop.ini", "@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg");
    const { files, skipped } = await findImages(folder);
    expect(files).toEqual(["a.png"]);
    expect(skipped).toEqual({
      hidden: { count: 4, examples: [".DS_Store", "._a.png", ".ipynb_checkpoints/"] },
      "left by a system": { count: 4, examples: ["@eaDir/", "Thumbs.db", "__MACOSX/"] },
    });
  });

  it("may lie in a hidden folder that is asked for itself", async () => {
    await make(".cache/a.png");
    expect((await findImages(join(folder, ".cache"))).files).toEqual(["a.png"]);
  });

  it("are told from folders, drawings, kinds that are not read, and other files, each counted by its reason", async () => {
    await make("a.png", "x.png/", "y.png/inner.png", "logo.svg", "photo.heic", "labels.txt", "set.zip", "README");
    expect(await findImages(folder)).toEqual({
      files: ["a.png", "y.png/inner.png"],
      skipped: {
        "folders named like images": { count: 2, examples: ["x.png/", "y.png/"] },
        "images of a kind that is not read": { count: 2, examples: ["logo.svg", "photo.heic"] },
        "other files": { count: 3, examples: ["README", "labels.txt", "set.zip"] },
      },
    });
  });

  it("are taken once, however many links lead to them, and links in circles end", async () => {
    await make("a.png", "b/c.png", "../others/o.png");
    await link("a.png", "0.png");
    await link("b", "again");
    await link(".", "b/here");
    await link("..", "b/up");
    await link(base, "above");
    await link(join(base, "others"), "elsewhere");
    await link(join(base, "others"), "elsewhere-2");
    await link(folder, join("..", "others", "back"));
    await link("gone.png", "lost.png");
    await link("loop-1.png", "loop-2.png");
    await link("loop-2.png", "loop-1.png");
    const { files, skipped } = await findImages(folder);
    expect(files).toEqual(["a.png", "b/c.png", "elsewhere/o.png"]);
    expect(skipped["links to nothing"]).toEqual({ count: 3, examples: ["loop-1.png", "loop-2.png", "lost.png"] });
    expect(skipped["links back to a folder around them"]?.count).toBe(4);
    expect(skipped["links to what is read already"]?.examples).toEqual(["0.png", "again/", "elsewhere-2/"]);
    expect(skipped["links to what is read already"]?.count).toBe(3);
  });

  it("are not those around the folder, whatever links lead out of it and back", async () => {
    await make("in/a.png", "beside.png", "../others/o.png");
    await link(join(base, "others"), join("in", "out"));
    await link(folder, join("..", "others", "back"));
    const { files, skipped } = await findImages(join(folder, "in"));
    expect(files).toEqual(["a.png", "out/o.png"]);
    expect(skipped).toEqual({ "links back to a folder around them": { count: 1, examples: ["out/back"] } });
  });

  it("elsewhere are read through links, by the names of the links", async () => {
    await make("../store/1", "../store/2.png");
    await link(join(base, "store", "1"), "one.png");
    await link(join(base, "store", "2.png"), "two");
    expect(await findImages(folder)).toEqual({
      files: ["one.png"],
      skipped: { "other files": { count: 1, examples: ["two"] } },
    });
  });

  it.runIf(process.platform !== "win32")("are no pipes, which would be waited for", async () => {
    await make("a.png");
    execFileSync("mkfifo", [join(folder, "pipe.png")]);
    const { files, skipped } = await findImages(folder);
    expect([files, skipped["no ordinary files"]?.examples]).toEqual([["a.png"], ["pipe.png"]]);
  });

  it("need a folder", async () => {
    await make("a.png");
    await expect(findImages(join(folder, "b"))).rejects.toThrow(
      /b cannot be read \(.*ENOENT.*expected a folder of images/,
    );
    await expect(findImages(join(folder, "a.png"))).rejects.toThrow(/a\.png cannot be read \(.*ENOTDIR/);
  });
});
