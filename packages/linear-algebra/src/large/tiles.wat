;; Inner products of packed rows, 4 x 4 at a time, as `addInnerProducts` of tiles.ts computes them:
;; the sixteen sums of a tile, each over k = 0, 1, .. 63, by multiplications and additions of pairs.
;;
;; `npx tsx scripts/assemble.ts` writes the binary form, tiles-binary.ts. Memory, in bytes:
;;       0  tile: 4 rows of 64 float64
;;    2048  left: 256 rows of 64 float64
;;  133120  right: 256 rows of 64 float64
;;  264192  groups: the right rows in groups of 4, with the numbers of one k side by side
;;  395264  sums: 256 rows of 256 float64
;;  919552  products: 4 rows of 256 float64
(module
  (memory (export "memory") 15)

  ;; Writes `groups` from the first `count` tiles of four right rows.
  (func (export "interleave") (param $count i32)
    (local $from i32) (local $to i32) (local $end i32) (local $row i32)
    (local.set $from (i32.const 133120))
    (local.set $to (i32.const 264192))
    (local.set $end (i32.add (i32.const 133120) (i32.shl (local.get $count) (i32.const 11))))
    (block $done
      (loop $tile
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $row (i32.add (local.get $from) (i32.const 512)))
        (loop $k
          (f64.store offset=0 (local.get $to) (f64.load offset=0 (local.get $from)))
          (f64.store offset=8 (local.get $to) (f64.load offset=512 (local.get $from)))
          (f64.store offset=16 (local.get $to) (f64.load offset=1024 (local.get $from)))
          (f64.store offset=24 (local.get $to) (f64.load offset=1536 (local.get $from)))
          (local.set $to (i32.add (local.get $to) (i32.const 32)))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))
          (br_if $k (i32.lt_u (local.get $from) (local.get $row))))
        (local.set $from (i32.add (local.get $from) (i32.const 1536)))
        (br $tile))))

  ;; Adds to `sums` the products of one tile of left rows with the tiles [first, count) of `groups`.
  ;; The products come first and are added last: with sums in the inner loop it is a sixth slower.
  (func (export "products") (param $row i32) (param $first i32) (param $count i32)
    (local $a i32) (local $b i32) (local $to i32) (local $end i32) (local $x v128)
    (local $y0 v128) (local $y2 v128)
    (local $s00 v128) (local $s02 v128) (local $s10 v128) (local $s12 v128)
    (local $s20 v128) (local $s22 v128) (local $s30 v128) (local $s32 v128)
    (if (i32.ge_u (local.get $first) (local.get $count)) (then (return)))
    (local.set $b (i32.add (i32.const 264192) (i32.shl (local.get $first) (i32.const 11))))
    (local.set $to (i32.add (i32.const 919552) (i32.shl (local.get $first) (i32.const 5))))
    (local.set $end (i32.add (i32.const 919552) (i32.shl (local.get $count) (i32.const 5))))
    (memory.copy
      (i32.const 0)
      (i32.add (i32.const 2048) (i32.shl (local.get $row) (i32.const 11)))
      (i32.const 2048))
    (loop $tile
      (local.set $s00 (v128.const i64x2 0 0))
      (local.set $s02 (v128.const i64x2 0 0))
      (local.set $s10 (v128.const i64x2 0 0))
      (local.set $s12 (v128.const i64x2 0 0))
      (local.set $s20 (v128.const i64x2 0 0))
      (local.set $s22 (v128.const i64x2 0 0))
      (local.set $s30 (v128.const i64x2 0 0))
      (local.set $s32 (v128.const i64x2 0 0))
      (local.set $a (i32.const 0))
      (loop $k
        (local.set $y0 (v128.load offset=0 (local.get $b)))
        (local.set $y2 (v128.load offset=16 (local.get $b)))
        (local.set $x (v128.load64_splat offset=0 (local.get $a)))
        (local.set $s00 (f64x2.add (local.get $s00) (f64x2.mul (local.get $x) (local.get $y0))))
        (local.set $s02 (f64x2.add (local.get $s02) (f64x2.mul (local.get $x) (local.get $y2))))
        (local.set $x (v128.load64_splat offset=512 (local.get $a)))
        (local.set $s10 (f64x2.add (local.get $s10) (f64x2.mul (local.get $x) (local.get $y0))))
        (local.set $s12 (f64x2.add (local.get $s12) (f64x2.mul (local.get $x) (local.get $y2))))
        (local.set $x (v128.load64_splat offset=1024 (local.get $a)))
        (local.set $s20 (f64x2.add (local.get $s20) (f64x2.mul (local.get $x) (local.get $y0))))
        (local.set $s22 (f64x2.add (local.get $s22) (f64x2.mul (local.get $x) (local.get $y2))))
        (local.set $x (v128.load64_splat offset=1536 (local.get $a)))
        (local.set $s30 (f64x2.add (local.get $s30) (f64x2.mul (local.get $x) (local.get $y0))))
        (local.set $s32 (f64x2.add (local.get $s32) (f64x2.mul (local.get $x) (local.get $y2))))
        (local.set $b (i32.add (local.get $b) (i32.const 32)))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (br_if $k (i32.lt_u (local.get $a) (i32.const 512))))
      (v128.store offset=0 (local.get $to) (local.get $s00))
      (v128.store offset=16 (local.get $to) (local.get $s02))
      (v128.store offset=2048 (local.get $to) (local.get $s10))
      (v128.store offset=2064 (local.get $to) (local.get $s12))
      (v128.store offset=4096 (local.get $to) (local.get $s20))
      (v128.store offset=4112 (local.get $to) (local.get $s22))
      (v128.store offset=6144 (local.get $to) (local.get $s30))
      (v128.store offset=6160 (local.get $to) (local.get $s32))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (br_if $tile (i32.lt_u (local.get $to) (local.get $end))))
    (local.set $to (i32.add (i32.const 919552) (i32.shl (local.get $first) (i32.const 5))))
    (local.set $b (i32.add (i32.const 395264) (i32.shl (local.get $row) (i32.const 13))))
    (local.set $b (i32.add (local.get $b) (i32.shl (local.get $first) (i32.const 5))))
    (loop $sum
      (v128.store offset=0 (local.get $b)
        (f64x2.add (v128.load offset=0 (local.get $b)) (v128.load offset=0 (local.get $to))))
      (v128.store offset=16 (local.get $b)
        (f64x2.add (v128.load offset=16 (local.get $b)) (v128.load offset=16 (local.get $to))))
      (v128.store offset=2048 (local.get $b)
        (f64x2.add (v128.load offset=2048 (local.get $b)) (v128.load offset=2048 (local.get $to))))
      (v128.store offset=2064 (local.get $b)
        (f64x2.add (v128.load offset=2064 (local.get $b)) (v128.load offset=2064 (local.get $to))))
      (v128.store offset=4096 (local.get $b)
        (f64x2.add (v128.load offset=4096 (local.get $b)) (v128.load offset=4096 (local.get $to))))
      (v128.store offset=4112 (local.get $b)
        (f64x2.add (v128.load offset=4112 (local.get $b)) (v128.load offset=4112 (local.get $to))))
      (v128.store offset=6144 (local.get $b)
        (f64x2.add (v128.load offset=6144 (local.get $b)) (v128.load offset=6144 (local.get $to))))
      (v128.store offset=6160 (local.get $b)
        (f64x2.add (v128.load offset=6160 (local.get $b)) (v128.load offset=6160 (local.get $to))))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $b (i32.add (local.get $b) (i32.const 32)))
      (br_if $sum (i32.lt_u (local.get $to) (local.get $end))))))
