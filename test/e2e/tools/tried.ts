/** Which of the commands that `podpass trust` prints the tests run, and with what. The pages' table is made of this. */

/** A vendor's command-line tool, in the version that the tests run. */
export interface Tool {
  /** What people type. */
  readonly command: string;
  readonly registry: "PyPI" | "Go";
  /** The package's name in it. */
  readonly name: string;
  readonly version: string;
}

/** Commands of one preset that are run in a shell as they are printed. */
export interface Tried {
  readonly preset: string;
  readonly tool: Tool | "shell";
  /** How it was tried, for people. */
  readonly how?: string;
  /** The titles of the steps. */
  readonly titles: readonly string[];
}

/** Version 1 of it: version 2 is in no registry. */
export const aws: Tool = { command: "aws", registry: "PyPI", name: "awscli", version: "1.46.2" };
export const MOTO = "5.2.5";

export const azure: Tool = { command: "az", registry: "PyPI", name: "azure-cli", version: "2.91.0" };

/** The one in Python: the later one, in Go, is in none that the tests reach. */
export const conjur: Tool = { command: "conjur", registry: "PyPI", name: "conjur", version: "7.1.0" };

const kubectl: Tool = {
  command: "kubectl",
  registry: "Go",
  name: "k8s.io/kubernetes/cmd/kubectl",
  version: "1.37.2",
};

/** All of them; every other command counts as not tried. */
export const TRIED: readonly Tried[] = [
  {
    preset: "aws",
    tool: aws,
    how: `against moto ${MOTO}'s IAM`,
    titles: [
      "Register the cluster as an identity provider of the account.",
      "Create the role with its trust policy.",
      "Create the role with its trust policy for all of them.",
      "Let it assume the target role.",
      "In the target role's account: create it with its trust policy.",
    ],
  },
  {
    preset: "s3-sts",
    tool: aws,
    how: `against moto ${MOTO}'s IAM, in place of a store`,
    titles: [
      "Register the cluster as an identity provider of the store (Ceph).",
      "Create the role with its trust policy (Ceph).",
    ],
  },
  {
    preset: "azure",
    tool: azure,
    how: "up to the call of Azure",
    titles: [
      "Where the client ID is a managed identity's: add a federated credential to the identity.",
      "Where it is an application's: add one to the application instead.",
      "Add a flexible credential to the application.",
    ],
  },
  {
    preset: "azure-terraform",
    tool: azure,
    how: "up to the call of Azure",
    titles: [
      "Where the client ID is an application's: add a federated credential to the application.",
      "Where it is a managed identity's: add one to the identity instead.",
      "Add a flexible credential to the application.",
    ],
  },
  {
    preset: "conjur",
    tool: conjur,
    how: "against a stand-in",
    titles: [
      "Say where the keys are.",
      "Hand over the keys.",
      "Name the issuer.",
      "Name the audience.",
      "Load the host, and let it authenticate.",
    ],
  },
  {
    preset: "kubernetes",
    tool: kubectl,
    how: "on a real API server that was started with the printed document",
    titles: ["Give the user rights there."],
  },
  { preset: "gcp", tool: "shell", titles: ["Save the cluster's keys; do it again whenever they change."] },
  { preset: "vault", tool: "shell", titles: ["Save the role."] },
];

/** The titles that are tried of a preset. */
export const triedTitles = (preset: string): readonly string[] =>
  TRIED.filter((one) => one.preset === preset).flatMap(({ titles }) => titles);
