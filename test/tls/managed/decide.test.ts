import { describe, expect, it } from "vitest";
import { MAX_BUNDLE } from "../../../src/tls/managed/bundles.ts";
import { againAfter, decide, type Plan } from "../../../src/tls/managed/decide.ts";
import type { Ca, ConfigurationView, SecretView, View } from "../../../src/tls/managed/facts.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 1000 * DAY_MS;
const LONG_AGO = NOW_MS - DAY_MS;

/** A CA of 300 days, so many of which are over. */
const ca = (id: string, daysOver: number, isOwn = true): Ca => ({
  id,
  notBeforeMs: NOW_MS - daysOver * DAY_MS,
  notAfterMs: NOW_MS + (300 - daysOver) * DAY_MS,
  isOwn,
});

const [young, due, ended, future] = [ca("young", 10), ca("due", 201), ca("ended", 301), ca("future", -1)];

const usable = (current: Ca, previous?: Ca | "unusable"): SecretView => ({ state: "usable", ca: current, previous });

const bundle = (cas: readonly Ca[], changedMs = LONG_AGO, isTidy = true, seenForMs = 0): ConfigurationView => ({
  state: "present",
  kind: "MutatingWebhookConfiguration",
  name: "podpass",
  common: cas,
  all: cas,
  isTidy,
  changedMs,
  seenForMs,
});

const view = (parts: Partial<View> & { served?: Ca; leafEndMs?: number } = {}): View => {
  const { served, leafEndMs = served === undefined ? 0 : NOW_MS + DAY_MS, ...rest } = parts;
  return {
    nowMs: NOW_MS,
    secret: usable(young),
    configurations: [bundle([young])],
    replica: { served, leafEndMs, wasReady: served !== undefined },
    lifetimes: { caMs: 300 * DAY_MS, leafMs: DAY_MS },
    ...rest,
  };
};

const secretOf = ({ secret }: Plan): string =>
  secret.kind === "renew" ? `renew: ${secret.cause}, after ${secret.previous?.id ?? "none"}` : secret.kind;

describe("decide, about the Secret", () => {
  it.each<[string, View, string]>([
    ["leaves a good CA alone", view({ served: young }), "none"],
    ["makes a Secret that is not there", view({ secret: { state: "absent" }, served: young }), "make"],
    [
      "makes the first CA",
      view({ secret: { state: "empty" }, configurations: [bundle([])] }),
      "renew: empty, after none",
    ],
    [
      "remembers the CA that is served",
      view({ secret: { state: "empty" }, served: young }),
      "renew: empty, after young",
    ],
    [
      "makes another where the old one is spoilt",
      view({ secret: { state: "unusable", problem: "" }, served: young }),
      "renew: unusable, after young",
    ],
    [
      "does not remember one that has ended",
      view({ secret: { state: "empty" }, served: ended }),
      "renew: empty, after none",
    ],
    ["writes nothing over what it cannot read", view({ secret: { state: "unknown", problem: "" } }), "none"],
    [
      "follows one at two thirds of its life",
      view({ secret: usable(due), configurations: [bundle([due])], served: due }),
      "renew: due, after due",
    ],
    [
      "not before it is trusted itself",
      view({ secret: usable(due), configurations: [bundle([])], served: due }),
      "none",
    ],
    [
      "nor while that cannot be seen",
      view({
        secret: usable(due),
        configurations: [{ state: "unknown", kind: "MutatingWebhookConfiguration", name: "podpass", problem: "" }],
        served: due,
      }),
      "none",
    ],
    [
      "where there is no configuration, at once",
      view({
        secret: usable(due),
        configurations: [{ state: "idle", kind: "MutatingWebhookConfiguration", name: "podpass", problem: "" }],
        served: due,
      }),
      "renew: due, after due",
    ],
    ["replaces one that has ended", view({ secret: usable(ended), served: ended }), "renew: out-of-date, after none"],
    [
      "replaces one that begins tomorrow",
      view({ secret: usable(future), served: young }),
      "renew: out-of-date, after young",
    ],
    [
      "remembers one that has begun by another API server's clock alone",
      view({ secret: usable(future), served: future, configurations: [bundle([future])] }),
      "renew: out-of-date, after future",
    ],
    [
      "remembers it where nothing is served yet",
      view({ secret: usable(future), configurations: [bundle([future])] }),
      "renew: out-of-date, after future",
    ],
    ["forgets the one before once it has ended", view({ secret: usable(young, ended) }), "forget-previous"],
    ["forgets one before that is none", view({ secret: usable(young, "unusable") }), "forget-previous"],
    ["keeps the one before until then", view({ secret: usable(young, due) }), "none"],
  ])("%s", (_, given, expected) => {
    expect(secretOf(decide(given))).toBe(expected);
  });
});

