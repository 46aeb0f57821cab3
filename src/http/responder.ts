/** From a body to the answer on its way. */
import type { FastifyReply } from "fastify";
import type { Answer } from "../admission/answer.ts";
import type { BusyReviewer } from "../admission/busy.ts";
import type { Reviewer } from "../admission/handler.ts";
import type { UnreadReviewer } from "../admission/unread.ts";
import type { ReceivedBody } from "./bodies.ts";
import { LargeBody } from "./large-body.ts";
import { Share } from "./share.ts";
import { UnsentAnswers } from "./unsent.ts";

/** What requests are answered with. */
export interface AnsweringPorts {
  readonly review: Reviewer;
  readonly reviewUnread: UnreadReviewer;
  readonly reviewBusy: BusyReviewer;
  /** Told of each answer once it is on its way. */
  readonly answered: (answer: Answer, milliseconds: number) => void;
  /** While true, each answer closes its connection, so that clients look for another replica. */
  readonly isDraining: () => boolean;
}

/** Answers requests. */
export interface Responder {
  /** Reviews what was received, and answers. */
  respond(body: ReceivedBody, budgetMs: number, reply: FastifyReply): void;
  /** Sends an answer. */
  finish(reply: FastifyReply, answer: Answer, startedMs: number): void;
}

interface Sending {
  readonly reply: FastifyReply;
  readonly answer: Answer;
  /** Is the connection closed with it? */
  readonly isLast: boolean;
  readonly unsent: UnsentAnswers;
}

// Written by hand: Fastify's `send` looks at the payload's type, hooks and headers again for each request.
const send = ({ reply, answer, isLast, unsent }: Sending): void => {
  const { status, body } = answer;
  const bytes = Buffer.byteLength(body);
  reply.hijack();
  unsent.sending(reply.raw, bytes);
  reply.raw.writeHead(status, {
    "content-type": status === 200 ? "application/json" : "text/plain; charset=utf-8",
    "content-length": bytes,
    ...(status === 503 && { "retry-after": "1" }),
    ...(isLast && { connection: "close" }),
  });
  // One byte for each character is ASCII, which Node.js writes faster where it need not look for anything else.
  reply.raw.end(body, bytes === body.length ? "latin1" : "utf8");
};

/** Makes what answers requests. */
export const createResponder = ({
  review,
  reviewUnread,
  reviewBusy,
  answered,
  isDraining,
}: AnsweringPorts): Responder => {
  const unsent = new UnsentAnswers();
  const share = new Share();
  const end = (reply: FastifyReply, answer: Answer, startedMs: number, isLast: boolean): void => {
    send({ reply, answer, isLast, unsent });
    answered(answer, performance.now() - startedMs);
  };
  const finish = (reply: FastifyReply, answer: Answer, startedMs: number): void =>
    end(reply, answer, startedMs, isDraining());

  const respondToText = (text: string, budgetMs: number, reply: FastifyReply, large?: LargeBody): void => {
    const startedMs = performance.now();
    const finished = (answer: Answer): void => {
      large?.release();
      finish(reply, answer, startedMs);
    };
    const answer = review(text, budgetMs);
    if (answer instanceof Promise) void answer.then(finished);
    else finished(answer);
  };

  const respondToLarge = (body: LargeBody, budgetMs: number, reply: FastifyReply): void => {
    const read = body.take();
    if ("text" in read) {
      respondToText(read.text, budgetMs, reply, body);
      return;
    }
    const answer = "breach" in read ? reviewUnread(read.head, read.breach) : reviewBusy(read.head, budgetMs);
    // Even while draining: the client may still write, and takes a connection that closes meanwhile for a failed call.
    end(reply, answer, performance.now(), false);
  };

  const respond = (body: ReceivedBody, budgetMs: number, reply: FastifyReply): void => {
    if (typeof body === "string")
      share.add(reply.raw.req.socket, body.length, () => respondToText(body, budgetMs, reply));
    else if (body instanceof LargeBody) respondToLarge(body, budgetMs, reply);
    else finish(reply, body, performance.now());
  };
  return { respond, finish };
};
