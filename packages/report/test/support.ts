/** Reads plots back: a strict XML parser for the markup, and the data of a path. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

/** Elements that HTML does not close. */
const empty = new Set(["meta", "img"]);

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
const unescaped = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? `unknown entity ${whole}`);

/**
 * The root of well-formed markup.
 *
 * @throws when a tag is not closed, an attribute has no value, or text holds a bare < or &.
 */
export function parse(markup: string): Element {
  const root: { name: string; attributes: Record<string, string>; children: (Element | string)[] } = {
    name: "#root",
    attributes: {},
    children: [],
  };
  const open = [root];
  let rest = markup.replace(/^<!doctype html>/, "");
  while (rest !== "") {
    const text = /^[^<]+/.exec(rest)?.[0];
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt|quot);)/.test(text) && !["style", "script"].includes(open.at(-1)!.name))
        throw new Error(`bare & in ${text}`);
      open.at(-1)!.children.push(unescaped(text));
      rest = rest.slice(text.length);
      continue;
    }
    const close = /^<\/([\w-]+)>/.exec(rest);
    if (close !== null) {
      const name = open.pop()!.name;
      if (name !== close[1]) throw new Error(`</${close[1]}> closes <${name}>`);
      rest = rest.slice(close[0].length);
      continue;
    }
    const tag = /^<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>/.exec(rest);
    if (tag === null) throw new Error(`no tag: ${rest.slice(0, 80)}`);
    const attributes = Object.fromEntries(
      [...tag[2]!.matchAll(/ ([\w-]+)="([^"]*)"/g)].map((match) => [match[1]!, unescaped(match[2]!)]),
    );
    const element = { name: tag[1]!, attributes, children: [] };
    open.at(-1)!.children.push(element);
    if (tag[3] === "" && !empty.has(element.name)) open.push(element);
    rest = rest.slice(tag[0].length);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is never closed`);
  return root;
}

/** All descendants with this name and this class. */
export function all(element: Element, name: string, className?: string): Element[] {
  return element.children.flatMap((child) => {
    if (typeof child === "string") return [];
    const fits =
      child.name === name && (className === undefined || child.attributes["class"]?.split(" ").includes(className));
    return [...(fits ? [child] : []), ...all(child, name, className)];
  });
}

export const textOf = (element: Element): string =>
  element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");

/** The vertices of a path of M and L commands. */
export const corners = (path: Element): [number, number][] =>
  [...path.attributes["d"]!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

/** Converts heights on the drawing to values, from two tick labels and their lines. */
export function yScale(svg: Element): (height: number) => number {
  const ticks = all(svg, "text")
    .filter(({ attributes }) => attributes["dy"] === "0.32em")
    .map((tick) => [Number(tick.attributes["y"]), Number(textOf(tick))] as const);
  const [[y0, v0], [y1, v1]] = [ticks[0]!, ticks.at(-1)!];
  return (height) => v0 + ((height - y0) / (y1 - y0)) * (v1 - v0);
}
