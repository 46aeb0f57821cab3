/** What Podpass needs of a ServiceAccount. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string>;
}
