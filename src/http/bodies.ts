/** Reading bodies: a usual pod's as fast as can be, and every other within bounds. */
import type { IncomingMessage } from "node:http";
import { type Answer, badRequest } from "../admission/answer.ts";
import { LargeBody, type LargeBodyPorts } from "./large-body.ts";
import { hasLargeBody } from "./pace.ts";

/** Pieces of a small body; sent byte by byte, each would take more memory than all of them hold. */
const MAX_CHUNKS = 16;

/** A body, or the answer where there is none to be read. */
export type ReceivedBody = string | LargeBody | Answer;

/** Told once. */
type OnBody = (body: ReceivedBody) => void;

const COMPRESSED = badRequest(415, "wrong-content-type", "the body has a content-encoding; allowed: none");
const CUT = badRequest(400, "not-a-review", "the body could not be read");

const readSmall = (request: IncomingMessage, onBody: OnBody): void => {
  let chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => {
    if (chunks.push(chunk) === MAX_CHUNKS) chunks = [Buffer.concat(chunks)];
  });
  request.on("end", () => {
    const [first, second] = chunks;
    onBody(first !== undefined && second === undefined ? first.toString() : Buffer.concat(chunks).toString());
  });
  request.on("error", () => onBody(CUT));
};

/** Reads the body of `request`; what is wrong with it is an answer. */
export const readBody = (request: IncomingMessage, ports: LargeBodyPorts, onBody: OnBody): void => {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") onBody(COMPRESSED);
  else if (hasLargeBody(request)) new LargeBody(request, ports, (body) => onBody(body ?? CUT));
  else readSmall(request, onBody);
};
