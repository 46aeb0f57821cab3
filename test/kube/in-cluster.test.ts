import { describe, expect, it } from "vitest";
import { inClusterAccess, isInCluster, mountedNamespace } from "../../src/kube/in-cluster.ts";
import { MountedVolume, temporaryFolder } from "../support/folder.ts";

describe("access from inside a cluster", () => {
  it("says which file or variable is missing", async () => {
    const directory = temporaryFolder();
    const env = { KUBERNETES_SERVICE_HOST: "::1", KUBERNETES_SERVICE_PORT: "443" };
    // Both files are missing: whichever is noticed first, the same one is named.
    for (let i = 0; i < 50; i++)
      await expect(inClusterAccess({ env, directory }).read(false)).rejects.toThrow("token cannot be read");
    await expect(inClusterAccess({ env: {}, directory }).read(false)).rejects.toThrow("does not run in a pod");
    expect([isInCluster(env), isInCluster({})]).toStrictEqual([true, false]);
  });

  it("puts an IPv6 address into brackets", async () => {
    const volume = new MountedVolume(temporaryFolder());
    await volume.swap({ token: "t", "ca.crt": "ca" });
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    const { server } = await inClusterAccess({ env, directory: volume.folder }).read(false);
    expect(server.href).toBe("https://[fd00::1]:6443/");
  });

  it("knows the namespace of its pod, where it runs in one", async () => {
    const volume = new MountedVolume(temporaryFolder());
    await volume.swap({ namespace: "podpass-system\n" });
    expect(await mountedNamespace({ directory: volume.folder })).toBe("podpass-system");
    expect(await mountedNamespace({ directory: temporaryFolder() })).toBeUndefined();
  });
});
