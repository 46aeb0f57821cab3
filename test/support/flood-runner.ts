/**
 * Clients that send the largest bodies there are, all at once, in a process of their own: their work must not be measured
 * with the server's. Arguments: the port, a file with the CA, how many clients, and how many bytes each leaves unsent. A
 * line on standard output when all was sent or answered, with the number of answers.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { POD_LIMITS } from "../../src/reasons/limits.ts";
import { reviewText } from "./reviews.ts";

const [port, ca, clients, unsent] = process.argv.slice(2);
const text = reviewText().replace(
  '"image":',
  () => `"args":["é${"x".repeat(POD_LIMITS["too-large"].max - 20_000)}"],"image":`,
);
const body = Buffer.from(text);
const sent = body.subarray(0, body.length - Number(unsent));
const head = `POST /mutate/pods?timeout=5s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;

let answers = 0;
const send = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: Number(port), ca: readFileSync(String(ca), "utf8") }, () => {
      socket.write(head);
      socket.write(sent, () => sent.length < body.length && resolve());
    });
    socket.once("data", () => {
      answers++;
      resolve();
    });
    socket.on("error", () => resolve());
  });

await Promise.all(Array.from({ length: Number(clients) }, send));
process.stdout.write(`${answers}\n`);
