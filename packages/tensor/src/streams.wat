;; The two loops of random streams, with the numbers of their counterparts in JavaScript:
;; `fillUint32` of xoshiro.ts and `fillQuick` of ziggurat.ts.
;;
;; `npx tsx scripts/assemble.ts` writes the binary form, streams-binary.ts. Memory, in bytes:
;;      0  state: four 32-bit words; then the word that was rejected
;;   1024  quick: 257 int32, steps of each layer that lie under the curve
;;   4096  step: 257 float64, width of a step of each layer
;;  16384  block: 16384 words or float32 numbers
(module
  (memory (export "memory") 2)

  ;; Fills block[0, count) with the next words of the stream.
  (func (export "words") (param $count i32)
    (local $s0 i32) (local $s1 i32) (local $s2 i32) (local $s3 i32)
    (local $shifted i32) (local $at i32) (local $end i32)
    (local.set $s0 (i32.load offset=0 (i32.const 0)))
    (local.set $s1 (i32.load offset=4 (i32.const 0)))
    (local.set $s2 (i32.load offset=8 (i32.const 0)))
    (local.set $s3 (i32.load offset=12 (i32.const 0)))
    (local.set $at (i32.const 16384))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
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
        (br $next)))
    (i32.store offset=0 (i32.const 0) (local.get $s0))
    (i32.store offset=4 (i32.const 0) (local.get $s1))
    (i32.store offset=8 (i32.const 0) (local.get $s2))
    (i32.store offset=12 (i32.const 0) (local.get $s3)))

  ;; Fills block[start, count) with N(mean, sd^2) variates while words pass the quick acceptance.
  ;; The result is the index of the first number whose word fails, or count.
  (func (export "normals")
    (param $start i32) (param $count i32) (param $mean f64) (param $sd f64) (result i32)
    (local $s0 i32) (local $s1 i32) (local $s2 i32) (local $s3 i32)
    (local $shifted i32) (local $at i32) (local $end i32)
    (local $word i32) (local $layer i32) (local $signed i32)
    (local.set $s0 (i32.load offset=0 (i32.const 0)))
    (local.set $s1 (i32.load offset=4 (i32.const 0)))
    (local.set $s2 (i32.load offset=8 (i32.const 0)))
    (local.set $s3 (i32.load offset=12 (i32.const 0)))
    (local.set $at (i32.add (i32.const 16384) (i32.shl (local.get $start) (i32.const 2))))
    (local.set $end (i32.add (i32.const 16384) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $word
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
        (local.set $layer (i32.and (local.get $word) (i32.const 255)))
        (local.set $signed (i32.shr_s (local.get $word) (i32.const 8)))
        (if (i32.ge_s
              (i32.xor (local.get $signed) (i32.shr_s (local.get $signed) (i32.const 31)))
              (i32.load offset=1024 (i32.shl (local.get $layer) (i32.const 2))))
          (then
            (i32.store offset=16 (i32.const 0) (local.get $word))
            (br $done)))
        (f32.store (local.get $at)
          (f32.demote_f64
            (f64.add
              (local.get $mean)
              (f64.mul
                (local.get $sd)
                (f64.mul
                  (f64.add (f64.convert_i32_s (local.get $signed)) (f64.const 0.5))
                  (f64.load offset=4096 (i32.shl (local.get $layer) (i32.const 3))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next)))
    (i32.store offset=0 (i32.const 0) (local.get $s0))
    (i32.store offset=4 (i32.const 0) (local.get $s1))
    (i32.store offset=8 (i32.const 0) (local.get $s2))
    (i32.store offset=12 (i32.const 0) (local.get $s3))
    (i32.shr_u (i32.sub (local.get $at) (i32.const 16384)) (i32.const 2))))
