;; The loops of random streams, with the numbers of their counterparts in JavaScript: `fillUint32` of
;; xoshiro.ts and `fillNormal` of ziggurat.ts.
;;
;; `npx tsx scripts/assemble.ts` writes the binary form, streams-binary.ts. Memory, in bytes:
;;      0  state: four 32-bit words
;;     64  jumps to lanes of 2048 words: word k of four polynomials at 64 + 16k, see $block
;;    128  jumps to lanes of 512 words
;;   1024  steps: for each of 256 layers the width of a step, and how many steps lie under the curve,
;;         plus 1/2; float32
;;   5120  edges: 257 float64
;;   7424  heights: 257 float64
;;   9728  chord bounds: 256 float64
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

  ;; Fills four lanes of $lane bytes each with the next words. Lane j of the vectors makes lane j.
  ;;
  ;; A step M of the generator is linear over bits. The state after n steps is the sum of p_i M^i s
  ;; over the coefficients of x^n modulo the characteristic polynomial, and the first loop adds it up
  ;; for the starts of all lanes at once, from the polynomials at $jump. The second loop stores words.
  (func $block (param $jump i32) (param $lane i32)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128)
    (local $shifted v128) (local $bits v128) (local $mask v128) (local $left i32) (local $at i32) (local $end i32)
    (local $at1 i32) (local $at2 i32) (local $at3 i32)
    (local.set $s0 (v128.load32_splat offset=0 (i32.const 0)))
    (local.set $s1 (v128.load32_splat offset=4 (i32.const 0)))
    (local.set $s2 (v128.load32_splat offset=8 (i32.const 0)))
    (local.set $s3 (v128.load32_splat offset=12 (i32.const 0)))
    (loop $coefficients
      (local.set $bits (v128.load offset=0 (local.get $jump)))
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
      (local.set $jump (i32.add (local.get $jump) (i32.const 16)))
      (br_if $coefficients (i32.and (local.get $jump) (i32.const 63))))
    (local.set $at (i32.const 16384))
    (local.set $at1 (i32.add (local.get $at) (local.get $lane)))
    (local.set $at2 (i32.add (local.get $at1) (local.get $lane)))
    (local.set $at3 (i32.add (local.get $at2) (local.get $lane)))
    (local.set $end (local.get $at1))
    (loop $each
      (local.set $shifted (i32x4.add (local.get $r0) (local.get $r3)))
      (local.set $bits
        (i32x4.add
          (v128.or
            (i32x4.shl (local.get $shifted) (i32.const 7))
            (i32x4.shr_u (local.get $shifted) (i32.const 25)))
          (local.get $r0)))
      (v128.store32_lane offset=0 0 (local.get $at) (local.get $bits))
      (v128.store32_lane offset=0 1 (local.get $at1) (local.get $bits))
      (v128.store32_lane offset=0 2 (local.get $at2) (local.get $bits))
      (v128.store32_lane offset=0 3 (local.get $at3) (local.get $bits))
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
      (local.set $at1 (i32.add (local.get $at1) (i32.const 4)))
      (local.set $at2 (i32.add (local.get $at2) (i32.const 4)))
      (local.set $at3 (i32.add (local.get $at3) (i32.const 4)))
      (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (i32.store offset=0 (i32.const 0) (i32x4.extract_lane 3 (local.get $r0)))
    (i32.store offset=4 (i32.const 0) (i32x4.extract_lane 3 (local.get $r1)))
    (i32.store offset=8 (i32.const 0) (i32x4.extract_lane 3 (local.get $r2)))
    (i32.store offset=12 (i32.const 0) (i32x4.extract_lane 3 (local.get $r3))))

  ;; Fills words[0, count) with the next words of the stream; count is at most 8192.
  (func $words (export "words") (param $count i32)
    (if (i32.eq (local.get $count) (i32.const 8192))
      (then (call $block (i32.const 64) (i32.const 8192)))
      (else (call $few (local.get $count)))))

  ;; Makes new words after all were used: as many as numbers are left, or more at once.
  (func $supply (param $left i32)
    (if (i32.ge_u (local.get $left) (i32.const 8192))
      (then
        (local.set $left (i32.const 8192))
        (call $block (i32.const 64) (i32.const 8192)))
      (else
        (if (i32.ge_u (local.get $left) (i32.const 400))
          (then
            (local.set $left (i32.const 2048))
            (call $block (i32.const 128) (i32.const 2048)))
          (else (call $few (local.get $left))))))
    (global.set $next (i32.const 16384))
    (global.set $last (i32.add (i32.const 16384) (i32.shl (local.get $left) (i32.const 2)))))

  ;; `nextUint32`
  (func $word (result i32)
    (if (i32.eq (global.get $next) (global.get $last)) (then (call $supply (i32.const 16))))
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

  ;; Fills normals[0, count) with the next N(mean, sd^2) variates of the stream.
  ;;
  ;; Four words become four numbers, of which those before the first rejected word are kept. The
  ;; last four may go beyond the words or numbers asked for.
  ;;
  ;; A rejected word is mostly a point of a wedge that the chord of the density decides, as
  ;; `chordBounds` of ziggurat.ts says. It is decided here, without a branch, because no processor
  ;; foresees it. `slowNormal` gives the others.
  (func (export "normals") (param $count i32) (param $mean f32) (param $sd f32)
    (local $at i32) (local $end i32) (local $limit i32) (local $next i32) (local $rejected i32) (local $back i32)
    (local $steps v128) (local $first v128) (local $second v128)
    (local $layer i32) (local $x f32) (local $fromEnd f64) (local $width f64) (local $above f64)
    (local.set $next (global.get $next))
    (local.set $at (i32.const 49152))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (loop $stretch
      (if (i32.eq (local.get $at) (local.get $end))
        (then
          (global.set $next (local.get $next))
          (return)))
      (if (i32.eq (local.get $next) (global.get $last))
        (then
          (call $supply (i32.shr_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))
          (local.set $next (global.get $next))))
      ;; The stretch ends with the numbers asked for, or with the words.
      (local.set $limit (i32.add (local.get $at) (i32.sub (global.get $last) (local.get $next))))
      (if (i32.gt_u (local.get $limit) (local.get $end))
        (then (local.set $limit (local.get $end))))
      (loop $four
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
        (br_if $four (i32.lt_u (local.get $at) (local.get $limit))))
      (local.set $next (i32.sub (local.get $next) (i32.sub (local.get $at) (local.get $limit))))
      (local.set $at (local.get $limit))
      (br $stretch))))
