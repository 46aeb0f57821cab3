import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { endInPieces } from "../../src/http/pieces.ts";
import { eventually } from "../support/eventually.ts";

const serve = async (body: string): Promise<{ port: number; closed: () => number }> => {
  let closed = 0;
  const server = createServer((_request, response) => {
    const bytes = Buffer.byteLength(body);
    response.once("close", () => closed++);
    response.writeHead(200, { "content-length": bytes });
    endInPieces(response, body, bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, closed: () => closed };
};

it.each([
  ["nothing", ""],
  ["a usual answer", '{"allowed":true}'],
  ["one piece, to the byte", "x".repeat(64 * 1024)],
  ["one byte more", "x".repeat(64 * 1024 + 1)],
  ["many pieces", "0123456789".repeat(200_000)],
  ["letters of several bytes, cut within one", `x${"é".repeat(40_000)}${"😀".repeat(40_000)}`],
])("sends %s as it is", async (_name, body) => {
  const { port } = await serve(body);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  expect(await answer.text()).toBe(body);
});

it("stops where the client leaves", async () => {
  const { port, closed } = await serve("x".repeat(50_000_000));
  const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  socket.once("data", () => socket.destroy());
  await eventually(() => expect(closed()).toBe(1));
});
