/** From a body to the answer on its way. */
import type { ServerResponse } from "node:http";
import { type Answer, failed } from "../admission/answer.ts";
import type { BusyReviewer } from "../admission/busy.ts";
import type { Reviewer } from "../admission/handler.ts";
import type { UnreadReviewer } from "../admission/unread.ts";
import type { ReceivedBody } from "./bodies.ts";
import { LargeBody } from "./large-body.ts";
import { endInPieces } from "./pieces.ts";
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
  /** Reviews what was received, and answers; never throws. */
  respond(body: ReceivedBody, budgetMs: number, response: ServerResponse): void;
  /** Sends an answer. */
  finish(response: ServerResponse, answer: Answer, startedMs: number): void;
}

interface Sending {
  readonly response: ServerResponse;
  readonly answer: Answer;
  /** Is the connection closed with it? */
  readonly isLast: boolean;
  readonly unsent: UnsentAnswers;
}

const send = ({ response, answer, isLast, unsent }: Sending): void => {
  const { status, body } = answer;
  const bytes = Buffer.byteLength(body);
  unsent.sending(response, bytes);
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
  answered,
  isDraining,
}: AnsweringPorts): Responder => {
  const unsent = new UnsentAnswers();
  const share = new Share();
  const end = (response: ServerResponse, answer: Answer, startedMs: number, isLast: boolean): void => {
    send({ response, answer, isLast, unsent });
    answered(answer, performance.now() - startedMs);
  };
  const finish = (response: ServerResponse, answer: Answer, startedMs: number): void =>
    end(response, answer, startedMs, isDraining());

  const respondToText = (text: string, budgetMs: number, response: ServerResponse, large?: LargeBody): void => {
    const startedMs = performance.now();
    const finished = (answer: Answer): void => {
      large?.release();
      finish(response, answer, startedMs);
    };
    const answer = review(text, budgetMs);
    if (answer instanceof Promise) void answer.then(finished);
    else finished(answer);
  };

  const respondToLarge = (body: LargeBody, budgetMs: number, response: ServerResponse): void => {
    const read = body.take();
    if ("text" in read) {
      respondToText(read.text, budgetMs, response, body);
      return;
    }
    const answer = "breach" in read ? reviewUnread(read.head, read.breach) : reviewBusy(read.head, budgetMs);
    // Even while draining: the client may still write, and takes a connection that closes meanwhile for a failed call.
    end(response, answer, performance.now(), false);
  };

  const answerWithFault = (error: unknown, response: ServerResponse): void => {
    const fault = failed("internal-error", "an internal error; Podpass' log has it", error);
    // Half an answer is worse than none.
    if (response.headersSent) response.destroy();
    else finish(response, fault, performance.now());
  };

  const guarded = (response: ServerResponse, work: () => void): void => {
    try {
      work();
    } catch (error) {
      answerWithFault(error, response);
    }
  };

  const respond = (body: ReceivedBody, budgetMs: number, response: ServerResponse): void => {
    const textOf = (text: string) => guarded(response, () => respondToText(text, budgetMs, response));
    if (typeof body === "string") share.add(response.req.socket, body.length, () => textOf(body));
    else if (body instanceof LargeBody) guarded(response, () => respondToLarge(body, budgetMs, response));
    else finish(response, body, performance.now());
  };
  return { respond, finish };
};
