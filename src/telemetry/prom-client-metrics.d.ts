/** Each of prom-client's metrics of a process in a file of its own, which has no types. */
declare module "prom-client/lib/metrics/*.js" {
  const collect: (registry: import("prom-client").Registry) => void;
  export default collect;
}
