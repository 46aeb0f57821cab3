/**
 * Loaded before Podpass, so that its machine's clock is as wrong as the file says that CLOCK_FILE names: in milliseconds,
 * read again all the time. What only grows is as it was, and so is the time that TLS goes by.
 */
import { readFileSync } from "node:fs";

const file = process.env["CLOCK_FILE"] ?? "";
const trueNow = Date.now;
let offsetMs = 0;

const read = (): void => {
  try {
    offsetMs = Number(readFileSync(file, "utf8"));
  } catch {
    offsetMs = 0;
  }
};

read();
setInterval(read, 100).unref();
Date.now = () => trueNow() + offsetMs;
