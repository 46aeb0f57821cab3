/** What a review says of itself before its object: enough to answer one that is too large to be read. */
import { checkRequest, checkReview, type ReadRequest, type ReadReview } from "./review.ts";

/** A member of an object: where its value begins, and ends unless the text ends before. */
interface Member {
  readonly name: unknown;
  readonly start: number;
  readonly end: number | undefined;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /[^ \t\n\r,}\]]*/y;
const BRACKET_OR_QUOTE = /["[\]{}]/g;

const matchEnd = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
};

/** Behind the string that begins at `start`. */
const stringEnd = (text: string, start: number): number | undefined => {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return undefined;
    let before = at;
    while (text[before - 1] === "\\") before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
};

/** Behind the list or object that begins at `start`. */
const nestedEnd = (text: string, start: number): number | undefined => {
  let depth = 0;
  for (let at = start; ; ) {
    BRACKET_OR_QUOTE.lastIndex = at;
    const found = BRACKET_OR_QUOTE.exec(text);
    if (found === null) return undefined;
    const [character] = found;
    const end = character === '"' ? stringEnd(text, found.index) : found.index + 1;
    if (end === undefined) return undefined;
    if (character === "[" || character === "{") depth++;
    else if (character !== '"') depth--;
    if (depth === 0) return end;
    at = end;
  }
};

/** Behind the value that begins at `start`. */
const valueEnd = (text: string, start: number): number | undefined => {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first === "{" || first === "[") return nestedEnd(text, start);
  const end = matchEnd(SCALAR, text, start);
  return end < text.length ? end : undefined;
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** The members of the object that begins at `start`, up to where the text ends or is no JSON. */
function* membersOf(text: string, start: number): Generator<Member> {
  if (text[start] !== "{") return;
  for (let at = matchEnd(SPACE, text, start + 1); text[at] === '"'; ) {
    const nameEnd = stringEnd(text, at);
    if (nameEnd === undefined) return;
    const name = parse(text.slice(at, nameEnd));
    const colon = matchEnd(SPACE, text, nameEnd);
    if (text[colon] !== ":") return;
    const from = matchEnd(SPACE, text, colon + 1);
    const end = valueEnd(text, from);
    yield { name, start: from, end };
    if (end === undefined) return;
    at = matchEnd(SPACE, text, end);
    if (text[at] === ",") at = matchEnd(SPACE, text, at + 1);
  }
}

const BEFORE_OBJECT = new Set<unknown>(["uid", "resource", "subResource", "namespace", "operation"]);

/** What is known of the request that begins at `start`. Go writes all of it before the object, which may be anything. */
const requestAt = (text: string, start: number): Readonly<Record<string, unknown>> => {
  const request: Record<string, unknown> = {};
  for (const { name, start: from, end } of membersOf(text, start)) {
    if (name === "object" || name === "oldObject" || end === undefined) break;
    if (BEFORE_OBJECT.has(name)) request[String(name)] = parse(text.slice(from, end));
  }
  return request;
};

/** Without these it may be a pod's creation: between them Go writes a name as long as the pod's author made it. */
const NEEDED = ["resource", "operation"] as const;

/** The beginning of a body as far as it is there; a problem where it does not say enough. */
const bodyOf = (head: string): { readonly body: object } | { readonly problem: string } => {
  const review: Record<string, unknown> = {};
  for (const { name, start, end } of membersOf(head, matchEnd(SPACE, head, 0))) {
    if (name === "request") {
      const request = requestAt(head, start);
      const missing = NEEDED.find((member) => !Object.hasOwn(request, member));
      if (missing !== undefined) return { problem: `its beginning does not say request.${missing}` };
      review["request"] = request;
    } else if ((name === "kind" || name === "apiVersion") && end !== undefined)
      review[name] = parse(head.slice(start, end));
  }
  return { body: review };
};

/** Reads `head`, the beginning of a body; a problem where it does not say enough. The review is without its object. */
export const readHead = (head: string): ReadReview => {
  const read = bodyOf(head);
  return "problem" in read ? read : checkReview(read.body);
};

/** The same, whatever the request is about. */
export const readRequestHead = (head: string): ReadRequest | { readonly problem: string } => {
  const read = bodyOf(head);
  return "problem" in read ? read : checkRequest(read.body);
};
