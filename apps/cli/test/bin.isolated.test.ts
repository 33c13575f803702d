/**
 * The command as npm links it: in a built clone, in an unbuilt clone, and in an incomplete
 * installation.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const member = fileURLToPath(new URL("..", import.meta.url));
const { bin } = JSON.parse(readFileSync(join(member, "package.json"), "utf8")) as { bin: { ergodic: string } };

/** Stands in for the built program: prints its arguments. */
const program = "console.log('ran ' + process.argv.slice(2).join(' '));";

/** Stands in for the builder: prints its arguments to stdout, and writes the program. */
const builder = `
  import { mkdirSync, writeFileSync } from "node:fs";
  console.log("building " + process.argv.slice(2).join(" "));
  mkdirSync("apps/cli/dist", { recursive: true });
  writeFileSync("apps/cli/dist/main.js", ${JSON.stringify(program)});`;

describe("the linked command", () => {
  let clone = "";

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "ergodic-clone-"));
    for (const folder of ["scripts", "apps/cli/bin"]) mkdirSync(join(clone, folder), { recursive: true });
    writeFileSync(join(clone, "package.json"), '{ "type": "module" }');
    copyFileSync(join(member, bin.ergodic), join(clone, "apps/cli", bin.ergodic));
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  const run = () => {
    const args = [join(clone, "apps/cli", bin.ergodic), "presets", "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: tmpdir() });
    return { status, stdout, stderr };
  };
  const write = (file: string, code: string) => writeFileSync(join(clone, file), code);

  it("can be run where npm links it before anything is built", () => {
    expect(bin.ergodic).not.toContain("dist");
    expect(readFileSync(join(member, bin.ergodic), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    if (process.platform !== "win32") expect(statSync(join(member, bin.ergodic)).mode & 0o111).toBe(0o111);
  });

  it("builds an unbuilt clone once, with nothing but results on stdout", () => {
    write("scripts/turbo.mjs", builder);
    const first = run();
    expect(first).toMatchObject({ status: 0, stdout: "ran presets --json\n" });
    expect(first.stderr).toContain(`ergodic is not built in ${clone}`);
    expect(first.stderr).toContain("building run build --filter=ergodic");
    expect(run()).toEqual({ status: 0, stdout: "ran presets --json\n", stderr: "" });
  });

  it("says how to see why a build fails", () => {
    write("scripts/turbo.mjs", "process.exitCode = 1;");
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/ergodic: the build failed\. Run "npm install" in .*, then "npm run build" to see why\.\n$/);
  });

  it("asks for a new installation where there is neither program nor clone", () => {
    expect(run()).toEqual({
      status: 1,
      stdout: "",
      stderr: "ergodic: this installation of ergodic has no dist/main.js. Install it again: npm install ergodic\n",
    });
  });
});
