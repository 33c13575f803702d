/**
 * The tensors of a graph during lowering, in each layout that is needed. A layout is converted
 * once, at its first use.
 */
import type { ById, Value } from "../../graph.js";
import { ONNX_TYPE, type OnnxBuilder, type Scope } from "../builder.js";
import { fromBlocked, toBlocked, type BlockedBuilder, type ImageShape } from "./layout.js";

/** `plain` is the layout of TensorFlow.js: NHWC for images. */
export type Layout = "plain" | "blocked" | "nchw";

const NHWC_TO_NCHW = [0, 3, 1, 2];
const NCHW_TO_NHWC = [0, 2, 3, 1];

export class Values {
  private readonly names = { plain: new Map<number, string>(), blocked: new Map(), nchw: new Map() } as Record<
    Layout,
    Map<number, string>
  >;
  private readonly madeIn = new Map<number, Layout>();
  private readonly prepared = new Map<string, string>();
  private readonly scope: Scope;

  constructor(
    private readonly builder: OnnxBuilder,
    private readonly specs: Pick<ById<Value>, "get">,
    /** Undefined if ONNX Runtime has no blocked layout. Every tensor is plain then. */
    private readonly block: number | undefined,
    /** The tensors of the graph around this one. They are converted there. */
    private readonly around?: Values,
  ) {
    this.scope = builder.scope;
  }

  spec(id: number): Value {
    return this.specs.get(id) ?? this.around!.spec(id);
  }

  /** The tensors of a graph inside this one, such as the block of a loop: `own`, and these. */
  inside(own: readonly Value[]): Values {
    return new Values(this.builder, new Map(own.map((value) => [value.id, value])), this.block, this);
  }

  /** Whether the tensor is one of the graph around this one. */
  private isOutside(id: number): boolean {
    return this.around !== undefined && this.specs.get(id) === undefined;
  }

  define(id: number, layout: Layout, name: string): void {
    if (layout === "plain") this.builder.known(name, this.spec(id).shape);
    this.names[layout].set(id, name);
    this.madeIn.set(id, layout);
  }

  /** The layout in which the tensor was computed. */
  layoutOf(id: number): Layout {
    return this.isOutside(id) ? this.around!.layoutOf(id) : this.madeIn.get(id)!;
  }

  /** `make()`, cached by the tensor that it reads and a key, and computed where the tensor is. */
  once(id: number, key: string, make: () => string): string {
    if (this.isOutside(id)) return this.around!.once(id, key, make);
    const name = this.prepared.get(`${id} ${key}`) ?? this.builder.within(this.scope, make);
    this.prepared.set(`${id} ${key}`, name);
    return name;
  }

  /** The tensors as the rows of one tensor, made once. */
  stack(ids: readonly number[], make: () => string): string {
    return this.once(ids[0]!, `beside ${ids.join()}`, make);
  }

  /**
   * The tensor's ONNX name in a layout. Only images (rank 4) have layouts other than the plain one.
   */
  in(layout: Layout, id: number): string {
    if (this.isOutside(id)) return this.around!.in(layout, id);
    const known = this.names[layout].get(id);
    if (known !== undefined) return known;
    const name = this.builder.within(this.scope, () => this.convert(id, layout));
    this.names[layout].set(id, name);
    return name;
  }

  private convert(id: number, layout: Layout): string {
    const shape = this.spec(id).shape as unknown as ImageShape;
    const made = this.layoutOf(id);
    if (layout === "blocked")
      return this.reordered(id, (x, target) => toBlocked(target, x, shape), this.in("plain", id));
    if (layout === "nchw") return this.permuted(this.in("plain", id), shape, NHWC_TO_NCHW);
    if (made === "nchw") {
      const [n, h, w, c] = shape;
      return this.permuted(this.in("nchw", id), [n, c, h, w], NCHW_TO_NHWC);
    }
    return this.reordered(id, (x, target) => fromBlocked(target, x, shape), this.in("blocked", id));
  }

  /** A transposition. With one channel it is a reshape. */
  private permuted(x: string, shape: readonly number[], perm: readonly number[]): string {
    const channels = perm === NHWC_TO_NCHW ? shape[3] : shape[1];
    return channels === 1
      ? this.builder.reshape(
          x,
          perm.map((axis) => shape[axis]!),
        )
      : this.builder.transpose(x, perm);
  }

  /**
   * Reorders floats. Other types, such as results of comparisons, are converted to floats and back.
   */
  private reordered(id: number, reorder: (x: string, target: BlockedBuilder) => string, x: string): string {
    const { builder, block } = this;
    const { dtype } = this.spec(id);
    const target = { builder, block: block! };
    if (dtype === "float32") return reorder(x, target);
    const float = builder.op("Cast", [x], { to: ONNX_TYPE.float32 });
    return builder.op("Cast", [reorder(float, target)], { to: ONNX_TYPE[dtype] });
  }
}
