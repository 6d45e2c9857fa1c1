import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../test/fuzz.ts";
import { complaint, values } from "../test/whole.ts";
import { defaultDevice, planCache, random, realise, threefry2x32, type Tensor } from "./index.ts";

const seed = random.key(2024);
const n = 20_000;

/** Mean, deviation and extremes. */
function statistics(x: Tensor): { mean: number; deviation: number; low: number; high: number } {
  const list = values(x);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance), low: Math.min(...list), high: Math.max(...list) };
}

describe("keys", () => {
  test("hold all 53 bits of a seed, as two words", () => {
    expect(random.key(42)).toEqual([0, 42]);
    expect(random.key(2 ** 53 - 1)).toEqual([0x1fffff, 0xffffffff]);
    expect(complaint(() => random.key(-1))).toMatchInlineSnapshot(
      `"ValueError: random.key: needs a whole number from 0 to 2^53 - 1, got -1"`,
    );
  });

  test("are plain data", () => {
    expect(JSON.parse(JSON.stringify(random.split(seed, 2)))).toEqual(random.split(seed, 2));
  });

  test("split and foldIn give keys that differ from each other and from every draw", () => {
    const keys = [...random.split(seed, 100), ...Array.from({ length: 100 }, (_, i) => random.foldIn(seed, i))];
    const draws = values(random.bits(seed, [100, 2]));
    const pairs = draws.flatMap((_, i) => (i % 2 === 0 ? [`${draws[i]},${draws[i + 1]}`] : []));
    expect(new Set([...keys.map(String), ...pairs]).size).toBe(300);
  });

  test("of a longer split start with those of a shorter one", () => {
    expect(random.split(seed, 5).slice(0, 2)).toEqual(random.split(seed, 2));
  });
});

describe("bits", () => {
  test("are Threefry blocks counted from 0: the known answer of the paper", () => {
    // Random123's kat_vectors: threefry2x32 20, key 0 0, counter 0 0.
    expect(values(random.bits([0, 0], [2]))).toEqual([0x6b200159, 0x99ba4efe]);
  });

  test("depend on key and index alone, not on the shape", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 33 }), (s, size) => {
        const key = random.key(s);
        const words = values(random.bits(key, [size]));
        words.forEach((word, i) => expect(word).toBe(threefry2x32(key, [i >> 1, 0])[i & 1]));
        expect(values(random.bits(key, [2, size])).slice(0, size)).toEqual(words);
      }),
      fuzz(20),
    );
  });

  test("of another key run the same plan", async () => {
    await realise(random.uniform(random.key(1), [3]));
    const plans = planCache(defaultDevice());
    const { hits, misses } = plans;
    await realise(random.uniform(random.key(2), [3]));
    expect(plans).toMatchObject({ hits: hits + 1, misses });
  });
});

describe("uniform", () => {
  test("is (bits >>> 8)·2^-24 exactly", () => {
    const expected = values(random.bits(seed, [50])).map((word) => (word >>> 8) * 2 ** -24);
    expect(values(random.uniform(seed, [50]))).toEqual(expected);
    expect(values(random.uniform(seed, [50], { dtype: "f64" }))).toEqual(expected);
  });

  test("covers its range evenly", () => {
    // Six standard errors: deviation/√n = 0.0041 for the mean of [-1, 1).
    const { mean, deviation, low, high } = statistics(random.uniform(seed, [n], { low: -1, high: 1 }));
    expect(Math.abs(mean)).toBeLessThan(0.025);
    expect(deviation).toBeCloseTo(1 / Math.sqrt(3), 1.9);
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(1);
  });
});

describe("normal", () => {
  test("has the mean and deviation asked for, and normal tails", () => {
    const x = random.normal(seed, [n], { mean: 3, deviation: 2 });
    const { mean, deviation } = statistics(x);
    // Six standard errors of the mean (2/√n) and of the deviation (2/√(2n)).
    expect(Math.abs(mean - 3)).toBeLessThan((6 * 2) / Math.sqrt(n));
    expect(Math.abs(deviation - 2)).toBeLessThan((6 * 2) / Math.sqrt(2 * n));
    const beyond = values(x).filter((v) => Math.abs(v - 3) > 4).length / n;
    // P(|z| > 2) = 0.0455, with standard error 0.0015.
    expect(Math.abs(beyond - 0.0455)).toBeLessThan(0.009);
  });

  test("is finite, also in f16", () => {
    const x = random.normal(seed, [n], { dtype: "f16" });
    expect(x.dtype).toBe("f16");
    expect(values(x).every(Number.isFinite)).toBe(true);
  });

  test("truncated, stays within two deviations and has 0.8796 of the deviation", () => {
    const { mean, deviation, low, high } = statistics(random.truncatedNormal(seed, [n], { mean: 1, deviation: 0.5 }));
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(2);
    expect(high).toBeGreaterThan(1.99);
    expect(Math.abs(mean - 1)).toBeLessThan((6 * 0.44) / Math.sqrt(n));
    // √(1 − 4φ(2)/(2Φ(2) − 1)) = 0.87962566 for φ, Φ of the normal distribution.
    expect(Math.abs(deviation / 0.5 - 0.87962566)).toBeLessThan(6 / Math.sqrt(2 * n));
  });
});

describe("discrete draws", () => {
  test("bernoulli is true with probability p, which may be a tensor", () => {
    const { mean } = statistics(random.bernoulli(seed, 0.3, [n]));
    expect(Math.abs(mean - 0.3)).toBeLessThan(6 * Math.sqrt(0.21 / n));
    expect(values(random.bernoulli(seed, 0, [99])).includes(1)).toBe(false);
    expect(values(random.bernoulli(seed, 1, [99])).includes(0)).toBe(false);
  });

  test("randint reaches every number of its range, and no other", () => {
    const x = random.randint(seed, [n], -2, 3);
    expect(x.dtype).toBe("i32");
    const counts = new Map<number, number>();
    for (const v of values(x)) counts.set(v, (counts.get(v) ?? 0) + 1);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    for (const count of counts.values()) expect(Math.abs(count / n - 0.2)).toBeLessThan(6 * Math.sqrt(0.16 / n));
    expect(values(random.randint(seed, [9], -(2 ** 31), 2 ** 31 - 1)).some((v) => v < 0)).toBe(true);
    expect(complaint(() => random.randint(seed, [1], 3, 3))).toMatchInlineSnapshot(
      `"ValueError: random.randint: needs whole numbers low < high within i32, got 3 and 3"`,
    );
  });

  test("permutation holds every index once, and any place may hold any", () => {
    const order = values(random.permutation(seed, 100));
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const firsts = random.split(seed, 200).map((key) => values(random.permutation(key, 4))[0]);
    expect(new Set(firsts).size).toBe(4);
  });
});
