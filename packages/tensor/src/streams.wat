;; The loops of random streams, with the numbers of their counterparts in JavaScript: `fillUint32` of
;; xoshiro.ts and `fillNormal` of ziggurat.ts.
;;
;; `npx tsx scripts/assemble.ts` writes the binary form, streams-binary.ts. Memory, in bytes:
;;      0  state: four 32-bit words
;;     64  jumps: word k of four polynomials at 64 + 16k, see $block
;;   1024  steps: for each of 256 layers the width of a step, and how many steps lie under the curve,
;;         plus 1/2; float64
;;   5120  edges: 257 float64
;;   7424  heights: 257 float64
;;  16384  words: a block of 8192
;;  49152  normals: a block of 8192 float32
(module
  (import "Math" "exp" (func $exp (param f64) (result f64)))
  (import "Math" "log" (func $log (param f64) (result f64)))
  (memory (export "memory") 2)
  ;; The bytes from $next to $last hold words of the stream that no number has used.
  (global $next (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const 0))

  ;; Sets the state, and forgets the words that were made from another one.
  (func (export "start") (param $s0 i32) (param $s1 i32) (param $s2 i32) (param $s3 i32)
    (i32.store offset=0 (i32.const 0) (local.get $s0))
    (i32.store offset=4 (i32.const 0) (local.get $s1))
    (i32.store offset=8 (i32.const 0) (local.get $s2))
    (i32.store offset=12 (i32.const 0) (local.get $s3))
    (global.set $next (global.get $last)))

  ;; Fills words[0, count) with the next words of the stream, one after the other.
  (func $few (param $count i32)
    (local $s0 i32) (local $s1 i32) (local $s2 i32) (local $s3 i32)
    (local $shifted i32) (local $at i32) (local $end i32)
    (local.set $s0 (i32.load offset=0 (i32.const 0)))
    (local.set $s1 (i32.load offset=4 (i32.const 0)))
    (local.set $s2 (i32.load offset=8 (i32.const 0)))
    (local.set $s3 (i32.load offset=12 (i32.const 0)))
    (local.set $at (i32.const 16384))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
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
        (br $each)))
    (i32.store offset=0 (i32.const 0) (local.get $s0))
    (i32.store offset=4 (i32.const 0) (local.get $s1))
    (i32.store offset=8 (i32.const 0) (local.get $s2))
    (i32.store offset=12 (i32.const 0) (local.get $s3)))

  ;; Fills the block of words. Lane j of the vectors makes words 2048 j to 2048 (j + 1).
  ;;
  ;; A step M of the generator is linear over bits. The state after n steps is the sum of p_i M^i s
  ;; over the coefficients of x^n modulo the characteristic polynomial, and the first loop adds it up
  ;; for n = 0, 2048, 4096 and 6144 at once. The second loop stores words.
  (func $block
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128)
    (local $shifted v128) (local $bits v128) (local $mask v128) (local $left i32) (local $at i32)
    (local.set $s0 (v128.load32_splat offset=0 (i32.const 0)))
    (local.set $s1 (v128.load32_splat offset=4 (i32.const 0)))
    (local.set $s2 (v128.load32_splat offset=8 (i32.const 0)))
    (local.set $s3 (v128.load32_splat offset=12 (i32.const 0)))
    (loop $coefficients
      (local.set $bits (v128.load offset=64 (local.get $at)))
      (local.set $left (i32.const 32))
      (loop $each
        (local.set $mask (i32x4.neg (v128.and (local.get $bits) (v128.const i32x4 1 1 1 1))))
        (local.set $bits (i32x4.shr_u (local.get $bits) (i32.const 1)))
        (local.set $r0 (v128.xor (local.get $r0) (v128.and (local.get $s0) (local.get $mask))))
        (local.set $r1 (v128.xor (local.get $r1) (v128.and (local.get $s1) (local.get $mask))))
        (local.set $r2 (v128.xor (local.get $r2) (v128.and (local.get $s2) (local.get $mask))))
        (local.set $r3 (v128.xor (local.get $r3) (v128.and (local.get $s3) (local.get $mask))))
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
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $coefficients (i32.lt_u (local.get $at) (i32.const 64))))
    (local.set $at (i32.const 16384))
    (loop $each
      (local.set $shifted (i32x4.add (local.get $r0) (local.get $r3)))
      (local.set $bits
        (i32x4.add
          (v128.or
            (i32x4.shl (local.get $shifted) (i32.const 7))
            (i32x4.shr_u (local.get $shifted) (i32.const 25)))
          (local.get $r0)))
      (v128.store32_lane offset=0 0 (local.get $at) (local.get $bits))
      (v128.store32_lane offset=8192 1 (local.get $at) (local.get $bits))
      (v128.store32_lane offset=16384 2 (local.get $at) (local.get $bits))
      (v128.store32_lane offset=24576 3 (local.get $at) (local.get $bits))
      (local.set $shifted (i32x4.shl (local.get $r1) (i32.const 9)))
      (local.set $r2 (v128.xor (local.get $r2) (local.get $r0)))
      (local.set $r3 (v128.xor (local.get $r3) (local.get $r1)))
      (local.set $r1 (v128.xor (local.get $r1) (local.get $r2)))
      (local.set $r0 (v128.xor (local.get $r0) (local.get $r3)))
      (local.set $r2 (v128.xor (local.get $r2) (local.get $shifted)))
      (local.set $r3
        (v128.or
          (i32x4.shl (local.get $r3) (i32.const 11))
          (i32x4.shr_u (local.get $r3) (i32.const 21))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $at) (i32.const 24576))))
    (i32.store offset=0 (i32.const 0) (i32x4.extract_lane 3 (local.get $r0)))
    (i32.store offset=4 (i32.const 0) (i32x4.extract_lane 3 (local.get $r1)))
    (i32.store offset=8 (i32.const 0) (i32x4.extract_lane 3 (local.get $r2)))
    (i32.store offset=12 (i32.const 0) (i32x4.extract_lane 3 (local.get $r3))))

  ;; Fills words[0, count) with the next words of the stream; count is at most 8192.
  (func $words (export "words") (param $count i32)
    (if (i32.eq (local.get $count) (i32.const 8192))
      (then (call $block))
      (else (call $few (local.get $count)))))

  ;; Makes new words where all were used: as many as numbers are left, or a block.
  (func $supply (param $left i32)
    (if (i32.ne (global.get $next) (global.get $last)) (then (return)))
    (if (i32.gt_u (local.get $left) (i32.const 8192)) (then (local.set $left (i32.const 8192))))
    (call $words (local.get $left))
    (global.set $next (i32.const 16384))
    (global.set $last (i32.add (i32.const 16384) (i32.shl (local.get $left) (i32.const 2)))))

  ;; `nextUint32`
  (func $word (result i32)
    (call $supply (i32.const 16))
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
          (f64.mul
            (f64.add
              (f64.convert_i32_s (i32.shr_s (local.get $word) (i32.const 8)))
              (f64.const 0.5))
            (f64.load offset=1024 (i32.shl (local.get $layer) (i32.const 1)))))
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

  ;; Fills normals[0, count) with the next N(mean, sd^2) variates of the stream.
  ;;
  ;; Four words become four numbers, of which those before the first rejected word are kept. The
  ;; last four may go beyond the words or numbers asked for.
  (func (export "normals") (param $count i32) (param $mean f64) (param $sd f64)
    (local $at i32) (local $end i32) (local $limit i32) (local $next i32) (local $rejected i32) (local $back i32)
    (local $signed v128) (local $low v128) (local $high v128) (local $means v128) (local $sds v128)
    (local $layer0 v128) (local $layer1 v128) (local $layer2 v128) (local $layer3 v128)
    (local.set $means (f64x2.splat (local.get $mean)))
    (local.set $sds (f64x2.splat (local.get $sd)))
    (local.set $at (i32.const 49152))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (loop $stretch
      (if (i32.eq (local.get $at) (local.get $end)) (then (return)))
      (call $supply (i32.shr_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))
      ;; The stretch ends with the numbers asked for, or with the words.
      (local.set $next (global.get $next))
      (local.set $limit (i32.add (local.get $at) (i32.sub (global.get $last) (local.get $next))))
      (if (i32.gt_u (local.get $limit) (local.get $end))
        (then (local.set $limit (local.get $end))))
      (loop $four
        (local.set $layer0
          (v128.load offset=1024 (i32.shl (i32.load8_u offset=0 (local.get $next)) (i32.const 4))))
        (local.set $layer1
          (v128.load offset=1024 (i32.shl (i32.load8_u offset=4 (local.get $next)) (i32.const 4))))
        (local.set $layer2
          (v128.load offset=1024 (i32.shl (i32.load8_u offset=8 (local.get $next)) (i32.const 4))))
        (local.set $layer3
          (v128.load offset=1024 (i32.shl (i32.load8_u offset=12 (local.get $next)) (i32.const 4))))
        (local.set $signed (i32x4.shr_s (v128.load (local.get $next)) (i32.const 8)))
        (local.set $low
          (f64x2.add
            (f64x2.convert_low_i32x4_s (local.get $signed))
            (v128.const f64x2 0.5 0.5)))
        (local.set $high
          (f64x2.add
            (f64x2.convert_low_i32x4_s
              (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
                (local.get $signed) (local.get $signed)))
            (v128.const f64x2 0.5 0.5)))
        (v128.store (local.get $at)
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
            (f32x4.demote_f64x2_zero
              (f64x2.add
                (local.get $means)
                (f64x2.mul
                  (local.get $sds)
                  (f64x2.mul
                    (local.get $low)
                    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
                      (local.get $layer0) (local.get $layer1))))))
            (f32x4.demote_f64x2_zero
              (f64x2.add
                (local.get $means)
                (f64x2.mul
                  (local.get $sds)
                  (f64x2.mul
                    (local.get $high)
                    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
                      (local.get $layer2) (local.get $layer3))))))))
        (local.set $rejected
          (i32.or
            (i64x2.bitmask
              (f64x2.ge
                (f64x2.abs (local.get $low))
                (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
                  (local.get $layer0) (local.get $layer1))))
            (i32.shl
              (i64x2.bitmask
                (f64x2.ge
                  (f64x2.abs (local.get $high))
                  (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
                    (local.get $layer2) (local.get $layer3))))
              (i32.const 2))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $next (i32.add (local.get $next) (i32.const 16)))
        (if (local.get $rejected)
          (then
            (local.set $back (i32.sub (i32.const 16) (i32.shl (i32.ctz (local.get $rejected)) (i32.const 2))))
            (local.set $at (i32.sub (local.get $at) (local.get $back)))
            (local.set $next (i32.sub (local.get $next) (local.get $back)))
            (if (i32.lt_u (local.get $at) (local.get $limit))
              (then
                (global.set $next (local.get $next))
                (f32.store (local.get $at)
                  (f32.demote_f64
                    (f64.add (local.get $mean) (f64.mul (local.get $sd) (call $slow)))))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br $stretch)))))
        (br_if $four (i32.lt_u (local.get $at) (local.get $limit))))
      (global.set $next (i32.sub (local.get $next) (i32.sub (local.get $at) (local.get $limit))))
      (local.set $at (local.get $limit))
      (br $stretch))))
