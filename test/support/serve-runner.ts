/** `serve` in a process of its own; its options are JSON in the first argument. */
import { serve } from "../../src/cli/serve.ts";

process.exitCode = await serve(JSON.parse(process.argv[2] ?? "{}"));
