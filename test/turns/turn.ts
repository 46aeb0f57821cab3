/** The turn of the file that this process runs. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { inject } from "vitest";

let held: Socket | undefined;

/** Gives the file's turn back, so that others run while it waits or when it is over. */
export const endTurn = async (): Promise<void> => {
  const socket = held;
  held = undefined;
  if (socket === undefined || socket.closed) return;
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
};

/** Gives the file's turn back and waits for one on `cores`, which may take as long as other files do; 0 needs none. */
export const takeTurn = async (cores: number): Promise<void> => {
  await endTurn();
  if (cores === 0) return;
  const socket = connect(inject("turns"));
  held = socket;
  socket.write(String(cores));
  await once(socket, "data");
  // It ends with this process, and keeps nothing running.
  socket.unref();
};
