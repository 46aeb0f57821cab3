/** A configuration with a policy of tokens, ServiceAccounts for it, and what it forbids: told without Podpass. */

// biome-ignore lint/suspicious/noExplicitAny: it reads any JSON.
type Any = any;

const SIX = [1, 2, 3, 4, 5, 6];
const MIN_SECONDS = 600;
const MAX_SECONDS = 7200;

const provider = (index: number): object => ({
  token: {
    audience: `https://p${index}.example.com`,
    mountPath: `/var/run/secrets/p${index}`,
    fileName: "token",
    expirationSeconds: { default: 3600, min: 600, max: 86_400 },
  },
  parameters: { value: { required: true, pattern: "^(?:v+)+$", description: "A value.", example: "v" } },
  env: { [`P${index}_A`]: "${parameter.value}", [`P${index}_FILE`]: "${token.file}" },
});

/** The configuration below its header. */
export const SECTIONS = {
  providers: {
    aws: { preset: "aws", parameters: { "role-arn": { pattern: "^arn:aws:iam::(?:[0-9]+)*:role/(?:.+)+$" } } },
    ...Object.fromEntries(SIX.map((index) => [`p${index}`, provider(index)])),
  },
  policy: {
    tokens: {
      expirationSeconds: { min: MIN_SECONDS, max: MAX_SECONDS, violation: "Clamp" },
      audiences: { allow: ["https://internal.example.com", "a*b*c"], violation: "Deny" },
    },
    podOverrides: ["expiration-seconds"],
  },
};

const AWS = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
  "aws.podpass.dev/expiration-seconds": "86400",
};

/** The annotations of each ServiceAccount. */
export const ACCOUNTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: AWS,
  six: {
    "podpass.dev/federate": SIX.map((index) => `p${index}`).join(),
    ...Object.fromEntries(SIX.map((index) => [`p${index}.podpass.dev/value`, "v".repeat(1024)])),
  },
  filtered: { ...AWS, "aws.podpass.dev/only-containers": Array.from({ length: 999 }, (_, i) => `c${i}`).join() },
  "not-federated": {},
};

const ALLOWED: readonly RegExp[] = [
  /^https:\/\/internal\.example\.com$/u,
  /^a.*b.*c$/su,
  /^sts\.amazonaws\.com$/u,
  /^https:\/\/p[1-6]\.example\.com$/u,
];

const isForbidden = ({ audience, expirationSeconds = 3600, path }: Any): boolean => {
  if (!audience && expirationSeconds === 3607 && path === "token") return false;
  const seconds = expirationSeconds ?? 3600;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return true;
  return !!audience && !ALLOWED.some((pattern) => pattern.test(audience));
};

/** How many tokens of `pod` are for an audience that is not allowed, or live too long or too short. */
export const forbiddenTokens = (pod: Any): number => {
  const volumes: Any = pod?.spec?.volumes;
  if (!Array.isArray(volumes)) return 0;
  const sources = volumes.flatMap((volume: Any) => volume?.projected?.sources ?? []);
  return sources.filter((source: Any) => source?.serviceAccountToken && isForbidden(source.serviceAccountToken)).length;
};
