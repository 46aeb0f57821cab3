/** Pods in the API server's protobuf, as few fields of them as tests need. */
import { message, number } from "../cluster/protobuf.ts";

/** What is in the pod. */
export interface ProtobufPod {
  readonly name: string;
  readonly serviceAccountName: string;
  /** See {@link emptyContainers} and {@link containerWith}. */
  readonly containers: Uint8Array;
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** So many containers without anything, two bytes each. */
export const emptyContainers = (count: number): Uint8Array => Buffer.alloc(count * 2, message(2, ""));

/** One container with an argument, in which each character of ASCII takes one byte. */
export const containerWith = (argument: string): Uint8Array =>
  message(2, Buffer.concat([message(1, "main"), message(2, "example.com/none"), message(4, argument)]));

/** The content type of it. */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** The numbers are those of k8s.io/api/core/v1/generated.proto and k8s.io/apimachinery/pkg/runtime/generated.proto. */
export const protobufPod = (pod: ProtobufPod): Buffer => {
  const token = Buffer.concat([message(1, pod.audience), number(2, pod.expirationSeconds), message(3, "token")]);
  const projected = message(1, message(4, token));
  const volume = Buffer.concat([message(1, "own"), message(2, message(26, projected))]);
  const spec = [message(1, volume), pod.containers, message(8, pod.serviceAccountName)];
  const raw = Buffer.concat([message(1, message(1, pod.name)), message(2, Buffer.concat(spec))]);
  const type = Buffer.concat([message(1, "v1"), message(2, "Pod")]);
  return Buffer.concat([Buffer.from("k8s\0"), message(1, type), message(2, raw)]);
};
