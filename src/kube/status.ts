/** What the API server says where it does not do what it was asked. */
import { string } from "./object-parts.ts";

/** A Status object. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** Of a message, which goes into logs and sentences. */
const MAX_MESSAGE_LENGTH = 200;

/** The Status among the members of an object that is one; what is missing is 0 or empty. */
export const statusOf = (members: Readonly<Record<string, unknown>>): Status => ({
  code: typeof members["code"] === "number" ? members["code"] : 0,
  reason: string(members["reason"]),
  message: string(members["message"]).slice(0, MAX_MESSAGE_LENGTH),
});

/** The Status that an error's body is, or undefined: a proxy's own error page, for example. */
export const readStatus = (text: string): Status | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const members = value as Readonly<Record<string, unknown>>;
    return members["kind"] === "Status" ? statusOf(members) : undefined;
  } catch {
    return undefined;
  }
};

/** An answer's HTTP status and the Status in its body as a sentence: `the API server answered 403 Forbidden: …`. */
export const describeStatus = (code: number, status: Status | undefined): string =>
  `the API server answered ${code}${status === undefined ? "" : ` ${status.reason}: ${status.message}`}`;

/**
 * Does the answer say that the object is not there? Only the API server's own word counts: a proxy's 404 would let a pod
 * start without its identity.
 */
export const isNotFound = (code: number, status: Status | undefined): boolean =>
  code === 404 && status?.reason === "NotFound";
