/** The answer to a large review for which there is no memory now, since too many come at once. */
import { type Answer, BUSY } from "./answer.ts";
import { answerWithoutPod, type ReviewPorts } from "./handler.ts";
import { readHead } from "./head.ts";
import { answerUnread } from "./unread.ts";

/** Answers a review of which only `head` is there, its beginning; `budgetMs` is the time its API server gives. */
export type BusyReviewer = (head: string, budgetMs: number) => Answer;

/** The API server asks again after a second, so with less than this it could not. */
const ENOUGH_FOR_ANOTHER_MS = 2500;

/** Reviews that are remembered for having been put off; of more than these the oldest are put off once more. */
const MAX_REMEMBERED = 512;

/**
 * Makes the function that answers them: 503 the first time, so that the API server asks again under the same uid; then a
 * refusal. Were it put off until the API server's time is over, `failurePolicy: Ignore` would let it pass unjudged.
 */
export const createBusyReviewer = ({ settings }: ReviewPorts): BusyReviewer => {
  const putOff = new Set<string>();
  const isFirstTime = (uid: string): boolean => {
    if (putOff.delete(uid)) return false;
    putOff.add(uid);
    const [oldest] = putOff;
    if (putOff.size > MAX_REMEMBERED && oldest !== undefined) putOff.delete(oldest);
    return true;
  };
  return (head, budgetMs) => {
    const read = readHead(head);
    if ("problem" in read || answerWithoutPod(read.review) !== undefined) return BUSY;
    const { review } = read;
    if (isFirstTime(review.uid) && budgetMs >= ENOUGH_FOR_ANOTHER_MS) return BUSY;
    return answerUnread(review, "busy", "too many large reviews came at once; create it again", settings());
  };
};
