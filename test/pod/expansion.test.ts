import { describe, expect, it } from "vitest";
import { expand, expandEnv } from "../../src/pod/expansion.ts";

/** The cases of Kubernetes' own `third_party/forked/golang/expansion/expand_test.go`, where variables are known. */
const VALUES: Readonly<Record<string, string>> = {
  VAR_A: "A",
  VAR_B: "B",
  VAR_C: "C",
  VAR_REF: "$(VAR_A)",
  VAR_EMPTY: "",
};
const lookUp = (name: string): string | undefined => (name === "UNKNOWN" ? undefined : (VALUES[name] ?? `$(${name})`));
const expanded = (value: string, max = 100): string | undefined => expand(value, lookUp, max);

describe("a value", () => {
  it.each([
    ["$(VAR_A)", "A"],
    ["___$(VAR_B)___", "___B___"],
    ["$(VAR_A)_$(VAR_B)$(VAR_C)", "A_BC"],
    ["$(VAR_A)_$(VAR_A)", "A_A"],
    ["$(VAR_REF)_$(VAR_REF)", "$(VAR_A)_$(VAR_A)"],
    ["foo-$(VAR_EMPTY)", "foo-"],
    ["$(VAR_DNE)", "$(VAR_DNE)"],
    ["$(VAR:A)", "$(VAR:A)"],
    ["$()", "$()"],
    ["$$_boo_$(VAR_A)", "$_boo_A"],
    ["$$(VAR_A)", "$(VAR_A)"],
    ["$$$(VAR_A)", "$A"],
    ["$$$$$(VAR_A)", "$$A"],
    ["f000-$$VAR_A", "f000-$VAR_A"],
    ["foo\\$(VAR_C)bar", "foo\\Cbar"],
    ["$VAR_A", "$VAR_A"],
    ["${VAR_A}", "${VAR_A}"],
    ["$", "$"],
    ["a$", "a$"],
    ["$(", "$("],
    ["$(VAR_A", "$(VAR_A"],
    ["$(VAR_A $(VAR_B)", "$(VAR_A $(VAR_B)"],
    ["$(VAR_A)$(", "A$("],
    ["((VAR_A)) $ (VAR_B)", "((VAR_A)) $ (VAR_B)"],
  ])("%s is %s", (value, expected) => {
    expect(expanded(value)).toBe(expected);
  });

  it.each([
    ["that names what is not known", "a$(UNKNOWN)b", 100],
    ["beside what is known", "$(VAR_A)$(UNKNOWN)", 100],
    ["that is too long by a reference", "$(VAR_DNE)$(VAR_DNE)", 19],
    ["that is too long behind one", "$(VAR_A)-------------------", 19],
  ])("%s is not known", (_name, value, max) => {
    expect(expanded(value, max)).toBeUndefined();
  });
});

describe("the variables of a container", () => {
  const none = () => false;

  it("know those before them, and nothing of those behind them", () => {
    const env = [
      { name: "A", value: "1" },
      { name: "B", value: "$(A)$(C)" },
      { name: "C", value: "3" },
      { name: "A", value: "$(A)$(B)$(C)" },
      { name: "EMPTY" },
      { name: "E", value: "-$(EMPTY)-" },
    ];
    const expected = { A: "11$(C)3", B: "1$(C)", C: "3", EMPTY: "", E: "--" };
    expect(Object.fromEntries(expandEnv(env, none))).toEqual(expected);
  });

  it("are not known where a reference leads to what is not", () => {
    const env = [
      { name: "A", valueFrom: {} },
      { name: "B", value: "$(A)" },
      { name: "C", value: "$(B)" },
      { name: "D", value: "$(X)" },
      { name: "E", value: "$(Y)" },
    ];
    const expected = { A: undefined, B: undefined, C: undefined, D: undefined, E: "$(Y)" };
    expect(Object.fromEntries(expandEnv(env, (name) => name === "X"))).toEqual(expected);
  });

  it("end where references to references would fill the memory", () => {
    const doubled = Array.from({ length: 2000 }, (_, index) => ({
      name: `V${index + 1}`,
      value: `$(V${index})$(V${index})`,
    }));
    const values = expandEnv([{ name: "V0", value: "x" }, ...doubled, { name: "LAST", value: "$$" }], none);
    expect(values.get("V5")).toHaveLength(32);
    expect(values.get("V2000")).toBeUndefined();
    expect(values.get("LAST")).toBe("$");
    expect([...values.values()].join("").length).toBeLessThan(10_000);
  });

  it("are read in time that is linear in them", () => {
    const open = "$(".repeat(500_000);
    expect(expandEnv([{ name: "A", value: open }], none).get("A")).toBeUndefined();
    expect(expand(open, () => undefined, 2_000_000)).toBe(open);
  });
});
