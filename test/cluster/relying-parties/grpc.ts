/** Calls of gRPC with one message in and one out: how HTTP/2 carries them. */
import type { Incoming, Reply } from "./listen.ts";

/** Codes of `grpc-status`. */
export const INVALID_ARGUMENT = 3;
export const UNAUTHENTICATED = 16;

const headers = { "content-type": "application/grpc" };
// Whether the message is compressed, and its length.
const PREFIX_BYTES = 5;

/** The message of a call. Throws for a compressed one. */
export const grpcMessage = ({ body }: Incoming): Buffer => {
  if (body.readUInt8(0) !== 0) throw new Error("the message is compressed");
  return body.subarray(PREFIX_BYTES, PREFIX_BYTES + body.readUInt32BE(1));
};

/** An answer that is a message. */
export const grpcReply = (message: Buffer): Reply => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return { status: 200, headers, body: Buffer.concat([prefix, message]), trailers: { "grpc-status": "0" } };
};

/** An answer that is an error. */
export const grpcFailure = (code: number, text: string): Reply => ({
  status: 200,
  headers,
  body: "",
  trailers: { "grpc-status": String(code), "grpc-message": encodeURIComponent(text) },
});
