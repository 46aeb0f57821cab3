import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BUNDLE } from "../../src/tls/managed/bundles.ts";
import { foreignCa, type Replica, World } from "../tls/managed/world.ts";

const MONTH_MS = 30 * 86_400_000;
const REPLICAS = 3;

/** One thing that happens; the text says what, for counterexamples. */
interface Step {
  readonly what: string;
  act(world: World): void | Promise<void>;
}

const step = (what: string, act: Step["act"]): Step => ({ what, act, toString: () => what }) as Step;

const replicaOf = (world: World, index: number): Replica => {
  const replica = world.replicas[index];
  if (replica === undefined) throw new Error(`there is no replica ${index}`);
  return replica;
};

const index = fc.nat(REPLICAS - 1);

const pass = fc.integer({ min: 100, max: 60_000 }).map((ms) => step(`pass ${ms}`, (world) => world.pass(ms)));
const restart = index.map((one) => step(`restart ${one}`, (world) => replicaOf(world, one).restart()));
const drain = index.map((one) => step(`drain ${one}`, (world) => replicaOf(world, one).stop()));
const look = index.map((one) => step(`look ${one}`, (world) => replicaOf(world, one).lookNow()));
const jump = fc.tuple(index, fc.constantFrom(-MONTH_MS, 0, MONTH_MS)).map(([one, skewMs]) =>
  step(`clock of ${one} off by ${skewMs}`, (world) => {
    replicaOf(world, one).skewMs = skewMs;
  }),
);
const slow = fc.array(fc.constantFrom(0, 0, 0, 200, 700, 2500), { minLength: 1, maxLength: 8 }).map((delays) =>
  step(`delays ${delays.join()}`, (world) => {
    world.delays = delays;
  }),
);
const deny = fc
  .tuple(fc.constantFrom("readSecret", "writeSecret", "makeSecret", "readBundle", "writeBundle"), fc.boolean())
  .map(([right, isGiven]) =>
    step(`${right} ${isGiven}`, (world) => {
      world.may[right] = isGiven;
    }),
  );
const spoil = fc.constant(step("spoil the Secret", (world) => world.spoilSecret()));
const remove = fc.constant(step("delete the Secret", (world) => world.deleteSecret()));

const ordinary = [
  { arbitrary: pass, weight: 6 },
  { arbitrary: restart, weight: 2 },
  { arbitrary: drain, weight: 1 },
  { arbitrary: look, weight: 2 },
  { arbitrary: jump, weight: 1 },
  { arbitrary: slow, weight: 1 },
  { arbitrary: deny, weight: 3 },
  { arbitrary: spoil, weight: 1 },
  { arbitrary: remove, weight: 1 },
] as const;

let foreign = 0;
const meddle = fc.constantFrom<Step>(
  step("empty the bundle", (world) => world.setBundle([])),
  step("replace the bundle", (world) => world.setBundle([foreignCa(`foreign-${++foreign}`)])),
  step("fill the bundle", (world) =>
    world.setBundle(Array.from({ length: 40 }, () => foreignCa(`foreign-${++foreign}`))),
  ),
  step("delete the configuration", (world) => {
    world.history = undefined;
  }),
  step("make the configuration", (world) => {
    world.history ??= [{ cas: [], sinceMs: world.nowMs }];
  }),
);

/** Behind by more than is tolerated, and by less than the third of a leaf's life that is left when it is renewed. */
const slowClocks = fc.array(fc.constantFrom(0, 0, -30_000, -120_000), { minLength: 1, maxLength: 6 }).map((clocks) =>
  step(`API servers' clocks off by ${clocks.join()}`, (world) => {
    world.clocks = clocks;
  }),
);

/** A leaf became due in the middle of a round that took long and failed, so that the next one was far away. */
const DUE_IN_A_ROUND: readonly Step[] = [
  step("spoil the Secret, which may not be written", (world) => {
    world.may.writeSecret = false;
    world.spoilSecret();
    replicaOf(world, 0).restart();
    world.delays = [700, 0, 0, 0, 0];
  }),
  step("pass 29900", (world) => world.pass(29_900)),
];

const start = async (lifetimes?: World["lifetimes"]): Promise<World> => {
  const world = new World(lifetimes);
  for (let count = 0; count < REPLICAS; count += 1) world.addReplica();
  await world.pass(1000);
  return world;
};

/** Replicas to which requests go though some API server does not trust what they serve. */
const untrusted = (world: World): readonly string[] =>
  world.replicas
    .filter(({ isReady, servedCa }) => isReady && (servedCa === undefined || !world.isHonoured(servedCa)))
    .map(({ servedBy }) => servedBy ?? "nothing");

/** Replicas whose leaf has ended though its CA has not. */
const outOfDate = (world: World): readonly string[] =>
  world.replicas
    .filter(
      ({ leaf, servedCa }) =>
        leaf !== undefined && leaf.notAfter.getTime() <= world.nowMs && world.nowMs < (servedCa?.notAfterMs ?? 0),
    )
    .map(({ leaf }) => leaf?.cert ?? "");

const heal = (world: World): void => {
  for (const right of Object.keys(world.may) as (keyof World["may"])[]) world.may[right] = true;
  world.history ??= [{ cas: [], sinceMs: world.nowMs }];
  world.delays = [0];
};

/** A rotation may be under way at any one moment, but not for long. */
const untilInOrder = async (world: World, patienceMs: number): Promise<void> => {
  await world.pass(5000);
  try {
    expectOrder(world);
  } catch (error) {
    if (patienceMs <= 0) throw error;
    await untilInOrder(world, patienceMs - 5000);
  }
};

const expectOrder = (world: World): void => {
  const authority = world.secret?.authority;
  const id = typeof authority === "object" ? authority.ca.id : "none";
  expect(world.replicas.map(({ servedBy }) => servedBy)).toStrictEqual(world.replicas.map(() => id));
  expect(world.replicas.map(({ condition }) => condition)).toStrictEqual(
    world.replicas.map(() => ({ missing: undefined, notices: [] })),
  );
  expect(world.bundle.map(({ ca }) => ca.id)).toContain(id);
  expect(world.bundle.length).toBeLessThanOrEqual(MAX_BUNDLE);
};

describe("managed certificates of several replicas", { timeout: 60_000 }, () => {
  it("are trusted wherever they are served, whatever fails, restarts, leaps or is deleted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...ordinary), { maxLength: 30 }), async (steps) => {
        const world = await start();
        world.onTick = () => expect([...untrusted(world), ...outOfDate(world)]).toStrictEqual([]);
        for (const { act } of steps) await act(world);
      }),
      { numRuns: 100, examples: [[[step("pass 100", (world) => world.pass(100)), ...DUE_IN_A_ROUND]]] },
    );
  });

  it("are trusted though some API servers' clocks are behind, also just after a CA was made", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...ordinary, { arbitrary: slowClocks, weight: 4 }), { maxLength: 30 }),
        async (steps) => {
          const world = await start({ caMs: 1_800_000, leafMs: 600_000 });
          world.onTick = () => expect([...untrusted(world), ...outOfDate(world)]).toStrictEqual([]);
          for (const { act } of steps) await act(world);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("come back into order by themselves, whatever others did to Secret and caBundle", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...ordinary, { arbitrary: meddle, weight: 3 }), { maxLength: 20 }),
        async (steps) => {
          const world = await start();
          for (const { act } of steps) await act(world);
          for (const replica of world.replicas) {
            replica.skewMs = 0;
            if (replica.isStopping) replica.restart();
          }
          heal(world);
          await untilInOrder(world, 90_000);
        },
      ),
      { numRuns: 100 },
    );
  });
});
