;; The loops of random streams, with the numbers of their counterparts in JavaScript: `fillUint32` of
;; xoshiro.ts and `fillNormal` of ziggurat.ts, block by block.
;;
;; A block has 256 words or normals, and a generator of its own (`blockState` of streams.ts). Four
;; blocks are made at once: lane j of a vector belongs to block j.
;;
;; `npx tsx scripts/assemble.ts` writes the binary form, streams-binary.ts. Memory, in bytes:
;;      0  rotations of Threefry: 8 bytes
;;     64  states of four blocks: word k of block j at 64 + 16k + 4j
;;   1024  steps: for each of 256 layers the width of a step, and how many steps lie under the curve,
;;         plus 1/2; float32
;;   5120  edges: 257 float64
;;   7424  heights: 257 float64
;;   9728  chord bounds: 256 float64
;;  16384  words of four blocks: 268 for each, of which normals take 260 on average
;;  24576  results: 8192 words or float32
;;  57344  a first block of normals, of which only the last ones are asked for
;;  65536  an array of normals, in some instances
(module
  (import "Math" "exp" (func $exp (param f64) (result f64)))
  (import "Math" "log" (func $log (param f64) (result f64)))
  (memory (export "memory") 1)
  ;; The bytes from $next to $last hold words of a block that no number has used. Its state, for later
  ;; words, is at $state.
  (global $next (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const 0))
  (global $state (mut i32) (i32.const 0))

  ;; The states of a block and the three after it. Words x0 and x1 are `threefry2x32` of its first
  ;; counter, y0 and y1 of the second.
  (func $seeds (param $k0 i32) (param $k1 i32) (param $block i32)
    (local $k2 i32) (local $round i32) (local $bits i32) (local $back i32)
    (local $x0 v128) (local $x1 v128) (local $y0 v128) (local $y1 v128)
    (local.set $k2 (i32.xor (i32.const 0x1bd11bda) (i32.xor (local.get $k0) (local.get $k1))))
    (local.set $x0
      (i32x4.add
        (i32x4.splat (i32.add (local.get $k0) (i32.shl (local.get $block) (i32.const 1))))
        (v128.const i32x4 0 2 4 6)))
    (local.set $y0 (i32x4.add (local.get $x0) (v128.const i32x4 1 1 1 1)))
    (local.set $x1 (i32x4.splat (i32.add (i32.const 0x80000000) (local.get $k1))))
    (local.set $y1 (local.get $x1))
    (loop $each
      (local.set $bits (i32.load8_u (i32.and (local.get $round) (i32.const 7))))
      (local.set $back (i32.sub (i32.const 32) (local.get $bits)))
      (local.set $x0 (i32x4.add (local.get $x0) (local.get $x1)))
      (local.set $y0 (i32x4.add (local.get $y0) (local.get $y1)))
      (local.set $x1
        (v128.xor
          (local.get $x0)
          (v128.or
            (i32x4.shl (local.get $x1) (local.get $bits))
            (i32x4.shr_u (local.get $x1) (local.get $back)))))
      (local.set $y1
        (v128.xor
          (local.get $y0)
          (v128.or
            (i32x4.shl (local.get $y1) (local.get $bits))
            (i32x4.shr_u (local.get $y1) (local.get $back)))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $each (i32.and (local.get $round) (i32.const 3)))
      (local.set $bits (local.get $k0))
      (local.set $k0 (local.get $k1))
      (local.set $k1 (local.get $k2))
      (local.set $k2 (local.get $bits))
      (local.set $bits (i32.add (local.get $k1) (i32.shr_u (local.get $round) (i32.const 2))))
      (local.set $x0 (i32x4.add (local.get $x0) (i32x4.splat (local.get $k0))))
      (local.set $y0 (i32x4.add (local.get $y0) (i32x4.splat (local.get $k0))))
      (local.set $x1 (i32x4.add (local.get $x1) (i32x4.splat (local.get $bits))))
      (local.set $y1 (i32x4.add (local.get $y1) (i32x4.splat (local.get $bits))))
      (br_if $each (i32.ne (local.get $round) (i32.const 20))))
    ;; The forbidden state, all zero, becomes 1, 0, 0, 0.
    (v128.store offset=64 (i32.const 0)
      (i32x4.sub
        (local.get $x0)
        (i32x4.eq
          (v128.or
            (v128.or (local.get $x0) (local.get $x1))
            (v128.or (local.get $y0) (local.get $y1)))
          (v128.const i32x4 0 0 0 0))))
    (v128.store offset=80 (i32.const 0) (local.get $x1))
    (v128.store offset=96 (i32.const 0) (local.get $y0))
    (v128.store offset=112 (i32.const 0) (local.get $y1)))

  ;; Makes the next words of the block at $state, one after the other.
  (func $few (param $count i32)
    (local $s0 i32) (local $s1 i32) (local $s2 i32) (local $s3 i32)
    (local $shifted i32) (local $at i32) (local $end i32)
    (local.set $s0 (i32.load offset=0 (global.get $state)))
    (local.set $s1 (i32.load offset=16 (global.get $state)))
    (local.set $s2 (i32.load offset=32 (global.get $state)))
    (local.set $s3 (i32.load offset=48 (global.get $state)))
    (local.set $at (i32.sub (global.get $last) (i32.shl (local.get $count) (i32.const 2))))
    (global.set $next (local.get $at))
    (loop $each
      (i32.store (local.get $at)
        (i32.add
          (i32.rotl (i32.add (local.get $s0) (local.get $s3)) (i32.const 7))
          (local.get $s0)))
      (local.set $shifted (i32.shl (local.get $s1) (i32.const 9)))
      (local.set $s2 (i32.xor (local.get $s2) (local.get $s0)))
      (local.set $s3 (i32.xor (local.get $s3) (local.get $s1)))
      (local.set $s1 (i32.xor (local.get $s1) (local.get $s2)))
      (local.set $s0 (i32.xor (local.get $s0) (local.get $s3)))
      (local.set $s2 (i32.xor (local.get $s2) (local.get $shifted)))
      (local.set $s3 (i32.rotl (local.get $s3) (i32.const 11)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $at) (global.get $last))))
    (i32.store offset=0 (global.get $state) (local.get $s0))
    (i32.store offset=16 (global.get $state) (local.get $s1))
    (i32.store offset=32 (global.get $state) (local.get $s2))
    (i32.store offset=48 (global.get $state) (local.get $s3)))

  ;; Makes the next words of four blocks, so many bytes of each, to $at, $at + $bytes and so on.
  (func $four (param $at i32) (param $bytes i32)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $shifted v128)
    (local $word v128) (local $at1 i32) (local $at2 i32) (local $at3 i32) (local $end i32)
    (local.set $s0 (v128.load offset=64 (i32.const 0)))
    (local.set $s1 (v128.load offset=80 (i32.const 0)))
    (local.set $s2 (v128.load offset=96 (i32.const 0)))
    (local.set $s3 (v128.load offset=112 (i32.const 0)))
    (local.set $at1 (i32.add (local.get $at) (local.get $bytes)))
    (local.set $at2 (i32.add (local.get $at1) (local.get $bytes)))
    (local.set $at3 (i32.add (local.get $at2) (local.get $bytes)))
    (local.set $end (local.get $at1))
    (loop $each
      (local.set $shifted (i32x4.add (local.get $s0) (local.get $s3)))
      (local.set $word
        (i32x4.add
          (v128.or
            (i32x4.shl (local.get $shifted) (i32.const 7))
            (i32x4.shr_u (local.get $shifted) (i32.const 25)))
          (local.get $s0)))
      (local.set $shifted (i32x4.shl (local.get $s1) (i32.const 9)))
      (local.set $s2 (v128.xor (local.get $s2) (local.get $s0)))
      (local.set $s3 (v128.xor (local.get $s3) (local.get $s1)))
      (local.set $s1 (v128.xor (local.get $s1) (local.get $s2)))
      (local.set $s0 (v128.xor (local.get $s0) (local.get $s3)))
      (local.set $s2 (v128.xor (local.get $s2) (local.get $shifted)))
      (local.set $s3
        (v128.or
          (i32x4.shl (local.get $s3) (i32.const 11))
          (i32x4.shr_u (local.get $s3) (i32.const 21))))
      (v128.store32_lane 0 (local.get $at) (local.get $word))
      (v128.store32_lane 1 (local.get $at1) (local.get $word))
      (v128.store32_lane 2 (local.get $at2) (local.get $word))
      (v128.store32_lane 3 (local.get $at3) (local.get $word))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (local.set $at1 (i32.add (local.get $at1) (i32.const 4)))
      (local.set $at2 (i32.add (local.get $at2) (i32.const 4)))
      (local.set $at3 (i32.add (local.get $at3) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $at) (local.get $end))))
    (v128.store offset=64 (i32.const 0) (local.get $s0))
    (v128.store offset=80 (i32.const 0) (local.get $s1))
    (v128.store offset=96 (i32.const 0) (local.get $s2))
    (v128.store offset=112 (i32.const 0) (local.get $s3)))

  ;; Fills results[0, count) with words of blocks, from a block on; count is at most 8192, and results
  ;; behind may change.
  (func $words (export "words") (param $k0 i32) (param $k1 i32) (param $block i32) (param $count i32)
    (local $at i32)
    (local.set $at (i32.const 24576))
    (loop $each
      (call $seeds (local.get $k0) (local.get $k1) (local.get $block))
      (call $four (local.get $at) (i32.const 1024))
      (local.set $block (i32.add (local.get $block) (i32.const 4)))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $each
        (i32.lt_s (local.get $at) (i32.add (i32.const 24576) (i32.shl (local.get $count) (i32.const 2)))))))

  ;; Fills results[0, count) with $start + $step times the upper 24 bits of words of blocks, from a
  ;; block on, or with $last where that rounds to $end or beyond. Results behind may change.
  (func (export "uniforms")
    (param $k0 i32) (param $k1 i32) (param $block i32) (param $count i32)
    (param $start f64) (param $step f64) (param $end f32) (param $last f32)
    (local $at i32) (local $until i32) (local $bits v128) (local $numbers v128)
    (call $words (local.get $k0) (local.get $k1) (local.get $block) (local.get $count))
    (local.set $at (i32.const 24576))
    (local.set $until (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (loop $four
      (local.set $bits (i32x4.shr_u (v128.load (local.get $at)) (i32.const 8)))
      (local.set $numbers
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          (f32x4.demote_f64x2_zero
            (f64x2.add
              (f64x2.splat (local.get $start))
              (f64x2.mul (f64x2.splat (local.get $step)) (f64x2.convert_low_i32x4_u (local.get $bits)))))
          (f32x4.demote_f64x2_zero
            (f64x2.add
              (f64x2.splat (local.get $start))
              (f64x2.mul
                (f64x2.splat (local.get $step))
                (f64x2.convert_low_i32x4_u
                  (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
                    (local.get $bits) (local.get $bits))))))))
      (v128.store (local.get $at)
        (v128.bitselect
          (local.get $numbers)
          (f32x4.splat (local.get $last))
          (f32x4.lt (local.get $numbers) (f32x4.splat (local.get $end)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $four (i32.lt_u (local.get $at) (local.get $until)))))

  ;; `nextUint32`
  (func $word (result i32)
    (if (i32.eq (global.get $next) (global.get $last)) (then (call $few (i32.const 16))))
    (global.set $next (i32.add (global.get $next) (i32.const 4)))
    (i32.load (i32.sub (global.get $next) (i32.const 4))))

  ;; `nextOpenUnit`
  (func $unit (result f64)
    (f64.mul (f64.add (f64.convert_i32_u (call $word)) (f64.const 0.5)) (f64.const 0x1p-32)))

  ;; `tail`
  (func $tail (result f64)
    (local $x f64) (local $y f64) (local $start f64)
    (local.set $start (f64.load offset=5128 (i32.const 0)))
    (loop $again
      (local.set $x (f64.div (f64.neg (call $log (call $unit))) (local.get $start)))
      (local.set $y (f64.neg (call $log (call $unit))))
      (br_if $again
        (f64.le (f64.mul (f64.const 2) (local.get $y)) (f64.mul (local.get $x) (local.get $x)))))
    (f64.add (local.get $start) (local.get $x)))

  ;; `slowNormal`, from the next word on
  (func $slow (result f64)
    (local $word i32) (local $layer i32) (local $x f64) (local $bottom f64)
    (block $done
      (loop $again
        (local.set $word (call $word))
        (local.set $layer (i32.shl (i32.and (local.get $word) (i32.const 255)) (i32.const 3)))
        (local.set $x
          (f64.promote_f32
            (f32.mul
              (f32.add
                (f32.convert_i32_s (i32.shr_s (local.get $word) (i32.const 8)))
                (f32.const 0.5))
              (f32.load offset=1024 (local.get $layer)))))
        (br_if $done (f64.lt (f64.abs (local.get $x)) (f64.load offset=5128 (local.get $layer))))
        (if (i32.eqz (local.get $layer))
          (then (return (f64.copysign (call $tail) (local.get $x)))))
        (local.set $bottom (f64.load offset=7424 (local.get $layer)))
        (br_if $again
          (f64.ge
            (f64.add
              (local.get $bottom)
              (f64.mul
                (call $unit)
                (f64.sub (f64.load offset=7432 (local.get $layer)) (local.get $bottom))))
            (call $exp
              (f64.div (f64.mul (f64.neg (local.get $x)) (local.get $x)) (f64.const 2)))))))
    (local.get $x))

  ;; Fills the bytes from $at to $end with the next N(mean, sd^2) variates of a block.
  ;;
  ;; Four words become four numbers, of which those before the first rejected word are kept. The
  ;; last four may go beyond the words or numbers asked for.
  ;;
  ;; A rejected word is mostly a point of a wedge that the chord of the density decides, as
  ;; `chordBounds` of ziggurat.ts says. It is decided here, without a branch, because no processor
  ;; foresees it. `slowNormal` gives the others.
  (func $normals (param $at i32) (param $end i32) (param $mean f32) (param $sd f32)
    (local $limit i32) (local $next i32) (local $rejected i32) (local $back i32)
    (local $steps v128) (local $first v128) (local $second v128)
    (local $layer i32) (local $x f32) (local $fromEnd f64) (local $width f64) (local $above f64)
    (local.set $next (global.get $next))
    (loop $stretch
      (if (i32.eq (local.get $at) (local.get $end))
        (then
          (global.set $next (local.get $next))
          (return)))
      (if (i32.eq (local.get $next) (global.get $last))
        (then
          (call $few (i32.shr_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))
          (local.set $next (global.get $next))))
      ;; The stretch ends with the numbers asked for, or with the words.
      (local.set $limit (i32.add (local.get $at) (i32.sub (global.get $last) (local.get $next))))
      (if (i32.gt_u (local.get $limit) (local.get $end))
        (then (local.set $limit (local.get $end))))
      (loop $numbers
        (local.set $first
          (v128.load64_lane offset=1024 1
            (i32.shl (i32.load8_u offset=4 (local.get $next)) (i32.const 3))
            (v128.load64_zero offset=1024
              (i32.shl (i32.load8_u offset=0 (local.get $next)) (i32.const 3)))))
        (local.set $second
          (v128.load64_lane offset=1024 1
            (i32.shl (i32.load8_u offset=12 (local.get $next)) (i32.const 3))
            (v128.load64_zero offset=1024
              (i32.shl (i32.load8_u offset=8 (local.get $next)) (i32.const 3)))))
        (local.set $steps
          (f32x4.add
            (f32x4.convert_i32x4_s (i32x4.shr_s (v128.load (local.get $next)) (i32.const 8)))
            (v128.const f32x4 0.5 0.5 0.5 0.5)))
        (v128.store (local.get $at)
          (f32x4.add
            (f32x4.splat (local.get $mean))
            (f32x4.mul
              (f32x4.splat (local.get $sd))
              (f32x4.mul
                (local.get $steps)
                (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
                  (local.get $first) (local.get $second))))))
        (local.set $rejected
          (i32x4.bitmask
            (f32x4.ge
              (f32x4.abs (local.get $steps))
              (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31
                (local.get $first) (local.get $second)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $next (i32.add (local.get $next) (i32.const 16)))
        (if (local.get $rejected)
          (then
            (local.set $back (i32.sub (i32.const 16) (i32.shl (i32.ctz (local.get $rejected)) (i32.const 2))))
            (local.set $at (i32.sub (local.get $at) (local.get $back)))
            (local.set $next (i32.sub (local.get $next) (local.get $back)))
            (if (i32.lt_u (local.get $at) (local.get $limit))
              (then
                (local.set $layer (i32.shl (i32.load8_u (local.get $next)) (i32.const 3)))
                (local.set $x
                  (f32.mul
                    (f32.add
                      (f32.convert_i32_s (i32.shr_s (i32.load (local.get $next)) (i32.const 8)))
                      (f32.const 0.5))
                    (f32.load offset=1024 (local.get $layer))))
                (local.set $fromEnd
                  (f64.sub
                    (f64.load offset=5120 (local.get $layer))
                    (f64.abs (f64.promote_f32 (local.get $x)))))
                (local.set $width
                  (f64.sub
                    (f64.load offset=5120 (local.get $layer))
                    (f64.load offset=5128 (local.get $layer))))
                (local.set $above
                  (f64.sub
                    (f64.mul
                      (f64.mul
                        (f64.add (f64.convert_i32_u (i32.load offset=4 (local.get $next))) (f64.const 0.5))
                        (f64.const 0x1p-32))
                      (local.get $width))
                    (local.get $fromEnd)))
                (if
                  (i32.and
                    (i32.and
                      (f64.gt (f64.abs (local.get $above)) (f64.load offset=9728 (local.get $layer)))
                      (f64.le (local.get $fromEnd) (local.get $width)))
                    (i32.lt_u (i32.add (local.get $next) (i32.const 4)) (global.get $last)))
                  (then
                    (f32.store (local.get $at)
                      (f32.add (local.get $mean) (f32.mul (local.get $sd) (local.get $x))))
                    (local.set $at
                      (i32.add
                        (local.get $at)
                        (i32.shl (f64.lt (local.get $above) (f64.const 0)) (i32.const 2))))
                    (local.set $next (i32.add (local.get $next) (i32.const 8))))
                  (else
                    (global.set $next (local.get $next))
                    (f32.store (local.get $at)
                      (f32.add (local.get $mean) (f32.mul (local.get $sd) (f32.demote_f64 (call $slow)))))
                    (local.set $next (global.get $next))
                    (local.set $at (i32.add (local.get $at) (i32.const 4)))))
                (br $stretch)))))
        (br_if $numbers (i32.lt_u (local.get $at) (local.get $limit))))
      (local.set $next (i32.sub (local.get $next) (i32.sub (local.get $at) (local.get $limit))))
      (local.set $at (local.get $limit))
      (br $stretch)))

  ;; Writes `count` N(mean, sd^2) variates to the bytes from $at on: those of blocks from a block on,
  ;; without the first `skip` numbers of that block.
  ;;
  ;; The words of four blocks are made at once where most of them are used.
  (func (export "normals")
    (param $k0 i32) (param $k1 i32) (param $block i32) (param $skip i32) (param $count i32)
    (param $mean f32) (param $sd f32) (param $at i32)
    (local $end i32) (local $until i32) (local $words i32) (local $behind v128)
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    ;; $normals may change the bytes behind those asked for.
    (local.set $behind (v128.load (local.get $end)))
    (local.set $skip (i32.shl (local.get $skip) (i32.const 2)))
    (loop $fours
      (call $seeds (local.get $k0) (local.get $k1) (local.get $block))
      (local.set $block (i32.add (local.get $block) (i32.const 4)))
      (local.set $words (i32.const 0))
      (if
        (i32.ge_u
          (i32.add (local.get $skip) (i32.sub (local.get $end) (local.get $at)))
          (i32.const 1500))
        (then
          (call $four (i32.const 16384) (i32.const 1072))
          (local.set $words (i32.const 1072))))
      (global.set $state (i32.const 64))
      (global.set $last (i32.const 17456))
      (loop $blocks
        (global.set $next (i32.sub (global.get $last) (local.get $words)))
        (if (local.get $skip)
          (then
            (local.set $until
              (i32.add (local.get $skip) (i32.sub (local.get $end) (local.get $at))))
            (if (i32.gt_u (local.get $until) (i32.const 1024))
              (then (local.set $until (i32.const 1024))))
            (call $normals
              (i32.const 57344)
              (i32.add (i32.const 57344) (local.get $until))
              (local.get $mean)
              (local.get $sd))
            (memory.copy
              (local.get $at)
              (i32.add (i32.const 57344) (local.get $skip))
              (i32.sub (local.get $until) (local.get $skip)))
            (local.set $at (i32.add (local.get $at) (i32.sub (local.get $until) (local.get $skip))))
            (local.set $skip (i32.const 0)))
          (else
            (local.set $until (i32.add (local.get $at) (i32.const 1024)))
            (if (i32.gt_u (local.get $until) (local.get $end))
              (then (local.set $until (local.get $end))))
            (call $normals (local.get $at) (local.get $until) (local.get $mean) (local.get $sd))
            (local.set $at (local.get $until))))
        (if (i32.eq (local.get $at) (local.get $end))
          (then
            (v128.store (local.get $end) (local.get $behind))
            (return)))
        (global.set $last (i32.add (global.get $last) (i32.const 1072)))
        (global.set $state (i32.add (global.get $state) (i32.const 4)))
        (br_if $blocks (i32.lt_u (global.get $state) (i32.const 80))))
      (br $fours))))
