/** Text in all encodings that are read, and refusals of others by name. */
import { describe, expect, it } from "vitest";
import { decodeText, linesOf } from "../../src/index.js";

const text = "the café\nzürich 東京 🙂\n";
const little = Buffer.from(text, "utf16le");
const big = Buffer.from(little).swap16();
const marked = (mark: number[], body: Uint8Array) => Buffer.concat([Buffer.from(mark), body]);

describe("text", () => {
  it.each<[string, Uint8Array]>([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a byte order mark", marked([0xef, 0xbb, 0xbf], Buffer.from(text))],
    ["UTF-16, little end first", marked([0xff, 0xfe], little)],
    ["UTF-16, big end first", marked([0xfe, 0xff], big)],
  ])("is read from %s", (_, bytes) => {
    expect(decodeText(bytes, "x.txt")).toBe(text);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["UTF-16 without its mark", little, /x\.txt has the character zero in line 1|x\.txt is no UTF-8 at byte/],
    [
      "ASCII in UTF-16 without its mark",
      Buffer.from("a b\nc", "utf16le"),
      /x\.txt has the character zero in line 1, .*save it as UTF-8/,
    ],
    [
      "Latin-1",
      Buffer.from("the café\n", "latin1"),
      /x\.txt is no UTF-8 at byte 7, expected text in UTF-8, or in UTF-16 with a byte order mark; save it as UTF-8/,
    ],
    [
      "Latin-1 behind a mark of UTF-8",
      marked([0xef, 0xbb, 0xbf], Buffer.from("a\xff", "latin1")),
      /no UTF-8 at byte 4,/,
    ],
    ["UTF-8 that is cut", Buffer.from("é").subarray(0, 1), /no UTF-8 at byte 0,/],
    ["UTF-16 that is cut", marked([0xff, 0xfe], little.subarray(0, 5)), /x\.txt is no UTF-16,/],
    ["UTF-16 that is cut, big end first", marked([0xfe, 0xff], big.subarray(0, 5)), /x\.txt is no UTF-16,/],
    ["half a pair of UTF-16", marked([0xff, 0xfe], Buffer.from([0x3d, 0xd8])), /x\.txt is no UTF-16,/],
    [
      "UTF-32",
      marked([0xff, 0xfe, 0, 0], Buffer.from([0x61, 0, 0, 0])),
      /x\.txt is text in UTF-32, expected UTF-8 or UTF-16/,
    ],
    ["UTF-32, big end first", marked([0, 0, 0xfe, 0xff], Buffer.from([0, 0, 0, 0x61])), /text in UTF-32/],
    ["bytes of something else", Buffer.from("a\nb\r\nc\0"), /character zero in line 3/],
  ])("is refused in %s", (_, bytes, message) => {
    expect(() => decodeText(bytes, "x.txt")).toThrow(message);
  });

  it("keeps a character that stands for a lost one, and says where bytes are wrong after it", () => {
    expect(decodeText(Buffer.from("a\ufffdb"), "x")).toBe("a\ufffdb");
    expect(() => decodeText(Buffer.concat([Buffer.from("\ufffd"), Buffer.from([0x80])]), "x")).toThrow(/at byte 3,/);
  });

  it("has a line at each \\n, \\r\\n and \\r, and at nothing else", () => {
    expect(linesOf("a\nb\r\nc\rd\n\re")).toEqual(["a", "b", "c", "d", "", "e"]);
    expect(linesOf("a\u2028b\u2029c\u0085d\ve\ff")).toHaveLength(1);
  });
});
