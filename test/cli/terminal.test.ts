import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { createOutput } from "../../src/cli/terminal.ts";
import { ACCOUNT, POD } from "./manifests.ts";

const ESCAPE = "\u001b";
const NASTY = `${ESCAPE}[2J${ESCAPE}]0;title\u0007 \u009b31m \u202egpj.exe \u007f`;
const SHOWN = "\\u001b[2J\\u001b]0;title\\u0007 \\u009b31m \\u202egpj.exe \\u007f";

const open = (isTTY: boolean, env: NodeJS.ProcessEnv = {}) => {
  const written: string[] = [];
  const output = createOutput({ write: (text) => written.push(text), isTTY }, env);
  return { output, text: () => written.join("") };
};

/** What a terminal, or a pipe, is sent by `podpass` with `args`. */
const sent = async (args: readonly string[], stdin: string, isTTY: boolean) => {
  const out = open(isTTY);
  const err = open(isTTY);
  await run(args, { readStdin: async () => stdin, out: out.output, err: err.output });
  return { out: out.text(), err: err.text() };
};

describe("createOutput", () => {
  it("lets nothing act on a terminal but line breaks, tabs and its own colours", () => {
    const { output, text } = open(true);
    const { bold, red } = output.colors;
    output.write(`${NASTY}\t\r\n${bold(`a ${red(`b ${ESCAPE}[0m`)} c`)}\rover`);
    expect(text()).toBe(`${SHOWN}\t\r\n${ESCAPE}[1ma ${ESCAPE}[31mb \\u001b[0m${ESCAPE}[39m c${ESCAPE}[22m\\u000dover`);
  });

  it("sends a pipe every byte, with colours where they are asked for", () => {
    const plain = open(false);
    plain.output.write(plain.output.colors.red(NASTY));
    expect(plain.text()).toBe(NASTY);
    const colored = open(false, { FORCE_COLOR: "1" });
    colored.output.write(colored.output.colors.red(NASTY));
    expect(colored.text()).toBe(`${ESCAPE}[31m${NASTY}${ESCAPE}[39m`);
  });

  it("has no colours with NO_COLOR, and escapes all the same", () => {
    const { output, text } = open(true, { NO_COLOR: "1" });
    output.write(output.colors.green(NASTY));
    expect(text()).toBe(SHOWN);
  });
});

describe("a command", () => {
  const stdin = `${ACCOUNT}    # ${NASTY}\n---\n${POD.replace("nginx", `nginx # ${NASTY}`)}`;

  it.each([
    ["inject"],
    ["inject", "-o", "json"],
    ["inject", "-o", "diff", "--explain"],
    ["lint"],
    ["lint", "-o", "json"],
    ["inject", NASTY],
    ["presets", NASTY],
    ["trust", "aws", NASTY],
    ["token", NASTY, "--provider", "aws"],
  ])("sends a terminal nothing of a file's author to act on: %s %s %s", async (...args) => {
    const files = ["inject", "lint"].includes(args[0] ?? "") ? ["-f", "-"] : [];
    const { out, err } = await sent([...args.filter((arg) => arg !== undefined), ...files], stdin, true);
    const own = new RegExp(`${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m`, "g");
    expect((out + err).replace(own, "")).not.toMatch(/(?![\t\n])\p{Cc}|\u202e/u);
  });

  it("shows on a terminal what it sends through a pipe as it is", async () => {
    const piped = await sent(["inject", "-f", "-"], stdin, false);
    expect(piped.out).toContain(`image: nginx # ${NASTY}\n`);
    const shown = await sent(["inject", "-f", "-"], stdin, true);
    expect(shown.out).toContain(`image: nginx # ${SHOWN}\n`);
    const diff = await sent(["inject", "-f", "-", "-o", "diff"], stdin.replaceAll("\n", "\r\n"), true);
    expect(diff.out).toContain(`${ESCAPE}[32m+    volumeMounts:${ESCAPE}[39m\r\n`);
  });
});
