/** Runs a command in this process and keeps what it writes, for pages that show it. */
import { run } from "../src/cli/program.ts";
import { createOutput } from "../src/cli/terminal.ts";

/** What `podpass ...args` writes to both outputs; plain, 100 characters wide. */
export const outputOf = async (args: readonly string[]): Promise<string> => {
  let written = "";
  const stream = {
    columns: 100,
    write: (text: string) => {
      written += text;
    },
  };
  const output = createOutput(stream, { NO_COLOR: "1" });
  await run(args, { out: output, err: output, readStdin: async () => "" });
  return written;
};

const CONSOLE = /^```console\n\$ npm run -s podpass -- (.*)\n[\s\S]*?^```$/gm;

/** `page` with the real output in each block of a `podpass` command. */
export const withRealOutput = async (page: string): Promise<string> => {
  const outputs = new Map<string, string>();
  for (const [, command = ""] of page.matchAll(CONSOLE)) outputs.set(command, await outputOf(command.split(" ")));
  return page.replace(
    CONSOLE,
    (_, command: string) => `\`\`\`console\n$ npm run -s podpass -- ${command}\n${outputs.get(command)}\`\`\``,
  );
};
