import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { cases } from "../src/cases/index.js";
import { findPeer, peers } from "../src/peers.js";

/** A script, and the modules beside it that it imports. */
function sourceOf(script: string): string {
  const source = readFileSync(script, "utf8");
  const modules = [...source.matchAll(/^from (\w+) import/gm)].map(([, name]) => join(dirname(script), `${name}.py`));
  return [source, ...modules.filter(existsSync).map((path) => readFileSync(path, "utf8"))].join("");
}

describe.each(peers)("$name", (peer) => {
  it("has a function for every case that it runs", () => {
    const source = sourceOf(peer.script);
    for (const { name } of cases.filter((one) => !peer.without.includes(one.name))) {
      expect(source).toContain(`    "${name}": ${name.replaceAll("-", "_")},`);
      expect(source).toContain(`\ndef ${name.replaceAll("-", "_")}(`);
    }
  });

  it("is left out with a line on how to get it where there is no Python", () => {
    expect(findPeer(peer, { PYTHON: "/nowhere/python" })).toEqual({
      peer,
      note: expect.stringMatching(`^${peer.name} was left out: "/nowhere/python" does not start\\..*pip install`),
    });
  });

  it("is left out where a Python lacks its modules", () => {
    const wanting = { ...peer, modules: ["no_such"] };
    expect(findPeer(wanting, { PYTHON: process.execPath })).toEqual({
      peer: wanting,
      note: expect.stringContaining(`"${process.execPath}" cannot import no_such`),
    });
  });
});
