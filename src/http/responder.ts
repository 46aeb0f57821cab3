/** From a body to the answer on its way. */
import type { ServerResponse } from "node:http";
import { type Answer, BUSY, failed, type Reviewed } from "../admission/answer.ts";
import type { BusyReviewer } from "../admission/busy.ts";
import type { Reviewer } from "../admission/handler.ts";
import type { UnreadReviewer } from "../admission/unread.ts";
import type { LazyAccountReviewer } from "./account-reviewer.ts";
import type { ReceivedBody } from "./bodies.ts";
import type { Garbage } from "./garbage.ts";
import { type BodyRead, LargeBody } from "./large-body.ts";
import { endInPieces } from "./pieces.ts";
import { Share } from "./share.ts";
import type { Target } from "./target.ts";
import { UnsentAnswers } from "./unsent.ts";

/** What requests are answered with. */
export interface AnsweringPorts {
  readonly review: Reviewer;
  readonly reviewUnread: UnreadReviewer;
  readonly reviewBusy: BusyReviewer;
  /** Of ServiceAccounts. */
  readonly accounts: LazyAccountReviewer;
  /** Told of each answer once it is on its way. */
  readonly answered: (answer: Answer, milliseconds: number, reviewed: Reviewed) => void;
  /** While true, each answer closes its connection, so that clients look for another replica. */
  readonly isDraining: () => boolean;
}

/** The same, and what its server collects. */
export interface RespondingPorts extends AnsweringPorts {
  readonly garbage: Garbage;
}

/** A request that is being answered. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly target: Target;
  /** When the last of the request was there, of which its budget begins. */
  readonly startedMs: number;
}

/** Answers requests. */
export interface Responder {
  /** Reviews what was received, and answers; never throws. */
  respond(body: ReceivedBody, target: Target, response: ServerResponse): void;
  /** Sends an answer. */
  finish(answer: Answer, exchange: Exchange): void;
}

interface Sending {
  readonly response: ServerResponse;
  readonly answer: Answer;
  /** Of the answer's body. */
  readonly bytes: number;
  /** Is the connection closed with it? */
  readonly isLast: boolean;
}

const send = ({ response, answer, bytes, isLast }: Sending): void => {
  const { status, body } = answer;
  response.writeHead(status, {
    "content-type": status === 200 ? "application/json" : "text/plain; charset=utf-8",
    "content-length": bytes,
    ...(status === 503 && { "retry-after": "1" }),
    ...(isLast && { connection: "close" }),
  });
  endInPieces(response, body, bytes);
};

/** Makes what answers requests. */
export const createResponder = ({
  review,
  reviewUnread,
  reviewBusy,
  accounts,
  answered,
  isDraining,
  garbage,
}: RespondingPorts): Responder => {
  const unsent = new UnsentAnswers();
  const share = new Share(() => unsent.isMuch());
  const end = (answer: Answer, { response, target, startedMs }: Exchange, isLast: boolean): void => {
    const bytes = Buffer.byteLength(answer.body);
    unsent.sending(response, bytes);
    send({ response, answer, bytes, isLast });
    garbage.wasAnswered(bytes);
    answered(answer, performance.now() - startedMs, target.reviewed);
  };
  const finish = (answer: Answer, exchange: Exchange): void => end(answer, exchange, isDraining());

  const respondToText = (text: string, exchange: Exchange, large?: LargeBody): void => {
    const { target, startedMs } = exchange;
    const finished = (answer: Answer): void => {
      large?.release();
      finish(answer, exchange);
    };
    const leftMs = target.budgetMs - (performance.now() - startedMs);
    // Two calls: with one for both, V8 would compile no review into what surrounds it.
    const answer = target.reviewed === "pods" ? review(text, Math.max(0, leftMs)) : accounts.review(text);
    if (answer instanceof Promise) void answer.then(finished);
    else finished(answer);
  };

  const answerUnread = (read: Exclude<BodyRead, { text: string }>, { reviewed, budgetMs }: Target) => {
    if (reviewed === "pods")
      return "breach" in read ? reviewUnread(read.head, read.breach) : reviewBusy(read.head, budgetMs);
    // Put off, however often: were it let pass unjudged, its pods would be judged all the same.
    return "breach" in read ? accounts.reviewUnread(read.head, read.breach) : BUSY;
  };

  const respondToLarge = (body: LargeBody, exchange: Exchange): void => {
    const read = body.take();
    if ("text" in read) {
      respondToText(read.text, exchange, body);
      return;
    }
    // Even while draining: the client may still write, and takes a connection that closes meanwhile for a failed call.
    const finished = (answer: Answer): void => end(answer, exchange, false);
    const answer = answerUnread(read, exchange.target);
    if (answer instanceof Promise) void answer.then(finished);
    else finished(answer);
  };

  const answerWithFault = (error: unknown, exchange: Exchange): void => {
    const fault = failed("internal-error", "an internal error; Podpass' log has it", error);
    // Half an answer is worse than none.
    if (exchange.response.headersSent) exchange.response.destroy();
    else finish(fault, exchange);
  };

  const guarded = (exchange: Exchange, work: () => void): void => {
    try {
      work();
    } catch (error) {
      answerWithFault(error, exchange);
    }
  };

  const respond = (body: ReceivedBody, target: Target, response: ServerResponse): void => {
    const startedMs = body instanceof LargeBody ? body.receivedMs : performance.now();
    const exchange = { response, target, startedMs };
    const answerText = (text: string) => guarded(exchange, () => respondToText(text, exchange));
    if (typeof body === "string") share.add(response.req.socket, body.length, () => answerText(body));
    else if (body instanceof LargeBody) guarded(exchange, () => respondToLarge(body, exchange));
    else finish(body, exchange);
  };
  return { respond, finish };
};
