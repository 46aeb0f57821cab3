/** Answering reviews of ServiceAccounts with what is loaded when the first one comes: hardly any write is one. */
import type { AccountReviewer } from "../admission/account-handler.ts";
import { type Answer, failed } from "../admission/answer.ts";
import type { Settings } from "../configuration/settings.ts";

/** As {@link AccountReviewer}; neither function throws, and no promise rejects. */
export interface LazyAccountReviewer {
  review(...of: Parameters<AccountReviewer["review"]>): Answer | Promise<Answer>;
  reviewUnread(...of: Parameters<AccountReviewer["reviewUnread"]>): Answer | Promise<Answer>;
}

/** Makes what answers them; nothing is loaded yet. */
export const createLazyAccountReviewer = (settings: () => Settings): LazyAccountReviewer => {
  let loaded: AccountReviewer | undefined;
  const load = async (answer: (reviewer: AccountReviewer) => Answer): Promise<Answer> => {
    try {
      const { createAccountReviewer } = await import("../admission/account-handler.ts");
      loaded ??= createAccountReviewer(settings);
      return answer(loaded);
    } catch (error) {
      return failed("internal-error", "an internal error; Podpass' log has it", error);
    }
  };
  const using = (answer: (reviewer: AccountReviewer) => Answer): Answer | Promise<Answer> =>
    loaded === undefined ? load(answer) : answer(loaded);
  return {
    review: (body) => using((reviewer) => reviewer.review(body)),
    reviewUnread: (head, breach) => using((reviewer) => reviewer.reviewUnread(head, breach)),
  };
};
