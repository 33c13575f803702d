/** The fixtures equal the numbers from which other programs computed golden values. */
import { expect, it } from "vitest";
import { uniforms } from "./fixtures.js";
import { checkImage } from "./inception/check-network.js";

it("uniform numbers start as they should", () => {
  expect([...uniforms(1, 3)]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

it("the check image has the known bytes", () => {
  const image = checkImage();
  expect([image[0], image[3], image[6]]).toEqual([2, 15, 250]);
  expect(image.reduce((sum, byte) => sum + byte, 0)).toBe(389424);
});
