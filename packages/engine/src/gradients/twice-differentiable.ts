/**
 * Kernels whose gradients can be differentiated again. For each, second derivatives were compared
 * with finite differences.
 *
 * The tests cover every kernel of this list. Add a kernel together with a test case.
 */
const KERNELS = `
  Add AddN Sub Multiply RealDiv Neg Square SquaredDifference Pow Sqrt Rsqrt Reciprocal Abs Maximum Minimum Mod Atan2 ClipByValue
  Exp Expm1 Log Log1p Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Erf
  Tanh Sigmoid Softplus Softmax Relu Relu6 LeakyRelu Prelu Elu EluGrad Selu
  Sum Mean Max Min Cumsum Cumprod
  BatchMatMul Einsum Conv2D Conv2DBackpropInput Conv2DBackpropFilter
  DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput DepthwiseConv2dNativeBackpropFilter
  Conv3D Conv3DBackpropInputV2 Conv3DBackpropFilterV2
  AvgPool AvgPoolGrad AvgPool3D AvgPool3DGrad ResizeBilinear ResizeNearestNeighbor FusedBatchNorm
  Identity Cast Reshape ExpandDims Transpose Reverse Slice PadV2 MirrorPad Concat SplitV Pack Unpack Tile
  SpaceToBatchND BatchToSpaceND Select GatherV2 UnsortedSegmentSum
`;

export const twiceDifferentiable: ReadonlySet<string> = new Set(KERNELS.trim().split(/\s+/));