describe("decide, about the leaf", () => {
  const settled = bundle([young, due]);
  const settling = bundle([young, due], NOW_MS - 9000);
  it.each<[string, View, Plan["leaf"]]>([
    ["signs the first one at once", view({ configurations: [bundle([])] }), "by-current"],
    ["has nothing to sign with", view({ secret: { state: "empty" } }), "keep"],
    ["keeps a good one", view({ served: young }), "keep"],
    ["renews it at two thirds", view({ served: young, leafEndMs: NOW_MS + DAY_MS / 3 }), "by-served"],
    [
      "renews it from memory while nothing can be read",
      view({ secret: { state: "unknown", problem: "" }, configurations: [], served: young, leafEndMs: NOW_MS + 1 }),
      "by-served",
    ],
    [
      "does not sign again what cannot last longer",
      view({
        nowMs: young.notAfterMs - 1000,
        secret: { state: "unknown", problem: "" },
        served: young,
        leafEndMs: young.notAfterMs,
      }),
      "keep",
    ],
    ["moves to the new CA once that is trusted", view({ configurations: [settled], served: due }), "by-current"],
    ["not while API servers may not have noticed", view({ configurations: [settling], served: due }), "keep"],
    [
      "not where one of two configurations lacks it",
      view({ configurations: [settled, bundle([due])], served: due }),
      "keep",
    ],
    [
      "nor where one cannot be read",
      view({
        configurations: [{ state: "unknown", kind: "MutatingWebhookConfiguration", name: "x", problem: "" }],
        served: due,
      }),
      "keep",
    ],
    [
      "at once where only the new one is trusted any more",
      view({ configurations: [bundle([young], NOW_MS)], served: due }),
      "by-current",
    ],
    ["at once where the old one has ended", view({ configurations: [bundle([])], served: ended }), "by-current"],
    [
      "not at once where the old one has only not begun by this API server's clock",
      view({ configurations: [bundle([young, future], NOW_MS)], served: future }),
      "keep",
    ],
    ["never to one that has ended", view({ secret: usable(ended), configurations: [settled], served: due }), "keep"],
  ])("%s", (_, given, expected) => {
    expect(decide(given).leaf).toBe(expected);
  });
});

describe("decide, about caBundles", () => {
  const many = Array.from({ length: 40 }, (_, index) => ca(`foreign-${index}`, 1, false));
  const ids = (given: View) => decide(given).bundles.map(({ cas }) => cas.map(({ id }) => id));
  const foreign = ca("foreign", 1, false);
  it.each<[string, View, readonly (readonly string[])[]]>([
    ["leaves a good one alone", view({ served: young }), []],
    ["fills an empty one", view({ configurations: [bundle([])] }), [["young"]]],
    [
      "announces the new CA beside the old one",
      view({ secret: usable(young, due), configurations: [bundle([due])] }),
      [["young", "due"]],
    ],
    [
      "keeps both until the old one has ended",
      view({ secret: usable(young), configurations: [bundle([young, due])] }),
      [],
    ],
    ["takes out what has ended, whose ever it is", view({ configurations: [bundle([young, ended])] }), [["young"]]],
    ["adds what is served, though the Secret does not know it", view({ served: due }), [["young", "due"]]],
    ["keeps somebody else's", view({ configurations: [bundle([foreign, young])] }), []],
    ["puts ours first beside somebody else's", view({ configurations: [bundle([foreign])] }), [["young", "foreign"]]],
    ["writes anew what has nonsense in it", view({ configurations: [bundle([young], LONG_AGO, false)] }), [["young"]]],
    [
      "knows of nothing to write without a CA",
      view({ secret: { state: "empty" }, configurations: [bundle([foreign])] }),
      [],
    ],
    [
      "proves that it may write before it makes another CA",
      view({ secret: { state: "unusable", problem: "" }, served: young }),
      [["young"]],
    ],
    [
      "proves it too where the old one has not begun by this API server's clock",
      view({ secret: usable(future), served: future, configurations: [bundle([future])] }),
      [["future"]],
    ],
    [
      "puts the new one in first beside one that has not begun by this API server's clock",
      view({ served: future, configurations: [bundle([future])] }),
      [["young", "future"]],
    ],
    [
      "keeps one that has not begun, though this replica knows nothing of it",
      view({ served: young, configurations: [bundle([future])] }),
      [["young", "future"]],
    ],
    [
      "heals with what is served while the Secret cannot be read",
      view({ secret: { state: "unknown", problem: "" }, configurations: [bundle([])], served: young }),
      [["young"]],
    ],
  ])("%s", (_, given, expected) => {
    expect(ids(given)).toStrictEqual(expected);
  });

  it(`holds ${MAX_BUNDLE} at most, and ours first of all`, () => {
    const [cas = []] = ids(view({ secret: usable(young, due), configurations: [bundle([...many, due])] }));
    expect(cas).toHaveLength(MAX_BUNDLE);
    expect(cas.slice(0, 2)).toStrictEqual(["young", "due"]);
  });
});

describe("againAfter", () => {
  it.each<[string, View, number]>([
    ["half a minute where nothing is to come", view({ served: young }), 30_000],
    ["seconds until it is ready", view({}), 3000],
    ["when a leaf is due", view({ served: young, leafEndMs: NOW_MS + DAY_MS / 3 + 5000 }), 5000],
    ["when a new CA is trusted", view({ configurations: [bundle([young, due], NOW_MS - 8000)], served: due }), 2000],
    ["a moment at least", view({ served: young, leafEndMs: NOW_MS + DAY_MS / 3 + 1 }), 250],
    ["not for what was due and is waited for", view({ served: young, leafEndMs: NOW_MS - 1 }), 30_000],
  ])("%s", (_, given, expected) => {
    expect(againAfter(given, given.nowMs)).toBe(expected);
  });

  it("is at once where something became due while another thing was being done", () => {
    const given = view({ served: young, leafEndMs: NOW_MS + DAY_MS / 3 - 500 });
    expect([NOW_MS - 700, NOW_MS - 300].map((decidedMs) => againAfter(given, decidedMs))).toStrictEqual([250, 30_000]);
  });
});
