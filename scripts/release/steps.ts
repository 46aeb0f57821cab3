/** What is left to do once a version is tagged: a shell script for the machines that build and publish. */

/** What is published, and on what. */
export interface Publication {
  readonly version: string;
  /** Where images go, without a tag: `registry.example.com/podpass`. */
  readonly image: string;
  /** Where charts go: `oci://registry.example.com/charts`. */
  readonly charts: string;
  /** Where the source is, for people who look at an image. */
  readonly source: string;
  /** The images of the Dockerfile's stages, each by its digest. */
  readonly buildBase: string;
  readonly runtimeBase: string;
}

const ARCHITECTURES = ["amd64", "arm64"] as const;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The script: `bash release.sh image` on a machine of each architecture, then once `index` and `chart`. Machines of their
 * own, since Node.js' compile cache is found again only on the architecture that made it.
 */
export const publishingScript = (publication: Publication): string => {
  const { version, image, charts } = publication;
  const settings = {
    BUILD_BASE: publication.buildBase,
    RUNTIME_BASE: publication.runtimeBase,
    VERSION: version,
    SOURCE: publication.source,
  };
  const buildArguments = Object.entries(settings).map(([name, value]) => `--build-arg ${quote(`${name}=${value}`)}`);
  const tag = `${image}:${version}`;
  const perArchitecture = ARCHITECTURES.map((architecture) => quote(`docker://${tag}-${architecture}`)).join(" ");
  return `#!/usr/bin/env bash
# Publishes Podpass ${version} from the checkout of its tag: image (on each architecture), then index and chart.
set -euo pipefail
[ "$(git rev-parse HEAD)" = "$(git rev-parse ${quote(`v${version}^{commit}`)})" ]
case "\${1:-}" in
image)
  architecture=$(uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
  buildah build --pull-always ${buildArguments.join(" ")} \\
    --build-arg "REVISION=$(git rev-parse HEAD)" --tag ${quote(tag)}-"$architecture" .
  buildah push ${quote(tag)}-"$architecture"
  ;;
index)
  buildah manifest create ${quote(tag)} ${perArchitecture}
  buildah manifest push --all ${quote(tag)} ${quote(`docker://${tag}`)}
  ;;
chart)
  helm package charts/podpass
  helm push ${quote(`podpass-${version}.tgz`)} ${quote(charts)}
  ;;
*)
  echo "usage: $0 image | index | chart" >&2
  exit 2
  ;;
esac
`;
};
