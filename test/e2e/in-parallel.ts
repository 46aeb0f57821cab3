/** Work on many things, a few at once. */

/** Does `work` for every item, at most `workers` at a time. */
export const inParallel = async <Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, worker));
};
